"""SQL of templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.campaign.templates.domain import (
    Content,
    DeclaredVariable,
    Template,
    TemplateType,
    VariableKind,
    Version,
    VersionState,
)
from services.common.db.uow import UnitOfWork

_TEMPLATE = (
    "template_id, name, channel, template_type, category, description, active_version, active_version_id, "
    "is_system, version, created_by, created_at"
)
_VERSION = (
    "template_version_id, template_id, number, fallback_language_code, variables, state, used, spam_score, "
    "spam_flags, created_by, published_at, shorten_links"
)
_CONTENT = "language_code, subject, preheader, body_text, body_html, body_amp"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which templates a list shows; zero means all."""

    channel: int = 0
    template_type: int = 0
    category: int = 0
    active_only: bool = False

    def takes(self, template: Template) -> bool:
        """Returns whether a template with an active version is shown."""
        return (
            self.channel in (0, template.channel)
            and self.template_type in (0, template.template_type)
            and self.category in (0, template.category)
        )


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
            AND (%(before)s::uuid IS NULL OR template_id < %(before)s)
        ORDER BY template_id DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "channel": wanted.channel,
            "template_type": wanted.template_type,
            "category": wanted.category,
            "active_only": wanted.active_only,
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
    """Removes a template with its versions and contents."""
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


async def insert_version(uow: UnitOfWork, version: Version) -> None:
    """Adds a version with its contents."""
    await uow.execute(
        f"INSERT INTO template_version (tenant_id, {_VERSION}, created_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s::text[], %s, %s::text[], %s, %s, %s, %s)",
        (
            uow.tenant_id,
            version.version_id,
            version.template_id,
            version.number,
            version.fallback_language,
            Jsonb([_variable_to_json(one) for one in version.variables]),
            int(version.state),
            list(version.used),
            version.spam_score,
            list(version.spam_flags),
            version.created_by,
            version.published_at,
            version.shorten_links,
            uow.now(),
        ),
    )
    for one in version.contents:
        await uow.execute(
            f"INSERT INTO template_content (tenant_id, template_version_id, {_CONTENT}) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                uow.tenant_id,
                version.version_id,
                one.language_code,
                one.subject,
                one.preheader,
                one.body_text,
                one.body_html,
                one.body_amp,
            ),
        )


async def next_number(uow: UnitOfWork, template_id: UUID) -> int:
    """Returns the number of the next version of a template whose row is locked."""
    number: int = await uow.fetch_value(
        "SELECT COALESCE(max(number), 0) + 1 FROM template_version WHERE tenant_id = %s AND template_id = %s",
        (uow.tenant_id, template_id),
    )
    return number


async def version_by_id(uow: UnitOfWork, version_id: UUID) -> Version | None:
    """Returns a version whole, or None."""
    return await _version(uow, "template_version_id = %s", (version_id,))


async def version_by_number(uow: UnitOfWork, template_id: UUID, number: int) -> Version | None:
    """Returns a version whole by its number, or None."""
    return await _version(uow, "template_id = %s AND number = %s", (template_id, number))


async def shown_version(uow: UnitOfWork, template_id: UUID) -> Version | None:
    """Returns the active version of a template, else its newest."""
    return await _version(
        uow, "template_id = %s ORDER BY (state = 2) DESC, number DESC LIMIT 1", (template_id,)
    )


async def set_version_state(uow: UnitOfWork, version: Version, state: VersionState) -> None:
    """Moves a version on; its first activation is when it was published."""
    published = version.published_at or (uow.now() if state is VersionState.ACTIVE else None)
    await uow.execute(
        "UPDATE template_version SET state = %s, published_at = %s "
        "WHERE tenant_id = %s AND template_version_id = %s",
        (int(state), published, uow.tenant_id, version.version_id),
    )


async def _version(uow: UnitOfWork, condition: str, values: tuple[Any, ...]) -> Version | None:
    row = await uow.fetch_one(
        f"SELECT {_VERSION} FROM template_version WHERE tenant_id = %s AND {condition}",
        (uow.tenant_id, *values),
    )
    if row is None:
        return None
    contents = await uow.fetch_all(
        f"SELECT {_CONTENT} FROM template_content WHERE tenant_id = %s AND template_version_id = %s "
        "ORDER BY language_code",
        (uow.tenant_id, row[0]),
    )
    (
        version_id,
        template_id,
        number,
        fallback,
        variables,
        state,
        used,
        score,
        flags,
        by,
        published,
        shortens,
    ) = row
    return Version(
        version_id=version_id,
        template_id=template_id,
        number=number,
        fallback_language=fallback,
        variables=tuple(_variable_from_json(one) for one in variables),
        contents=tuple(Content(*one) for one in contents),
        state=VersionState(state),
        used=tuple(used),
        spam_score=score,
        spam_flags=tuple(flags),
        created_by=by,
        published_at=published,
        shorten_links=shortens,
    )


def _template(row: Sequence[Any]) -> Template:
    template_id, name, channel, kind, category, *rest = row
    return Template(template_id, name, channel, TemplateType(kind), category, *rest)


def _variable_to_json(one: DeclaredVariable) -> dict[str, Any]:
    return {
        "name": one.name,
        "type": one.kind.name,
        "required": one.required,
        "default": one.default,
        "sample": one.sample,
    }


def _variable_from_json(stored: dict[str, Any]) -> DeclaredVariable:
    return DeclaredVariable(
        stored["name"], VariableKind[stored["type"]], stored["required"], stored["default"], stored["sample"]
    )
