"""SQL of registries and their imports."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.common.db.arrays import hashes as hash_array
from services.common.db.uow import UnitOfWork
from services.consent.dnd.domain import BROKE_OFF, DndImport, Listing, Mode, Reading

LEASE = "dnd:"
"""What the names of leases of imports begin with; the registry follows."""

# A process that ended with its lease left the row as it was; what it says is told from the lease.
_ALIVE = "EXISTS (SELECT FROM lease WHERE name = 'dnd:' || registry AND expires_at > clock_timestamp())"
_COLUMNS = f"""
dnd_import_id, registry, file_name, checksum, mode, rows_total, rows_added, rows_removed, rows_invalid,
CASE WHEN status = 'running' AND NOT {_ALIVE} THEN 'failed' ELSE status END, started_at, finished_at, requested_by,
CASE WHEN status = 'running' AND NOT {_ALIVE} THEN %(broke_off)s ELSE error END, requested_in
"""


async def start(
    uow: UnitOfWork,
    import_id: UUID,
    *,
    registry: str,
    mode: Mode,
    checksum: bytes,
    file_name: str,
    requested_by: str,
    requested_in: UUID | None,
) -> DndImport:
    """Records that an import began."""
    now = uow.now()
    await uow.execute(
        "INSERT INTO dnd_import (dnd_import_id, registry, file_name, checksum, mode, status, started_at, requested_by,"
        " requested_in) VALUES (%s, %s, %s, %s, %s, 'running', %s, %s, %s)",
        (import_id, registry, file_name, checksum, mode, now, requested_by, requested_in),
    )
    return DndImport(
        import_id,
        registry,
        file_name,
        checksum,
        mode,
        *(0, 0, 0, 0),
        status="running",
        started_at=now,
        finished_at=None,
        requested_by=requested_by,
        error=None,
        requested_in=requested_in,
    )


async def complete(uow: UnitOfWork, import_id: UUID, reading: Reading, *, added: int, removed: int) -> None:
    """Records that an import holds."""
    await uow.execute(
        "UPDATE dnd_import SET status = 'completed', finished_at = %s, rows_total = %s, rows_invalid = %s,"
        " rows_added = %s, rows_removed = %s WHERE dnd_import_id = %s AND status = 'running'",
        (uow.now(), reading.total, reading.invalid, added, removed, import_id),
    )


async def fail(uow: UnitOfWork, import_id: UUID, reading: Reading, error: str) -> None:
    """Records that an import broke off, unless it had completed."""
    await uow.execute(
        "UPDATE dnd_import SET status = 'failed', finished_at = %s, rows_total = %s, rows_invalid = %s, error = %s"
        " WHERE dnd_import_id = %s AND status = 'running'",
        (uow.now(), reading.total, reading.invalid, error, import_id),
    )


async def fail_broken(uow: UnitOfWork, registry: str) -> int:
    """Records that imports broke off whose process ended; the caller holds the lease of the registry."""
    return await uow.execute(
        "UPDATE dnd_import SET status = 'failed', finished_at = %s, error = %s"
        " WHERE registry = %s AND status = 'running'",
        (uow.now(), BROKE_OFF, registry),
    )


async def fail_abandoned(uow: UnitOfWork) -> int:
    """Records that imports broke off that no process holds any more."""
    return await uow.execute(
        "UPDATE dnd_import SET status = 'failed', finished_at = %(now)s, error = %(broke_off)s"
        f" WHERE status = 'running' AND NOT {_ALIVE}",
        {"now": uow.now(), "broke_off": BROKE_OFF},
    )


async def by_id(uow: UnitOfWork, import_id: UUID) -> DndImport | None:
    """Returns an import."""
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM dnd_import WHERE dnd_import_id = %(import_id)s",
        {"import_id": import_id, "broke_off": BROKE_OFF},
    )
    return DndImport(*row) if row else None


async def page(uow: UnitOfWork, registry: str | None, before: UUID | None, limit: int) -> list[DndImport]:
    """Returns imports newest first, those older than the one a page ended with."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM dnd_import WHERE (%(registry)s::text IS NULL OR registry = %(registry)s)"
        " AND (%(before)s::uuid IS NULL OR dnd_import_id < %(before)s)"
        " ORDER BY dnd_import_id DESC LIMIT %(limit)s",
        {"registry": registry, "before": before, "limit": limit, "broke_off": BROKE_OFF},
    )
    return [DndImport(*row) for row in rows]


async def listings(uow: UnitOfWork, hashes: Sequence[bytes], registry: str | None) -> list[Listing]:
    """Returns where a number is listed."""
    rows = await uow.fetch_all(
        "SELECT DISTINCT ON (registry) registry, listed_at, categories FROM dnd_entry"
        " WHERE phone_hash = ANY(%(hashes)b::bytea[]) AND removed_at IS NULL"
        " AND (%(registry)s::text IS NULL OR registry = %(registry)s) ORDER BY registry, listed_at",
        {"hashes": hash_array(hashes), "registry": registry},
    )
    return [Listing(*row) for row in rows]


_FRESHNESS = """
SELECT registry, (
    SELECT max(finished_at) FROM dnd_import AS i WHERE i.registry = known.registry AND i.status = 'completed'
), (
    SELECT count(*) FROM tenant_policy AS p WHERE known.registry = ANY(p.dnd_registries) AND p.state = 'active'
)
FROM (
    SELECT DISTINCT registry FROM dnd_import WHERE status = 'completed'
    UNION SELECT DISTINCT unnest(dnd_registries) FROM tenant_policy WHERE state = 'active'
) AS known ORDER BY registry
"""


async def freshness(uow: UnitOfWork) -> list[tuple[str, datetime | None, int]]:
    """Returns each registry with the end of its newest import and how many tenants obey it; across tenants."""
    return [(row[0], row[1], row[2]) for row in await uow.fetch_all(_FRESHNESS)]
