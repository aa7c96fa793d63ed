"""SQL of what triggers did, once for each occurrence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.campaign.triggers.domain import Entry, HistoryState, TriggerType
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=730)
_COUNTS: Final = (int(HistoryState.QUEUED), int(HistoryState.SENT))
"""States that a cooldown counts from: what was sent, and what may still be."""

_FIELDS: Final = {
    "history_id": "uuid",
    "trigger_type": "int2",
    "contact_id": "uuid",
    "reference_id": "text",
    "occurrence_key": "text",
    "state": "int2",
    "triggered_at": "timestamptz",
    "skip_reason": "text",
    "message_id": "uuid",
    "branch_id": "uuid",
    "campaign_id": "uuid",
}
_NAMES: Final = ", ".join(_FIELDS)
_OWN: Final = ", ".join(f"h.{name}" for name in _FIELDS)

_ADD: Final = f"""
INSERT INTO trigger_history (tenant_id, {_NAMES})
SELECT %(tenant_id)s, {_NAMES.replace("skip_reason", "NULLIF(skip_reason, '')")} FROM {named_unnest(_FIELDS)}
ON CONFLICT (tenant_id, contact_id, trigger_type, occurrence_key) DO NOTHING
RETURNING history_id
"""

_OCCURRENCE: Final = {"trigger_type": "int2", "contact_id": "uuid", "occurrence_key": "text"}
_KNOWN: Final = f"""
SELECT h.trigger_type, h.contact_id, h.occurrence_key FROM {named_unnest(_OCCURRENCE, "k")}
JOIN trigger_history AS h ON h.tenant_id = %(tenant_id)s AND h.contact_id = k.contact_id
    AND h.trigger_type = k.trigger_type AND h.occurrence_key = k.occurrence_key
"""

_LAST: Final = f"""
SELECT k.contact_id, k.trigger_type, last.triggered_at
FROM {named_unnest({"contact_id": "uuid", "trigger_type": "int2"}, "k")}
CROSS JOIN LATERAL (
    SELECT triggered_at FROM trigger_history AS h
    WHERE h.tenant_id = %(tenant_id)s AND h.contact_id = k.contact_id AND h.trigger_type = k.trigger_type
        AND h.state = ANY(%(states)s::int2[])
    ORDER BY triggered_at DESC LIMIT 1
) AS last
"""

_PENDING: Final = f"""
SELECT h.contact_id, h.reference_id, h.trigger_type, h.triggered_at
FROM {named_unnest({"contact_id": "uuid", "reference_id": "text"}, "k")}
JOIN trigger_history AS h ON h.tenant_id = %(tenant_id)s AND h.contact_id = k.contact_id
    AND h.trigger_type = ANY(%(types)s::int2[]) AND h.reference_id = k.reference_id AND h.state = 1
"""


async def add(uow: UnitOfWork, entries: Sequence[Entry]) -> set[UUID]:
    """Writes entries and returns those that are new: an occurrence that is there already is left as it is."""
    if not entries:
        return set()
    rows = await uow.fetch_all(_ADD, {"tenant_id": uow.tenant_id, **_columns(entries)})
    return {history_id for (history_id,) in rows}


async def known(
    uow: UnitOfWork, occurrences: Sequence[tuple[TriggerType, UUID, str]]
) -> set[tuple[TriggerType, UUID, str]]:
    """Returns those of these occurrences, each a type, contact and key, that have an entry."""
    named = dict(zip(_OCCURRENCE, columns(occurrences, 3), strict=True))
    named["trigger_type"] = [int(one) for one in named["trigger_type"]]
    rows = await uow.fetch_all(_KNOWN, {"tenant_id": uow.tenant_id, **named})
    return {(TriggerType(kind), contact_id, key) for kind, contact_id, key in rows}


async def last_sent(
    uow: UnitOfWork, wanted: Sequence[tuple[UUID, TriggerType]]
) -> dict[tuple[UUID, TriggerType], datetime]:
    """Returns when contacts last got a message of a trigger, or were to; those that never did are left out."""
    contacts, types = columns(sorted(set(wanted)), 2)
    rows = await uow.fetch_all(
        _LAST,
        {
            "tenant_id": uow.tenant_id,
            "contact_id": contacts,
            "trigger_type": [int(one) for one in types],
            "states": list(_COUNTS),
        },
    )
    return {(contact_id, TriggerType(kind)): at for contact_id, kind, at in rows}


async def pending(
    uow: UnitOfWork, visits: Sequence[tuple[UUID, str]], types: Sequence[TriggerType]
) -> dict[tuple[UUID, str, TriggerType], datetime]:
    """Returns which of some triggers are on their way to contacts about these visits, and since when."""
    contacts, references = columns(sorted(set(visits)), 2)
    rows = await uow.fetch_all(
        _PENDING,
        {
            "tenant_id": uow.tenant_id,
            "contact_id": contacts,
            "reference_id": references,
            "types": [int(one) for one in types],
        },
    )
    return {(contact_id, reference_id, TriggerType(kind)): at for contact_id, reference_id, kind, at in rows}


async def hold(uow: UnitOfWork, history_ids: Sequence[UUID]) -> None:
    """Locks entries, in the order in which all who change several do."""
    await uow.execute(
        "SELECT FROM trigger_history WHERE tenant_id = %s AND history_id = ANY(%b::uuid[])"
        " ORDER BY history_id FOR UPDATE",
        (uow.tenant_id, list(history_ids)),
    )


async def offer(uow: UnitOfWork, messages: Mapping[UUID, UUID]) -> None:
    """Notes the messages of entries that are on their way."""
    await uow.execute(
        f"UPDATE trigger_history AS h SET message_id = held.message_id FROM ("
        f"  SELECT o.history_id, k.message_id"
        f"  FROM {named_unnest({'history_id': 'uuid', 'message_id': 'uuid'}, 'k')}"
        "   JOIN trigger_history AS o ON o.tenant_id = %(tenant_id)s AND o.history_id = k.history_id AND o.state = 1"
        "   ORDER BY o.history_id FOR UPDATE OF o) AS held"
        " WHERE h.tenant_id = %(tenant_id)s AND h.history_id = held.history_id",
        {
            "tenant_id": uow.tenant_id,
            "history_id": list(messages),
            "message_id": list(messages.values()),
        },
    )


_SETTLED: Final = {"history_id": "uuid", "state": "int2", "reason": "text", "message_id": "uuid"}


async def settle(
    uow: UnitOfWork, settled: Sequence[tuple[UUID, HistoryState, str, UUID | None]]
) -> list[Entry]:
    """Writes what became of entries that were on their way, and returns those; others were settled before."""
    rows = [(one, int(state), reason, message_id) for one, state, reason, message_id in settled]
    named = dict(zip(_SETTLED, columns(rows, len(_SETTLED)), strict=True))
    found = await uow.fetch_all(
        f"UPDATE trigger_history AS h SET state = k.state, skip_reason = NULLIF(left(k.reason, 100), ''),"
        f" message_id = k.message_id FROM {named_unnest(_SETTLED, 'k')}"
        " WHERE h.tenant_id = %(tenant_id)s AND h.history_id = k.history_id AND h.state = 1"
        f" RETURNING {_OWN}",
        {"tenant_id": uow.tenant_id, **named},
    )
    return [_entry(row) for row in found]


async def withdraw(
    uow: UnitOfWork, message_ids: Sequence[UUID], state: HistoryState, reasons: Sequence[str]
) -> list[Entry]:
    """Notes that messages did not go out after all, and returns their entries."""
    rows = await uow.fetch_all(
        f"UPDATE trigger_history AS h SET state = %(state)s, skip_reason = left(held.reason, 100) FROM ("
        f"  SELECT o.history_id, k.reason FROM {named_unnest({'message_id': 'uuid', 'reason': 'text'}, 'k')}"
        "   JOIN trigger_history AS o ON o.tenant_id = %(tenant_id)s AND o.message_id = k.message_id"
        "     AND o.state IN (1, 2) ORDER BY o.history_id FOR UPDATE OF o) AS held"
        " WHERE h.tenant_id = %(tenant_id)s AND h.history_id = held.history_id"
        f" RETURNING {_OWN}",
        {
            "tenant_id": uow.tenant_id,
            "state": int(state),
            "message_id": list(message_ids),
            "reason": list(reasons),
        },
    )
    return [_entry(row) for row in rows]


_DOUBLES: Final = """
SELECT mine.history_id FROM trigger_history AS mine
JOIN trigger_history AS other USING (tenant_id, trigger_type, occurrence_key)
WHERE mine.tenant_id = %(tenant_id)s AND mine.contact_id = %(merged)s AND mine.state = 1 AND other.contact_id = %(kept)s
ORDER BY mine.history_id FOR UPDATE OF mine
"""


async def doubles(uow: UnitOfWork, merged_id: UUID, kept_id: UUID) -> list[UUID]:
    """Locks what is on its way to one contact about occurrences that another has too, and returns it."""
    rows = await uow.fetch_all(_DOUBLES, {"tenant_id": uow.tenant_id, "merged": merged_id, "kept": kept_id})
    return [history_id for (history_id,) in rows]


_OF_CONTACT: Final = """
tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND trigger_type = ANY(%(types)s::int2[])
    AND (%(reference_id)s::text IS NULL OR reference_id = %(reference_id)s)
"""


async def is_recent(
    uow: UnitOfWork, contact_id: UUID, types: Collection[TriggerType], reference: str | None, since: datetime
) -> bool:
    """Returns whether a contact was to get something of these triggers since an instant, about one thing or any."""
    return bool(
        await uow.fetch_value(
            f"SELECT EXISTS (SELECT FROM trigger_history WHERE {_OF_CONTACT} AND triggered_at >= %(since)s"
            " AND state = ANY(%(states)s::int2[]))",
            {**_named(uow, contact_id, types, reference), "since": since, "states": list(_COUNTS)},
        )
    )


async def give_up(
    uow: UnitOfWork, contact_id: UUID, types: Collection[TriggerType], reference: str | None, reason: str
) -> list[Entry]:
    """Notes that what was on its way to delivery is not sent, and returns it."""
    rows = await uow.fetch_all(
        f"UPDATE trigger_history AS h SET state = 3, skip_reason = %(reason)s FROM ("
        f"  SELECT history_id FROM trigger_history WHERE {_OF_CONTACT} AND state = 1"
        "   ORDER BY history_id FOR UPDATE) AS held"
        f" WHERE h.tenant_id = %(tenant_id)s AND h.history_id = held.history_id RETURNING {_OWN}",
        {**_named(uow, contact_id, types, reference), "reason": reason},
    )
    return [_entry(row) for row in rows]


def _named(
    uow: UnitOfWork, contact_id: UUID, types: Collection[TriggerType], reference: str | None
) -> dict[str, Any]:
    return {
        "tenant_id": uow.tenant_id,
        "contact_id": contact_id,
        "types": [int(one) for one in types],
        "reference_id": reference,
    }


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries a list shows; empty means all."""

    trigger_type: int = 0
    contact_id: UUID | None = None
    state: int = 0
    since: datetime | None = None
    until: datetime | None = None
    branch_ids: tuple[str, ...] = ()


async def page(uow: UnitOfWork, wanted: Filter, before: UUID | None, limit: int) -> list[Entry]:
    """Returns entries, newest first, older than `before`."""
    rows = await uow.fetch_all(
        f"""
        SELECT {_NAMES} FROM trigger_history
        WHERE tenant_id = %(tenant_id)s AND %(trigger_type)s IN (0, trigger_type) AND %(state)s IN (0, state)
            AND (%(contact_id)s::uuid IS NULL OR contact_id = %(contact_id)s)
            AND (%(since)s::timestamptz IS NULL OR triggered_at >= %(since)s)
            AND (%(until)s::timestamptz IS NULL OR triggered_at < %(until)s)
            AND (cardinality(%(branch_ids)s::uuid[]) = 0 OR branch_id = ANY(%(branch_ids)s::uuid[]))
            AND (%(before)s::uuid IS NULL OR history_id < %(before)s)
        ORDER BY history_id DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "trigger_type": wanted.trigger_type,
            "contact_id": wanted.contact_id,
            "state": wanted.state,
            "since": wanted.since,
            "until": wanted.until,
            "branch_ids": list(wanted.branch_ids),
            "before": before,
            "limit": limit,
        },
    )
    return [_entry(row) for row in rows]


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes entries of long ago; a step of the cleanup (GEN-47)."""
    return await uow.execute(
        "DELETE FROM trigger_history WHERE (tenant_id, history_id) IN"
        " (SELECT tenant_id, history_id FROM trigger_history WHERE triggered_at < %s LIMIT %s)",
        (now - KEPT, limit),
    )


async def forget(uow: UnitOfWork, contact_id: UUID, tombstone_id: UUID) -> int:
    """Puts a tombstone in the place of a contact."""
    return await uow.execute(
        "UPDATE trigger_history SET contact_id = %s WHERE tenant_id = %s AND contact_id = %s",
        (tombstone_id, uow.tenant_id, contact_id),
    )


def _columns(entries: Sequence[Entry]) -> dict[str, list[Any]]:
    return {
        name: [int(value) if name in ("trigger_type", "state") else value for value in found]
        for name, found in ((name, [getattr(one, name) for one in entries]) for name in _FIELDS)
    }


def _entry(row: Sequence[Any]) -> Entry:
    values = dict(zip(_FIELDS, row, strict=True))
    values["trigger_type"] = TriggerType(values["trigger_type"])
    values["state"] = HistoryState(values["state"])
    values["skip_reason"] = values["skip_reason"] or ""
    return Entry(**values)
