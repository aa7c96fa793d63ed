"""SQL of versions and their contents."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.campaign.templates.domain import (
    Content,
    DeclaredVariable,
    VariableKind,
    Version,
    VersionState,
)
from services.common.db.uow import UnitOfWork

_VERSION = (
    "template_version_id, template_id, number, fallback_language_code, variables, state, used, spam_score, "
    "spam_flags, created_by, published_at, shorten_links"
)
_CONTENT = (
    "language_code, subject, preheader, body_text, body_html, body_amp, body_mjml, rich_content, rich_html, "
    "rich_text, media_urls, whatsapp_template_name, variable_order, composed_html, composed_text, translations"
)


async def insert(uow: UnitOfWork, version: Version) -> None:
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
    await _insert_contents(uow, version)


async def next_number(uow: UnitOfWork, template_id: UUID) -> int:
    """Returns the number of the next version of a template whose row is locked."""
    number: int = await uow.fetch_value(
        "SELECT COALESCE(max(number), 0) + 1 FROM template_version WHERE tenant_id = %s AND template_id = %s",
        (uow.tenant_id, template_id),
    )
    return number


async def by_id(uow: UnitOfWork, version_id: UUID) -> Version | None:
    """Returns a version whole, or None."""
    return await _version(uow, "template_version_id = %s", (version_id,))


async def by_number(uow: UnitOfWork, template_id: UUID, number: int) -> Version | None:
    """Returns a version whole by its number, or None."""
    return await _version(uow, "template_id = %s AND number = %s", (template_id, number))


async def shown(uow: UnitOfWork, template_id: UUID) -> Version | None:
    """Returns the active version of a template, else its newest."""
    return await _version(
        uow, "template_id = %s ORDER BY (state = 2) DESC, number DESC LIMIT 1", (template_id,)
    )


async def set_state(uow: UnitOfWork, version: Version, state: VersionState) -> None:
    """Moves a version on; its first activation is when it was published."""
    published = version.published_at or (uow.now() if state is VersionState.ACTIVE else None)
    await uow.execute(
        "UPDATE template_version SET state = %s, published_at = %s "
        "WHERE tenant_id = %s AND template_version_id = %s",
        (int(state), published, uow.tenant_id, version.version_id),
    )


async def page(uow: UnitOfWork, template_id: UUID, below: int, limit: int) -> list[Version]:
    """Returns versions of a template, newest first, with numbers below one; of contents the languages only."""
    rows = await uow.fetch_all(
        f"SELECT {_VERSION}, ARRAY(SELECT language_code FROM template_content c "
        "WHERE c.tenant_id = v.tenant_id AND c.template_version_id = v.template_version_id ORDER BY 1) "
        "FROM template_version v WHERE tenant_id = %s AND template_id = %s AND number < %s "
        "ORDER BY number DESC LIMIT %s",
        (uow.tenant_id, template_id, below, limit),
    )
    return [
        replace(_version_of(row[:-1]), contents=tuple(Content(language) for language in row[-1]))
        for row in rows
    ]


async def rewrite(uow: UnitOfWork, version: Version) -> None:
    """Writes a version that changed once more: what was found of it, and all of its contents."""
    await uow.execute(
        "UPDATE template_version SET used = %s::text[], spam_score = %s, spam_flags = %s::text[] "
        "WHERE tenant_id = %s AND template_version_id = %s",
        (
            list(version.used),
            version.spam_score,
            list(version.spam_flags),
            uow.tenant_id,
            version.version_id,
        ),
    )
    await uow.execute(
        "DELETE FROM template_content WHERE tenant_id = %s AND template_version_id = %s",
        (uow.tenant_id, version.version_id),
    )
    await _insert_contents(uow, version)


async def _insert_contents(uow: UnitOfWork, version: Version) -> None:
    await uow.run_together(
        *(
            (
                (
                    f"INSERT INTO template_content (tenant_id, template_version_id, {_CONTENT}) "
                    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::text[], %s, %s::text[], %s, %s, %s)"
                ),
                (
                    uow.tenant_id,
                    version.version_id,
                    one.language_code,
                    one.subject,
                    one.preheader,
                    one.body_text,
                    one.body_html,
                    one.body_amp,
                    one.body_mjml,
                    None if one.rich_content is None else Jsonb(one.rich_content),
                    one.rich_html,
                    one.rich_text,
                    list(one.media_urls),
                    one.whatsapp_name,
                    list(one.variable_order),
                    one.composed_html,
                    one.composed_text,
                    Jsonb(dict(one.translations)),
                ),
            )
            for one in version.contents
        )
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
    return replace(_version_of(row), contents=tuple(_content(one) for one in contents))


def _version_of(row: Sequence[Any]) -> Version:
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
        contents=(),
        state=VersionState(state),
        used=tuple(used),
        spam_score=score,
        spam_flags=tuple(flags),
        created_by=by,
        published_at=published,
        shorten_links=shortens,
    )


def _content(row: Sequence[Any]) -> Content:
    found = Content(*row)
    return replace(found, media_urls=tuple(found.media_urls), variable_order=tuple(found.variable_order))


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
