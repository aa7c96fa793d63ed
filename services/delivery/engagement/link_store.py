"""The SQL of links in messages: where they lead, and short ones for texts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns

_ADD_LINKS = """
INSERT INTO tracked_link AS t (tenant_id, link_id, url_hash, url, created_at, used_at)
SELECT %(tenant_id)s, r.link_id, r.url_hash, r.url, %(now)s, %(now)s
FROM unnest(%(ids)b::uuid[], %(hashes)b::bytea[], %(urls)b::text[]) AS r (link_id, url_hash, url)
ON CONFLICT (tenant_id, link_id) DO UPDATE SET used_at = excluded.used_at
WHERE t.used_at < excluded.used_at - interval '1 day'
"""


_ADD_SHORT = """
INSERT INTO short_link (tenant_id, code, message_id, link_id, expires_at)
SELECT %(tenant_id)s, r.code, r.message_id, r.link_id, %(expires_at)s
FROM unnest(%(codes)b::text[], %(messages)b::uuid[], %(links)b::uuid[]) AS r (code, message_id, link_id)
"""


_SHORT = (
    "SELECT code, tenant_id, message_id, link_id, expires_at FROM short_link WHERE code = ANY (%b::text[])"
)


_FORGET_SHORT = """
DELETE FROM short_link WHERE (tenant_id, code) IN (
    SELECT tenant_id, code FROM short_link WHERE expires_at < %s LIMIT %s)
"""


_TARGETS = """
SELECT l.link_id, l.url FROM unnest(%(ids)b::uuid[]) AS r (id)
JOIN tracked_link l ON l.tenant_id = %(tenant_id)s AND l.link_id = r.id
"""


_FORGET_LINKS = """
DELETE FROM tracked_link WHERE (tenant_id, link_id) IN (
    SELECT tenant_id, link_id FROM tracked_link WHERE used_at < %s LIMIT %s)
"""


async def add_links(uow: UnitOfWork, links: Sequence[tuple[bytes, bytes, str]]) -> None:
    """Stores targets, each as id, hash and URL; known ones are marked as used."""
    links = sorted(links)
    await uow.execute(
        _ADD_LINKS,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids([id for id, _, _ in links]),
            "hashes": columns.blobs([url_hash for _, url_hash, _ in links]),
            "urls": columns.texts([url for _, _, url in links]),
            "now": uow.now(),
        },
    )


async def add_short(uow: UnitOfWork, links: Sequence[tuple[str, bytes, bytes]], expires_at: datetime) -> None:
    """Stores short links, each as code, message and link, in one statement."""
    await uow.execute(
        _ADD_SHORT,
        {
            "tenant_id": uow.tenant_id,
            "codes": columns.texts([code for code, _, _ in links]),
            "messages": columns.uuids([message_id for _, message_id, _ in links]),
            "links": columns.uuids([link_id for _, _, link_id in links]),
            "expires_at": expires_at,
        },
    )


async def short_links(uow: UnitOfWork, codes: Sequence[str]) -> dict[str, tuple[UUID, UUID, UUID, datetime]]:
    """Returns tenant, message, link and end of short links; needs a unit of work across tenants."""
    rows = await uow.fetch_all(_SHORT, (columns.texts(codes),))
    return {
        code: (tenant_id, message_id, link_id, ends) for code, tenant_id, message_id, link_id, ends in rows
    }


async def forget_short(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes short links that ended before an instant; needs a unit of work across tenants."""
    return await uow.execute(_FORGET_SHORT, (before, limit))


async def targets(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Returns the targets of links; unknown ones are left out."""
    rows = await uow.fetch_all(
        _TARGETS, {"tenant_id": uow.tenant_id, "ids": columns.uuids([id.bytes for id in ids])}
    )
    return dict(rows)


async def forget_links(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes targets not used since an instant; needs a unit of work across tenants."""
    return await uow.execute(_FORGET_LINKS, (before, limit))
