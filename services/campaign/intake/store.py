"""The SQL of the inbox as neighbours and operators meet it: storing, reading, replaying."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.campaign.intake.domain import Aggregate, State
from services.common.db.sets import columns, named_unnest, unnest
from services.common.db.uow import UnitOfWork

_STORED: Final = {
    "event_id": "uuid",
    "type": "text",
    "named_type": "text",
    "is_known": "bool",
    "source": "text",
    "version": "int2",
    "branch_ref": "text",
    "aggregate_type": "text",
    "aggregate_id": "text",
    "sequence": "int8",
    "correlation_id": "text",
    "causation_id": "text",
    "fact": "text",
    "payload": "bytea",
    "has_secret": "bool",
    "people": "text",
    "state": "int2",
    "occurred_at": "timestamptz",
}
_NAMES: Final = ", ".join(name for name in _STORED if name != "people")

# In the order of their ids, so that two blocks that hold the same events cannot wait for each other.
_INSERT: Final = f"""
INSERT INTO inbound_event (tenant_id, {_NAMES}, people, attempts, due_at, steps, error, key_id, received_at, finished_at)
SELECT %(tenant_id)s, {_NAMES}, people::bytea[], 0, CASE WHEN state <= 2 THEN %(now)s END, '{{}}', '', %(key_id)s,
    %(now)s, CASE WHEN state > 2 THEN %(now)s END
FROM {named_unnest(_STORED)} ORDER BY event_id
ON CONFLICT (tenant_id, event_id) DO NOTHING RETURNING event_id
"""

_QUEUE: Final = f"""
INSERT INTO inbound_aggregate AS known (tenant_id, aggregate_type, aggregate_id, due_at)
SELECT DISTINCT tenant_id, aggregate_type, aggregate_id, %s::timestamptz
FROM {unnest({"tenant_id": "uuid", "aggregate_type": "text", "aggregate_id": "text"})}
ORDER BY tenant_id, aggregate_type, aggregate_id
ON CONFLICT (tenant_id, aggregate_type, aggregate_id)
DO UPDATE SET due_at = least(known.due_at, excluded.due_at)
"""

_READ: Final = (
    "event_id, type, named_type, source, branch_ref, aggregate_type, aggregate_id, sequence, correlation_id,"
    " causation_id, state, attempts, error, steps, key_id, occurred_at, received_at, due_at, finished_at, fact"
)

_REPLAY: Final = """
UPDATE inbound_event SET state = 1, attempts = 0, error = '', due_at = %(now)s, finished_at = NULL
WHERE tenant_id = %(tenant_id)s AND event_id = %(event_id)s AND state IN (2, 5) AND payload IS NOT NULL
RETURNING tenant_id, aggregate_type, aggregate_id
"""

_NONCE: Final = """
INSERT INTO intake_nonce (tenant_id, key_id, nonce, expires_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""

_OLD_NONCES: Final = """
DELETE FROM intake_nonce WHERE (tenant_id, key_id, nonce) IN (
    SELECT tenant_id, key_id, nonce FROM intake_nonce WHERE expires_at < %s LIMIT %s FOR UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True, slots=True)
class New:
    """An event about to be stored; fields as the table's."""

    event_id: UUID
    type: str
    named_type: str
    is_known: bool
    source: str
    version: int
    branch_ref: str
    aggregate_type: str
    aggregate_id: str
    sequence: int | None
    correlation_id: str
    causation_id: str
    fact: str
    payload: bytes
    has_secret: bool
    people: str
    """A PostgreSQL array of hashes, as text."""
    state: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it is kept, without its data."""

    event_id: UUID
    type: str
    named_type: str
    source: str
    branch_ref: str
    aggregate_type: str
    aggregate_id: str
    sequence: int | None
    correlation_id: str
    causation_id: str
    state: State
    attempts: int
    error: str
    steps: tuple[str, ...]
    key_id: str
    occurred_at: datetime
    received_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    fact: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are listed; what is None is not asked for."""

    state: int | None = None
    type: str | None = None
    source: str | None = None
    aggregate_type: str | None = None
    aggregate_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None


async def insert(uow: UnitOfWork, events: Sequence[New], key_id: str) -> set[UUID]:
    """Stores events and returns the ids of those that were not known."""
    rows = [[getattr(one, name) for name in _STORED] for one in events]
    values = dict(zip(_STORED, columns(rows, len(_STORED)), strict=True))
    found = await uow.fetch_all(
        _INSERT, {"tenant_id": uow.tenant_id, "now": uow.now(), "key_id": key_id, **values}
    )
    return {event_id for (event_id,) in found}


async def queue(uow: UnitOfWork, aggregates: Iterable[Aggregate], due_at: datetime) -> None:
    """Lets a worker look at aggregates, at the latest at an instant."""
    rows = [(one.tenant_id, one.type, one.id) for one in aggregates]
    await uow.execute(_QUEUE, (due_at, *columns(rows, 3)))


async def take_nonce(uow: UnitOfWork, key_id: str, nonce: UUID, expires_at: datetime) -> bool:
    """Notes the nonce of a signed request; False when it was used."""
    return bool(await uow.execute(_NONCE, (uow.tenant_id, key_id, nonce, expires_at)))


async def forget_nonces(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes nonces that ended before an instant; of the tenant, or of all in a unit of work across tenants."""
    return await uow.execute(_OLD_NONCES, (before, limit))


async def page(
    uow: UnitOfWork, wanted: Filter, before: tuple[datetime, UUID] | None, limit: int
) -> list[Stored]:
    """Returns events, newest first."""
    asked = {
        "state = %(state)s": wanted.state,
        "type = %(type)s": wanted.type,
        "source = %(source)s": wanted.source,
        "aggregate_type = %(aggregate_type)s": wanted.aggregate_type,
        "aggregate_id = %(aggregate_id)s": wanted.aggregate_id,
        "received_at >= %(start)s": wanted.start,
        "received_at < %(end)s": wanted.end,
        "(received_at, event_id) < (%(at)s, %(id)s)": before,
    }
    conditions = ["tenant_id = %(tenant_id)s", *(text for text, value in asked.items() if value is not None)]
    rows = await uow.fetch_all(
        f"SELECT {_READ} FROM inbound_event WHERE {' AND '.join(conditions)}"
        " ORDER BY received_at DESC, event_id DESC LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "limit": limit,
            "at": before and before[0],
            "id": before and before[1],
            **{name: getattr(wanted, name) for name in Filter.__slots__},
        },
    )
    return [_stored(row) for row in rows]


async def by_id(uow: UnitOfWork, event_id: UUID) -> tuple[Stored, bytes | None] | None:
    """Returns an event and its sealed data; None when there is none."""
    row = await uow.fetch_one(
        f"SELECT {_READ}, payload FROM inbound_event WHERE tenant_id = %s AND event_id = %s",
        (uow.tenant_id, event_id),
    )
    return (_stored(row[:-1]), row[-1]) if row else None


async def replay(uow: UnitOfWork, event_id: UUID) -> Aggregate | None:
    """Has an event handled again; None when there is nothing to handle."""
    row = await uow.fetch_one(_REPLAY, {"tenant_id": uow.tenant_id, "event_id": event_id, "now": uow.now()})
    return Aggregate(*row) if row else None


async def delete_old(uow: UnitOfWork, now: datetime, kept: timedelta, limit: int) -> int:
    """Removes events done with and received so long ago; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM inbound_event WHERE (tenant_id, event_id) IN (SELECT tenant_id, event_id FROM inbound_event"
        " WHERE received_at < %s AND state > 2 LIMIT %s)",
        (now - kept, limit),
    )


async def forget_secrets(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes the data of events that still hold a token, received before an instant; across tenants."""
    return await uow.execute(
        "UPDATE inbound_event SET payload = NULL, has_secret = false WHERE (tenant_id, event_id) IN"
        " (SELECT tenant_id, event_id FROM inbound_event WHERE has_secret AND received_at < %s AND state > 2 LIMIT %s)",
        (before, limit),
    )


def _stored(row: Sequence[Any]) -> Stored:
    values = dict(zip(Stored.__slots__, row, strict=True))
    return Stored(**{**values, "state": State(values["state"]), "steps": tuple(values["steps"])})
