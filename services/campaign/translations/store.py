"""SQL of translations."""

from collections.abc import Collection, Sequence

from services.campaign.translations.domain import Translation
from services.common.db.uow import UnitOfWork

_COLUMNS = "key, language_code, value, false, updated_at"


async def page(
    uow: UnitOfWork, *, language: str, prefix: str, after: tuple[str, str], limit: int
) -> list[Translation]:
    """Returns a tenant's translations by key and language, after a place."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM translation WHERE tenant_id = %(tenant_id)s "
        "AND (%(language)s = '' OR language_code = %(language)s) AND starts_with(key, %(prefix)s) "
        "AND (key, language_code) > (%(key)s, %(after)s) ORDER BY key, language_code LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "language": language,
            "prefix": prefix,
            "key": after[0],
            "after": after[1],
            "limit": limit,
        },
    )
    return [Translation(*row) for row in rows]


async def of_keys(uow: UnitOfWork, keys: Collection[str]) -> dict[tuple[str, str], str]:
    """Returns a tenant's words of some keys in all languages, by language and key."""
    if not keys:
        return {}
    rows = await uow.fetch_all(
        "SELECT language_code, key, value FROM translation WHERE tenant_id = %s AND key = ANY(%s)",
        (uow.tenant_id, list(keys)),
    )
    return {(language, key): value for language, key, value in rows}


async def upsert(
    uow: UnitOfWork, translations: Sequence[Translation], actor: str
) -> list[tuple[str, str, bool]]:
    """Writes translations; returns key, language and whether it is new, of those that say something new."""
    rows = await uow.fetch_all(
        """
        INSERT INTO translation AS t (tenant_id, key, language_code, value, updated_by, updated_at)
        SELECT %s, key, language_code, value, %s, %s
        FROM unnest(%s::text[], %s::text[], %s::text[]) AS given (key, language_code, value)
        ON CONFLICT (tenant_id, key, language_code) DO UPDATE
            SET value = excluded.value, updated_by = excluded.updated_by, updated_at = excluded.updated_at
            WHERE t.value <> excluded.value
        RETURNING key, language_code, xmax = 0
        """,
        (
            uow.tenant_id,
            actor,
            uow.now(),
            [one.key for one in translations],
            [one.language_code for one in translations],
            [one.value for one in translations],
        ),
    )
    return [(key, language, is_new) for key, language, is_new in rows]


async def delete(uow: UnitOfWork, language: str, key: str) -> str | None:
    """Removes a translation; returns what it said, None when there was none."""
    value: str | None = await uow.fetch_value(
        "DELETE FROM translation WHERE tenant_id = %s AND key = %s AND language_code = %s RETURNING value",
        (uow.tenant_id, key, language),
    )
    return value
