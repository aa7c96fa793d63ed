"""The SQL of assets: the same bytes are one asset of their tenant, wherever they came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.delivery import columns
from services.delivery.media.files import File, Kind

_FACTS: Final = """a.media_id, a.kind, a.content_type, octet_length(a.content), a.width, a.height, a.alt, a.source_url,
a.checksum, a.created_at"""

_PUT: Final = """
INSERT INTO media_asset (
    tenant_id, media_id, kind, content_type, width, height, alt, source_url, checksum, content, created_at)
VALUES (%(tenant_id)s, %(media_id)s, %(kind)s, %(content_type)s, %(width)s, %(height)s, %(alt)s, %(source_url)s,
    %(checksum)b, %(content)b, %(now)s)
ON CONFLICT (tenant_id, checksum) DO NOTHING
"""

_BY_CHECKSUM: Final = f"SELECT {_FACTS} FROM media_asset a WHERE tenant_id = %s AND checksum = %b"

_GET: Final = f"SELECT {_FACTS} FROM media_asset a WHERE tenant_id = %s AND media_id = ANY (%b::uuid[])"

_PAGE: Final = f"""
SELECT {_FACTS} FROM media_asset a
WHERE tenant_id = %(tenant_id)s AND (%(kind)s = 0 OR kind = %(kind)s)
  AND (%(before)s::uuid IS NULL OR media_id < %(before)s)
ORDER BY media_id DESC LIMIT %(limit)s
"""

_READ: Final = (
    "SELECT content_type, checksum, content FROM media_asset WHERE tenant_id = %s AND media_id = %s"
)

_SOURCE: Final = f"""
SELECT {_FACTS}, s.url_hash
FROM media_source s JOIN media_asset a ON a.tenant_id = s.tenant_id AND a.media_id = s.media_id
WHERE s.tenant_id = %s AND s.url_hash = ANY (%b::bytea[]) AND s.fetched_at > %s
"""

_SET_SOURCE: Final = """
INSERT INTO media_source (tenant_id, url_hash, media_id, fetched_at) VALUES (%s, %b, %s, %s)
ON CONFLICT (tenant_id, url_hash) DO UPDATE SET media_id = excluded.media_id, fetched_at = excluded.fetched_at
"""

_FORGET_SOURCES: Final = """
DELETE FROM media_source WHERE (tenant_id, url_hash) IN (
    SELECT tenant_id, url_hash FROM media_source WHERE fetched_at < %s LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """What is known of an asset, without its bytes."""

    media_id: UUID
    kind: Kind
    content_type: str
    size: int
    width: int
    height: int
    alt: str
    source_url: str
    checksum: bytes
    created_at: datetime


async def put(uow: UnitOfWork, file: File, *, alt: str = "", source_url: str = "") -> tuple[Asset, bool]:
    """Stores a file unless the same bytes are stored; returns its asset, and whether it was known."""
    checksum = file.checksum
    added = await uow.execute(
        _PUT,
        {
            "tenant_id": uow.tenant_id,
            "media_id": uuid7(),
            "kind": int(file.kind),
            "content_type": file.content_type,
            "width": file.width,
            "height": file.height,
            "alt": alt,
            "source_url": source_url,
            "checksum": checksum,
            "content": file.content,
            "now": uow.now(),
        },
    )
    row = await uow.fetch_one(_BY_CHECKSUM, (uow.tenant_id, checksum))
    if row is None:
        raise LookupError("an asset was removed while it was stored")
    return _asset(row), added == 0


async def get(uow: UnitOfWork, media_ids: Sequence[UUID]) -> dict[UUID, Asset]:
    """Returns the assets that are known."""
    ids = columns.uuids([one.bytes for one in media_ids])
    rows = await uow.fetch_all(_GET, (uow.tenant_id, ids))
    return {row[0]: _asset(row) for row in rows}


async def page(uow: UnitOfWork, kind: int, before: UUID | None, limit: int) -> list[Asset]:
    """Returns assets, newest first."""
    rows = await uow.fetch_all(
        _PAGE, {"tenant_id": uow.tenant_id, "kind": kind, "before": before, "limit": limit}
    )
    return [_asset(row) for row in rows]


async def read(uow: UnitOfWork, media_id: UUID) -> tuple[str, bytes, bytes] | None:
    """Returns media type, checksum and bytes of an asset."""
    row = await uow.fetch_one(_READ, (uow.tenant_id, media_id))
    return None if row is None else (row[0], bytes(row[1]), bytes(row[2]))


async def fetched(uow: UnitOfWork, url_hashes: Sequence[bytes], since: datetime) -> dict[bytes, Asset]:
    """Returns the assets that were fetched from URLs since an instant, by the URL's hash."""
    rows = await uow.fetch_all(_SOURCE, (uow.tenant_id, columns.blobs(url_hashes), since))
    return {bytes(row[10]): _asset(row[:10]) for row in rows}


async def remember_source(uow: UnitOfWork, url_hash: bytes, media_id: UUID) -> None:
    """Notes what a URL led to now."""
    await uow.execute(_SET_SOURCE, (uow.tenant_id, url_hash, media_id, uow.now()))


async def remove(uow: UnitOfWork, media_id: UUID) -> bool:
    """Removes an asset; returns whether it was there."""
    whose = (uow.tenant_id, media_id)
    await uow.execute("DELETE FROM media_source WHERE tenant_id = %s AND media_id = %s", whose)
    return await uow.execute("DELETE FROM media_asset WHERE tenant_id = %s AND media_id = %s", whose) == 1


async def forget_sources(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Forgets what URLs led to before an instant; needs a unit of work across tenants."""
    return await uow.execute(_FORGET_SOURCES, (before, limit))


def _asset(row: Sequence[Any]) -> Asset:
    return Asset(*(row[0], Kind(row[1]), *row[2:8], bytes(row[8]), row[9]))
