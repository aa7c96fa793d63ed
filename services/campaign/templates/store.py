"""SQL of templates."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.campaign.templates.domain import Template, TemplateType
from services.common.db.uow import UnitOfWork

_TEMPLATE = (
    "template_id, name, channel, template_type, category, description, active_version, active_version_id, "
    "is_system, version, created_by, created_at"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which templates a list shows; zero means all."""

    channel: int = 0
    template_type: int = 0
    category: int = 0
    active_only: bool = False
    language: str = ""
    approval_state: int = 0

    def takes(self, template: Template, languages: Collection[str]) -> bool:
        """Returns whether a template of the platform, with its languages, is shown."""
        return (
            self.channel in (0, template.channel)
            and self.template_type in (0, template.template_type)
            and self.category in (0, template.category)
            and self.language in ("", *languages)
            and not self.approval_state
        )


_SHOWN = """
SELECT v.template_version_id FROM template_version v
WHERE v.tenant_id = template.tenant_id AND v.template_id = template.template_id
ORDER BY (v.state = 2) DESC, v.number DESC LIMIT 1
"""
_SPEAKS = f"""
EXISTS (SELECT FROM template_content c WHERE c.tenant_id = template.tenant_id
    AND c.template_version_id = ({_SHOWN}) AND lower(c.language_code) = lower(%(language)s))
"""
_STANDS = f"""
EXISTS (SELECT FROM whatsapp_approval a WHERE a.tenant_id = template.tenant_id
    AND a.template_version_id = ({_SHOWN}) AND a.state = %(approval_state)s)
"""


async def insert(uow: UnitOfWork, template: Template) -> bool:
    """Adds a template; False when its name is taken on the channel."""
    now = uow.now()
    return bool(
        await uow.execute(
            f"INSERT INTO template (tenant_id, {_TEMPLATE}, updated_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant_id, channel, name) WHERE archived_at IS NULL DO NOTHING",
            (
                uow.tenant_id,
                template.template_id,
                template.name,
                template.channel,
                int(template.template_type),
                template.category,
                template.description,
                template.active_version,
                template.active_version_id,
                template.is_system,
                template.version,
                template.created_by,
                now,
                now,
            ),
        )
    )


async def by_id(uow: UnitOfWork, template_id: UUID, *, lock: bool = False) -> Template | None:
    """Returns a live template, or None."""
    row = await uow.fetch_one(
        f"SELECT {_TEMPLATE} FROM template WHERE tenant_id = %s AND template_id = %s AND archived_at IS NULL"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, template_id),
    )
    return None if row is None else _template(row)


async def by_name(uow: UnitOfWork, channel: int, name: str) -> Template | None:
    """Returns a live template by its name on a channel, or None."""
    row = await uow.fetch_one(
        f"SELECT {_TEMPLATE} FROM template "
        "WHERE tenant_id = %s AND channel = %s AND name = %s AND archived_at IS NULL",
        (uow.tenant_id, channel, name),
    )
    return None if row is None else _template(row)


async def of_version(uow: UnitOfWork, version_id: UUID) -> Template | None:
    """Returns the template of a version, archived ones too: accepted messages keep their version."""
    row = await uow.fetch_one(
        f"SELECT {_TEMPLATE} FROM template WHERE tenant_id = %s AND template_id = "
        "(SELECT template_id FROM template_version WHERE tenant_id = %s AND template_version_id = %s)",
        (uow.tenant_id, uow.tenant_id, version_id),
    )
    return None if row is None else _template(row)


async def page(uow: UnitOfWork, wanted: Filter, before: UUID | None, limit: int) -> list[Template]:
    """Returns live templates, newest first, older than `before`."""
    rows = await uow.fetch_all(
        f"""
        SELECT {_TEMPLATE} FROM template
        WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL
            AND %(channel)s IN (0, channel) AND %(template_type)s IN (0, template_type)
            AND %(category)s IN (0, category) AND (NOT %(active_only)s OR active_version IS NOT NULL)
            AND (%(language)s = '' OR {_SPEAKS}) AND (%(approval_state)s = 0 OR {_STANDS})
            AND (%(before)s::uuid IS NULL OR template_id < %(before)s)
        ORDER BY template_id DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "channel": wanted.channel,
            "template_type": wanted.template_type,
            "category": wanted.category,
            "active_only": wanted.active_only,
            "language": wanted.language,
            "approval_state": wanted.approval_state,
            "before": before,
            "limit": limit,
        },
    )
    return [_template(row) for row in rows]


async def save(uow: UnitOfWork, template: Template) -> None:
    """Writes what may change of a template whose row is locked."""
    await uow.execute(
        "UPDATE template SET description = %s, template_type = %s, category = %s, active_version = %s, "
        "active_version_id = %s, version = %s, updated_at = %s WHERE tenant_id = %s AND template_id = %s",
        (
            template.description,
            int(template.template_type),
            template.category,
            template.active_version,
            template.active_version_id,
            template.version,
            uow.now(),
            uow.tenant_id,
            template.template_id,
        ),
    )


async def archive(uow: UnitOfWork, template_id: UUID) -> None:
    """Takes a template out of use; its versions stay for messages that name them."""
    now = uow.now()
    await uow.execute(
        "UPDATE template SET archived_at = %s, updated_at = %s WHERE tenant_id = %s AND template_id = %s",
        (now, now, uow.tenant_id, template_id),
    )


async def delete(uow: UnitOfWork, template_id: UUID) -> None:
    """Removes a template with its versions, contents and approvals."""
    await uow.execute(
        "DELETE FROM whatsapp_approval WHERE tenant_id = %(tenant_id)s AND template_version_id IN"
        " (SELECT template_version_id FROM template_version"
        " WHERE tenant_id = %(tenant_id)s AND template_id = %(template_id)s)",
        {"tenant_id": uow.tenant_id, "template_id": template_id},
    )
    await uow.execute(
        "DELETE FROM template WHERE tenant_id = %s AND template_id = %s", (uow.tenant_id, template_id)
    )


async def was_published(uow: UnitOfWork, template_id: UUID) -> bool:
    """Returns whether any version of a template was ever active."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM template_version WHERE tenant_id = %s AND template_id = %s "
            "AND published_at IS NOT NULL)",
            (uow.tenant_id, template_id),
        )
    )


def _template(row: Sequence[Any]) -> Template:
    template_id, name, channel, kind, category, *rest = row
    return Template(template_id, name, channel, TemplateType(kind), category, *rest)
