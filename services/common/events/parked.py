"""Events a consumer could not apply: waiting for their next attempt, or dead until somebody requeues them.

They live in the consumer's database, not in the stream, so that the stream can be trimmed, attempts are counted
across restarts, and later events of the same aggregate queue up behind in order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.retry import backoff

MAX_ATTEMPTS = 10
_FIRST = UUID(int=0)


class Aggregate(NamedTuple):
    """The thing whose events are applied in order."""

    tenant_id: UUID
    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Parked:
    """One event that waits or is dead."""

    event_id: UUID
    source: str
    position: int
    type: str
    aggregate: Aggregate
    envelope: bytes
    attempts: int


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """One event that its consumer has given up."""

    tenant_id: UUID
    event_id: UUID
    source: str
    type: str
    aggregate_type: str
    aggregate_id: str
    attempts: int
    error: str
    died_at: datetime


_PARK = """
INSERT INTO parked_event (tenant_id, event_id, source, position, type, aggregate_type, aggregate_id, envelope, state,
    attempts, next_attempt_at, error, created_at, updated_at)
VALUES (%(tenant_id)s, %(event_id)s, %(source)s, %(position)s, %(type)s, %(aggregate_type)s, %(aggregate_id)s,
    %(envelope)s, %(state)s, %(attempts)s, %(next)s, %(error)s, %(now)s, %(now)s)
ON CONFLICT (tenant_id, event_id) DO NOTHING
"""

_FAIL = """
UPDATE parked_event
SET attempts = %(attempts)s, state = %(state)s, next_attempt_at = %(next)s, error = %(error)s, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND event_id = %(event_id)s
"""

# Only the first waiting event of an aggregate is tried; those behind it wait for it whatever their own time is.
_DUE = """
SELECT event_id, source, position, type, tenant_id, aggregate_type, aggregate_id, envelope, attempts FROM (
    SELECT DISTINCT ON (tenant_id, aggregate_type, aggregate_id) *
    FROM parked_event WHERE source = %(source)s AND state = 'waiting'
    ORDER BY tenant_id, aggregate_type, aggregate_id, position
) AS first
WHERE next_attempt_at <= %(now)s ORDER BY position LIMIT %(limit)s
"""

_BLOCKED = """
SELECT DISTINCT tenant_id, aggregate_type, aggregate_id FROM parked_event WHERE source = %s AND state = 'waiting'
"""

_DEAD = """
SELECT tenant_id, event_id, source, type, aggregate_type, aggregate_id, attempts, error, updated_at
FROM parked_event WHERE state = 'dead' AND event_id > %s ORDER BY event_id LIMIT %s
"""

_REQUEUE = """
UPDATE parked_event SET state = 'waiting', attempts = 0, next_attempt_at = %(now)s, updated_at = %(now)s
WHERE state = 'dead' AND event_id = ANY(%(event_ids)b)
"""


async def park(uow: UnitOfWork, event: Parked, error: str) -> None:
    """Parks an event: behind others of its aggregate when it was not attempted, else until its next attempt."""
    await uow.execute(_PARK, {**_values(uow, event, error), "type": event.type, "envelope": event.envelope})


async def fail_again(uow: UnitOfWork, event: Parked, error: str) -> None:
    """Records a further failed attempt of a parked event."""
    await uow.execute(_FAIL, _values(uow, event, error))


async def unpark(uow: UnitOfWork, event: Parked) -> None:
    """Removes an event that is applied."""
    await uow.execute(
        "DELETE FROM parked_event WHERE tenant_id = %s AND event_id = %s",
        (event.aggregate.tenant_id, event.event_id),
    )


async def due(uow: UnitOfWork, source: str, limit: int = 100) -> list[Parked]:
    """Returns events whose next attempt has come, the first of each aggregate."""
    rows = await uow.fetch_all(_DUE, {"source": source, "now": uow.now(), "limit": limit})
    return [
        Parked(event_id, from_, position, kind, Aggregate(tenant, on, of), envelope, attempts)
        for event_id, from_, position, kind, tenant, on, of, envelope, attempts in rows
    ]


async def blocked(uow: UnitOfWork, source: str) -> set[Aggregate]:
    """Returns aggregates that have an event waiting."""
    return {Aggregate(*row) for row in await uow.fetch_all(_BLOCKED, (source,))}


async def list_dead(uow: UnitOfWork, *, after: UUID = _FIRST, limit: int = 50) -> list[DeadEvent]:
    """Returns dead events after one, in the order of their ids; of one tenant or, across tenants, of all."""
    return [DeadEvent(*row) for row in await uow.fetch_all(_DEAD, (after, limit))]


async def requeue(uow: UnitOfWork, event_ids: Sequence[UUID]) -> int:
    """Gives dead events ten more attempts; returns how many were dead."""
    return await uow.execute(_REQUEUE, {"event_ids": list(event_ids), "now": uow.now()})


def _values(uow: UnitOfWork, event: Parked, error: str) -> dict[str, object]:
    now = uow.now()
    return {
        "tenant_id": event.aggregate.tenant_id,
        "event_id": event.event_id,
        "source": event.source,
        "position": event.position,
        "aggregate_type": event.aggregate.type,
        "aggregate_id": event.aggregate.id,
        "attempts": event.attempts,
        "state": "dead" if event.attempts >= MAX_ATTEMPTS else "waiting",
        "next": now + backoff(event.attempts) if event.attempts else now,
        "error": error[:500],
        "now": now,
    }
