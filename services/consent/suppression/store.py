"""SQL of suppression entries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.common.db.arrays import HashArray, ints
from services.common.db.arrays import hashes as hash_array
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7, uuid7s
from services.consent.suppression.domain import PROTECTED, Entry, StoredEntry

_ENTRY = {
    "suppression_id": "uuid",
    "channel": "text",
    "identifier_hash": "bytea",
    "key_id": "text",
    "identifier_hint": "text",
    "scope": "text",
    "reason": "text",
    "detail": "text",
    "contact_id": "uuid",
    "expires_at": "timestamptz",
    "source_message_id": "uuid",
}
_SHARED = {name: kind for name, kind in _ENTRY.items() if name not in ("contact_id", "source_message_id")}
_PROTECTED = ", ".join(f"'{reason}'" for reason in sorted(PROTECTED))


def _add(table: str, fields: dict[str, str], tenant: str) -> str:
    """Returns the upsert: a repeat keeps the older time, the later expiry and the stronger reason.

    An entry whose time has passed starts anew, under a new id.
    """
    names = ", ".join(fields)
    over = "known.expires_at IS NOT NULL AND known.expires_at <= %(now)s"
    key = "tenant_id, identifier_hash" if tenant else "identifier_hash"
    return f"""
WITH added AS (
    INSERT INTO {table} AS known ({tenant}{names}, suppressed_at, suppressed_by, updated_at)
    SELECT {"%(tenant_id)s, " if tenant else ""}{names}, %(now)s, %(actor)s, %(now)s FROM {named_unnest(fields)}
    ON CONFLICT ({key}, channel, scope) DO UPDATE SET
        suppression_id = CASE WHEN {over} THEN excluded.suppression_id ELSE known.suppression_id END,
        reason = CASE WHEN {over} OR excluded.reason IN ({_PROTECTED}) AND known.reason NOT IN ({_PROTECTED})
            THEN excluded.reason ELSE known.reason END,
        detail = CASE WHEN {over} THEN excluded.detail ELSE coalesce(known.detail, excluded.detail) END,
        suppressed_at = CASE WHEN {over} THEN excluded.suppressed_at ELSE known.suppressed_at END,
        suppressed_by = CASE WHEN {over} THEN excluded.suppressed_by ELSE known.suppressed_by END,
        expires_at = CASE WHEN {over} THEN excluded.expires_at
            WHEN known.expires_at IS NULL OR excluded.expires_at IS NULL THEN NULL
            ELSE greatest(known.expires_at, excluded.expires_at) END,
        identifier_hint = CASE WHEN known.identifier_hint = '' THEN excluded.identifier_hint
            ELSE known.identifier_hint END,
        updated_at = excluded.updated_at
    RETURNING {names}, suppressed_at
)
SELECT * FROM added
"""


_ADD = _add("suppression", _ENTRY, "tenant_id, ")
_ADD_PLATFORM = _add("platform_suppression", _SHARED, "")


class Added(NamedTuple):
    """What became of an entry that was added: how it stands now, and whether it did not stand before."""

    stored: StoredEntry
    is_new: bool


async def add(uow: UnitOfWork, entries: Sequence[Entry], actor: str | None) -> list[Added]:
    """Adds entries of the tenant in one statement; equal ones of a block count once."""
    rows = _by_key(entries)
    ids = uuid7s(len(rows))
    values = columns(
        [
            (
                suppression_id,
                entry.channel,
                entry.identifier_hash,
                entry.key_id,
                entry.hint,
                entry.scope,
                entry.reason,
                entry.detail,
                entry.contact_id,
                entry.expires_at,
                entry.source_message_id,
            )
            for suppression_id, entry in zip(ids, rows, strict=True)
        ],
        len(_ENTRY),
    )
    found = await uow.fetch_all(
        _ADD,
        {
            **dict(zip(_ENTRY, values, strict=True)),
            "tenant_id": uow.tenant_id,
            "actor": actor,
            "now": uow.now(),
        },
    )
    made = set(ids)
    return [Added(stored_entry(row), row[0] in made) for row in found]


async def add_for_everybody(uow: UnitOfWork, entry: Entry, actor: str | None) -> Added:
    """Adds an entry of the platform, which holds for every tenant; needs a unit of work across tenants."""
    suppression_id = uuid7()
    values = (
        suppression_id,
        entry.channel,
        entry.identifier_hash,
        entry.key_id,
        entry.hint,
        entry.scope,
        entry.reason,
        entry.detail,
        entry.expires_at,
    )
    (row,) = await uow.fetch_all(
        _ADD_PLATFORM,
        {
            **{name: [value] for name, value in zip(_SHARED, values, strict=True)},
            "actor": actor,
            "now": uow.now(),
        },
    )
    *shared, expires_at, suppressed_at = row
    return Added(
        stored_entry((*shared, None, expires_at, None, suppressed_at)), is_new=shared[0] == suppression_id
    )


def _by_key(entries: Sequence[Entry]) -> list[Entry]:
    """Returns one entry per key in the order of the keys, so that concurrent blocks lock alike."""
    rows: dict[tuple[bytes, str, str], Entry] = {}
    for entry in entries:
        key = (entry.identifier_hash, entry.channel, entry.scope)
        if key not in rows or (entry.reason in PROTECTED and rows[key].reason not in PROTECTED):
            rows[key] = entry
    return [rows[key] for key in sorted(rows)]


READ_COLUMNS = (
    "suppression_id, channel, identifier_hash, key_id, identifier_hint, scope, reason, detail, contact_id,"
    " expires_at, source_message_id, suppressed_at"
)
_SELECT = f"SELECT {READ_COLUMNS} FROM suppression"


def stored_entry(row: Sequence[Any]) -> StoredEntry:
    """Returns an entry from a row of `READ_COLUMNS`."""
    (
        suppression_id,
        channel,
        digest,
        key_id,
        hint,
        scope,
        reason,
        detail,
        contact_id,
        expires_at,
        message_id,
    ) = row[:11]
    entry = Entry(
        channel=channel,
        identifier_hash=digest,
        key_id=key_id,
        scope=scope,
        reason=reason,
        hint=hint,
        detail=detail,
        contact_id=contact_id,
        expires_at=expires_at,
        source_message_id=message_id,
    )
    return StoredEntry(suppression_id, entry, row[11])


class Hit(NamedTuple):
    """An entry that holds for one address of a block."""

    place: int
    """Where the address stands in its block."""
    scope: str
    reason: str
    is_platform: bool


# One row per entry that holds: usually none, whatever the size of the block. The LIMIT, which is how many entries an
# address can have here, keeps the planner at one index probe per address.
_HITS = """
SELECT asked.index, s.scope, s.reason, false
FROM unnest(%(hashes)b::bytea[], %(indexes)b::int4[]) AS asked (hash, index)
CROSS JOIN LATERAL (
    SELECT scope, reason FROM suppression
    WHERE tenant_id = %(tenant_id)s AND identifier_hash = asked.hash AND channel IN (%(channel)s, 'all')
        AND (expires_at IS NULL OR expires_at > %(at)s) LIMIT 6
) AS s
"""
_PLATFORM_HITS = """
SELECT asked.index, s.scope, s.reason, true
FROM unnest(%(hashes)b::bytea[], %(indexes)b::int4[]) AS asked (hash, index)
CROSS JOIN LATERAL (
    SELECT scope, reason FROM platform_suppression
    WHERE identifier_hash = asked.hash AND channel IN (%(channel)s, 'all')
        AND (expires_at IS NULL OR expires_at > %(at)s) LIMIT 6
) AS s
"""


def hits(
    uow: UnitOfWork, channel: str, hashes: HashArray, indexes: Sequence[int], at: datetime
) -> tuple[str, dict[str, Any]]:
    """Returns the statement for the tenant's entries that hold at an instant for addresses of a block, as `Hit`s."""
    return _HITS, {"tenant_id": uow.tenant_id, **_asked(channel, hashes, indexes, at)}


def platform_hits(
    _: UnitOfWork, channel: str, hashes: HashArray, indexes: Sequence[int], at: datetime
) -> tuple[str, dict[str, Any]]:
    """Returns the statement for the platform's entries in the same way."""
    return _PLATFORM_HITS, _asked(channel, hashes, indexes, at)


def _asked(channel: str, hashes: HashArray, indexes: Sequence[int], at: datetime) -> dict[str, Any]:
    return {"channel": channel, "hashes": hashes, "indexes": ints(indexes), "at": at}


async def holding(uow: UnitOfWork, channel: str, hashes: Sequence[bytes], at: datetime) -> list[StoredEntry]:
    """Returns the tenant's entries that hold for hashes of one address, those of scope `all` first."""
    rows = await uow.fetch_all(
        f"{_SELECT} WHERE tenant_id = %(tenant_id)s AND identifier_hash = ANY(%(hashes)b::bytea[])"
        " AND channel IN (%(channel)s, 'all') AND (expires_at IS NULL OR expires_at > %(at)s) ORDER BY scope",
        {"tenant_id": uow.tenant_id, "hashes": hash_array(hashes), "channel": channel, "at": at},
    )
    return [stored_entry(row) for row in rows]


async def holding_for_everybody(
    uow: UnitOfWork, channel: str, hashes: Sequence[bytes], at: datetime
) -> list[StoredEntry]:
    """Returns the platform's entries that hold for hashes of one address."""
    rows = await uow.fetch_all(
        "SELECT suppression_id, channel, identifier_hash, key_id, identifier_hint, scope, reason, detail, NULL,"
        " expires_at, NULL, suppressed_at FROM platform_suppression"
        " WHERE identifier_hash = ANY(%(hashes)b::bytea[]) AND channel IN (%(channel)s, 'all')"
        " AND (expires_at IS NULL OR expires_at > %(at)s) ORDER BY scope",
        {"hashes": hash_array(hashes), "channel": channel, "at": at},
    )
    return [stored_entry(row) for row in rows]


async def lock_by_id(uow: UnitOfWork, suppression_id: UUID) -> list[StoredEntry]:
    """Returns the entry of an id, locked; empty when there is none."""
    rows = await uow.fetch_all(
        f"{_SELECT} WHERE tenant_id = %s AND suppression_id = %s FOR UPDATE", (uow.tenant_id, suppression_id)
    )
    return [stored_entry(row) for row in rows]


async def lock_by_address(uow: UnitOfWork, hashes: Sequence[bytes], channel: str | None) -> list[StoredEntry]:
    """Returns all entries of an address, locked; of one channel when it is given."""
    rows = await uow.fetch_all(
        f"{_SELECT} WHERE tenant_id = %(tenant_id)s AND identifier_hash = ANY(%(hashes)b::bytea[])"
        " AND (%(channel)s::text IS NULL OR channel = %(channel)s) ORDER BY suppression_id FOR UPDATE",
        {"tenant_id": uow.tenant_id, "hashes": hash_array(hashes), "channel": channel},
    )
    return [stored_entry(row) for row in rows]


async def lock_marketing_entries(uow: UnitOfWork, channel: str, hashes: Sequence[bytes]) -> list[StoredEntry]:
    """Returns the entries of scope marketing of an address on a channel, locked; protected ones are left out."""
    rows = await uow.fetch_all(
        f"{_SELECT} WHERE tenant_id = %(tenant_id)s AND identifier_hash = ANY(%(hashes)b::bytea[])"
        " AND channel = %(channel)s AND scope = 'marketing' AND reason <> 'legal'"
        " ORDER BY suppression_id FOR UPDATE",
        {"tenant_id": uow.tenant_id, "hashes": hash_array(hashes), "channel": channel},
    )
    return [stored_entry(row) for row in rows]


async def lock_stop_entries(uow: UnitOfWork, channel: str, hashes: Sequence[bytes]) -> list[StoredEntry]:
    """Returns the entries that a stop word made for an address on a channel, locked."""
    rows = await uow.fetch_all(
        f"{_SELECT} WHERE tenant_id = %(tenant_id)s AND identifier_hash = ANY(%(hashes)b::bytea[])"
        " AND channel = %(channel)s AND reason = 'sms_stop' ORDER BY suppression_id FOR UPDATE",
        {"tenant_id": uow.tenant_id, "hashes": hash_array(hashes), "channel": channel},
    )
    return [stored_entry(row) for row in rows]


async def remove(uow: UnitOfWork, suppression_ids: Sequence[UUID]) -> None:
    """Removes entries."""
    await uow.execute(
        "DELETE FROM suppression WHERE tenant_id = %(tenant_id)s AND suppression_id = ANY(%(ids)b::uuid[])",
        {"tenant_id": uow.tenant_id, "ids": list(suppression_ids)},
    )


async def page(
    uow: UnitOfWork,
    *,
    channel: str | None,
    reason: str | None,
    scope: str | None,
    hashes: Sequence[bytes] | None,
    before: UUID | None,
    limit: int,
) -> list[StoredEntry]:
    """Returns entries newest first, those older than the one a page ended with."""
    conditions = ["tenant_id = %(tenant_id)s"]
    if channel is not None:
        conditions.append("channel = %(channel)s")
    if reason is not None:
        conditions.append("reason = %(reason)s")
    if scope is not None:
        conditions.append("scope = %(scope)s")
    if hashes is not None:
        conditions.append("identifier_hash = ANY(%(hashes)b::bytea[])")
    if before is not None:
        conditions.append("suppression_id < %(before)s")
    rows = await uow.fetch_all(
        f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY suppression_id DESC LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "channel": channel,
            "reason": reason,
            "scope": scope,
            "hashes": None if hashes is None else hash_array(hashes),
            "before": before,
            "limit": limit,
        },
    )
    return [stored_entry(row) for row in rows]
