"""The SQL of inboxes: every change of an inbox has a number, counted without gaps under the lock of its row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns

# Inboxes are locked in the order of their contacts, so that two blocks with the same people wait for each other.
_PUT: Final = """
WITH given AS (
    SELECT * FROM unnest(%(ids)b::uuid[], %(contacts)b::uuid[], %(groups)b::text[], %(sealed)b::bytea[])
        AS g (item_id, contact_id, group_key, sealed)
    WHERE NOT EXISTS (SELECT FROM inbox_item i WHERE i.tenant_id = %(tenant_id)s AND i.item_id = g.item_id)
), moved AS (
    INSERT INTO contact_inbox AS c (tenant_id, contact_id, last_change)
    SELECT %(tenant_id)s, contact_id, count(*) FROM given GROUP BY contact_id ORDER BY contact_id
    ON CONFLICT (tenant_id, contact_id) DO UPDATE SET last_change = c.last_change + excluded.last_change
    RETURNING contact_id, last_change
)
INSERT INTO inbox_item (tenant_id, item_id, contact_id, change, category, group_key, sealed, created_at, expires_at)
SELECT %(tenant_id)s, g.item_id, g.contact_id,
    m.last_change + 1 - row_number() OVER (PARTITION BY g.contact_id ORDER BY g.item_id DESC), %(category)s, g.group_key,
    g.sealed, %(now)s, %(expires_at)s
FROM given g JOIN moved m ON m.contact_id = g.contact_id
"""

_COLUMNS: Final = (
    "item_id, contact_id, change, category, group_key, sealed, created_at, expires_at, read_at, archived_at"
)

_LISTED: Final = """tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND archived_at IS NULL
  AND expires_at > %(now)s"""

_PAGE: Final = f"""
SELECT {_COLUMNS} FROM inbox_item
WHERE {_LISTED} AND (%(before)s::uuid IS NULL OR item_id < %(before)s) AND (NOT %(unread)s OR read_at IS NULL)
  AND (%(group_key)s = '' OR group_key = %(group_key)s)
ORDER BY item_id DESC LIMIT %(limit)s
"""

_UNREAD: Final = f"SELECT count(*) FROM inbox_item WHERE {_LISTED} AND read_at IS NULL"

_CHANGES: Final = f"""
SELECT {_COLUMNS} FROM inbox_item
WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND change > %(after)s AND expires_at > %(now)s
ORDER BY change LIMIT %(limit)s
"""

_POSITION: Final = "SELECT last_change FROM contact_inbox WHERE tenant_id = %s AND contact_id = %s"

_POSITIONS: Final = """
SELECT i.tenant_id, i.contact_id, i.last_change
FROM unnest(%(tenants)b::uuid[], %(contacts)b::uuid[]) AS w (tenant_id, contact_id)
JOIN contact_inbox i ON i.tenant_id = w.tenant_id AND i.contact_id = w.contact_id
"""

_LOCK: Final = f"{_POSITION} FOR UPDATE"

_READ: Final = f"""
UPDATE inbox_item i SET read_at = %(now)s, change = %(last)s + n.n
FROM (
    SELECT item_id, row_number() OVER (ORDER BY item_id) AS n FROM inbox_item
    WHERE {_LISTED} AND read_at IS NULL AND (%(ids)b::uuid[] IS NULL OR item_id = ANY (%(ids)b::uuid[]))
) AS n
WHERE i.tenant_id = %(tenant_id)s AND i.item_id = n.item_id
RETURNING i.item_id
"""

_ARCHIVE: Final = """
UPDATE inbox_item SET archived_at = %(now)s, change = %(last)s + 1
WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND item_id = %(item_id)s AND archived_at IS NULL
"""

_ONE: Final = f"SELECT {_COLUMNS} FROM inbox_item WHERE tenant_id = %s AND contact_id = %s AND item_id = %s"

_MOVE: Final = (
    "UPDATE contact_inbox SET last_change = last_change + %s WHERE tenant_id = %s AND contact_id = %s"
)

_FORGET: Final = """
DELETE FROM inbox_item WHERE (tenant_id, item_id) IN (
    SELECT tenant_id, item_id FROM inbox_item WHERE expires_at < %s ORDER BY expires_at LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item on its way into an inbox; what it says is sealed."""

    item_id: UUID
    contact_id: UUID
    group_key: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """An item as it is stored."""

    item_id: UUID
    contact_id: UUID
    change: int
    category: int
    group_key: str
    sealed: bytes
    created_at: datetime
    expires_at: datetime
    read_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items of a contact are listed."""

    contact_id: UUID
    unread_only: bool = False
    group_key: str = ""


async def put(
    uow: UnitOfWork, items: Sequence[NewItem], category: int, *, now: datetime, expires_at: datetime
) -> int:
    """Stores items that are not known yet, in one statement, and returns how many."""
    return await uow.execute(
        _PUT,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids([one.item_id.bytes for one in items]),
            "contacts": columns.uuids([one.contact_id.bytes for one in items]),
            "groups": columns.texts([one.group_key for one in items]),
            "sealed": columns.blobs([one.sealed for one in items]),
            "category": category,
            "now": now,
            "expires_at": expires_at,
        },
    )


async def page(uow: UnitOfWork, wanted: Filter, before: UUID | None, limit: int) -> list[Row]:
    """Returns listed items, newest first."""
    rows = await uow.fetch_all(
        _PAGE,
        {
            **_whose(uow, wanted.contact_id),
            "before": before,
            "unread": wanted.unread_only,
            "group_key": wanted.group_key,
            "limit": limit,
        },
    )
    return [Row(*row) for row in rows]


async def unread(uow: UnitOfWork, contact_id: UUID) -> int:
    """Returns how many listed items are unread."""
    return int(await uow.fetch_value(_UNREAD, _whose(uow, contact_id)))


async def changes(uow: UnitOfWork, contact_id: UUID, after: int, limit: int) -> list[Row]:
    """Returns items that changed after a position, in the order of their changes."""
    rows = await uow.fetch_all(_CHANGES, {**_whose(uow, contact_id), "after": after, "limit": limit})
    return [Row(*row) for row in rows]


async def position(uow: UnitOfWork, contact_id: UUID) -> int:
    """Returns the number of the last change of an inbox; 0 of one in which nothing ever lay."""
    return int(await uow.fetch_value(_POSITION, (uow.tenant_id, contact_id)) or 0)


async def positions(uow: UnitOfWork, wanted: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], int]:
    """Returns the last changes of inboxes by tenant and contact; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        _POSITIONS,
        {
            "tenants": columns.uuids([tenant_id.bytes for tenant_id, _ in wanted]),
            "contacts": columns.uuids([contact_id.bytes for _, contact_id in wanted]),
        },
    )
    return {(tenant_id, contact_id): last for tenant_id, contact_id, last in rows}


async def mark_read(uow: UnitOfWork, contact_id: UUID, item_ids: Sequence[UUID] | None) -> list[UUID]:
    """Marks unread items, or all of them, as read, and returns which were."""
    last = await _lock(uow, contact_id)
    if last is None:
        return []
    ids = None if item_ids is None else columns.uuids([one.bytes for one in item_ids])
    rows = await uow.fetch_all(_READ, {**_whose(uow, contact_id), "last": last, "ids": ids})
    await _move(uow, contact_id, len(rows))
    return [id for (id,) in rows]


async def archive(uow: UnitOfWork, contact_id: UUID, item_id: UUID) -> Row | None:
    """Takes an item out of the list and returns it; None when the contact has no such item."""
    last = await _lock(uow, contact_id)
    if last is None:
        return None
    archived = await uow.execute(_ARCHIVE, {**_whose(uow, contact_id), "last": last, "item_id": item_id})
    await _move(uow, contact_id, archived)
    row = await uow.fetch_one(_ONE, (uow.tenant_id, contact_id, item_id))
    return None if row is None else Row(*row)


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes items that expired before an instant; needs a unit of work across tenants."""
    return await uow.execute(_FORGET, (before, limit))


async def erase(uow: UnitOfWork, contact_id: UUID) -> int:
    """Empties an inbox for good and returns how many items lay in it."""
    whose = (uow.tenant_id, contact_id)
    removed = await uow.execute("DELETE FROM inbox_item WHERE tenant_id = %s AND contact_id = %s", whose)
    await uow.execute("DELETE FROM contact_inbox WHERE tenant_id = %s AND contact_id = %s", whose)
    return removed


async def _lock(uow: UnitOfWork, contact_id: UUID) -> int | None:
    last: int | None = await uow.fetch_value(_LOCK, (uow.tenant_id, contact_id))
    return last


async def _move(uow: UnitOfWork, contact_id: UUID, count: int) -> None:
    if count:
        await uow.execute(_MOVE, (count, uow.tenant_id, contact_id))


def _whose(uow: UnitOfWork, contact_id: UUID) -> dict[str, Any]:
    return {"tenant_id": uow.tenant_id, "contact_id": contact_id, "now": uow.now()}
