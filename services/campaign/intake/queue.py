"""The SQL of the worker: aggregates are leased, their events read in order, and what came of each is written (JOB-24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.campaign.intake.domain import Aggregate, State
from services.common.db.sets import columns, unnest
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7

_KEYS: Final = {"tenant_id": "uuid", "aggregate_type": "text", "aggregate_id": "text"}
_KEY: Final = "tenant_id, aggregate_type, aggregate_id"

# Tenants with something open are found by jumping from one to the next and served in any order, so that the flood of one
# of them delays none of the others. While a lease holds, due_at stands at its end: storing an event lowers it, which
# tells whoever gives the aggregate back that there is news.
_CLAIM: Final = f"""
WITH RECURSIVE waiting AS (
    (SELECT tenant_id FROM inbound_aggregate ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT next.tenant_id FROM waiting CROSS JOIN LATERAL (
        SELECT a.tenant_id FROM inbound_aggregate a WHERE a.tenant_id > waiting.tenant_id
        ORDER BY a.tenant_id LIMIT 1
    ) AS next
), chosen AS (
    SELECT due.* FROM (SELECT tenant_id FROM waiting ORDER BY random()) AS turn CROSS JOIN LATERAL (
        SELECT {_KEY} FROM inbound_aggregate a
        WHERE a.tenant_id = turn.tenant_id AND a.due_at <= %(now)s
          AND (a.leased_until IS NULL OR a.leased_until <= %(now)s)
        ORDER BY a.due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) AS due
    LIMIT %(limit)s
)
UPDATE inbound_aggregate a SET lease_id = %(lease_id)s, leased_until = %(until)s, due_at = %(until)s FROM chosen c
WHERE a.tenant_id = c.tenant_id AND a.aggregate_type = c.aggregate_type AND a.aggregate_id = c.aggregate_id
RETURNING a.tenant_id, a.aggregate_type, a.aggregate_id
"""  # noqa: S608 - constants

_COLUMNS: Final = (
    "event_id, type, named_type, is_known, source, version, branch_ref, sequence, correlation_id, causation_id, fact,"
    " payload, has_secret, attempts, due_at, steps, occurred_at, received_at"
)

_LOAD: Final = f"""
SELECT wanted.tenant_id, wanted.aggregate_type, wanted.aggregate_id, handled.sequence, event.*
FROM {unnest(_KEYS, "wanted")}
CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM inbound_event e
    WHERE e.tenant_id = wanted.tenant_id AND e.aggregate_type = wanted.aggregate_type
      AND e.aggregate_id = wanted.aggregate_id AND e.state <= 2
    ORDER BY e.sequence NULLS LAST, e.occurred_at, e.event_id LIMIT %s
) AS event
LEFT JOIN LATERAL (
    SELECT max(h.sequence) AS sequence FROM inbound_event h
    WHERE h.tenant_id = wanted.tenant_id AND h.aggregate_type = wanted.aggregate_type
      AND h.aggregate_id = wanted.aggregate_id AND h.sequence IS NOT NULL AND h.state > 2
) AS handled ON true
ORDER BY wanted.tenant_id, wanted.aggregate_type, wanted.aggregate_id, event.sequence NULLS LAST, event.occurred_at,
    event.event_id
"""  # noqa: S608 - constants

# Who lost the lease may not go on: somebody else has the aggregate by then.
_LEASED: Final = """
AND EXISTS (
    SELECT FROM inbound_aggregate a WHERE a.tenant_id = e.tenant_id AND a.aggregate_type = e.aggregate_type
      AND a.aggregate_id = e.aggregate_id AND a.lease_id = %(lease_id)s AND a.leased_until > %(now)s
)
"""

_MARK: Final = f"""
UPDATE inbound_event e SET steps = steps || %(step)s::text
WHERE tenant_id = %(tenant_id)s AND event_id = %(event_id)s AND state <= 2 AND NOT steps @> ARRAY[%(step)s::text]
{_LEASED}
"""  # noqa: S608 - constants

_FINISH: Final = f"""
UPDATE inbound_event e SET state = %(state)s, finished_at = %(now)s, due_at = NULL, error = %(error)s,
    attempts = %(attempts)s, has_secret = has_secret AND %(payload)s::bytea IS NULL,
    payload = coalesce(%(payload)s::bytea, payload)
WHERE tenant_id = %(tenant_id)s AND event_id = %(event_id)s AND state <= 2
{_LEASED}
"""  # noqa: S608 - constants

_FAIL: Final = f"""
UPDATE inbound_event e SET state = 2, attempts = %(attempts)s, due_at = %(due_at)s, error = %(error)s
WHERE tenant_id = %(tenant_id)s AND event_id = %(event_id)s AND state <= 2
{_LEASED}
"""  # noqa: S608 - constants

_LOCK: Final = f"""
SELECT {_KEY}, a.due_at < a.leased_until FROM inbound_aggregate a JOIN {unnest(_KEYS, "given")} USING ({_KEY})
WHERE a.lease_id = %s ORDER BY {_KEY} FOR UPDATE OF a
"""  # noqa: S608 - constants

_RELEASE: Final = f"""
WITH given AS (SELECT * FROM {unnest({**_KEYS, "due_at": "timestamptz"}, "given")}), gone AS (
    DELETE FROM inbound_aggregate a USING given g
    WHERE a.tenant_id = g.tenant_id AND a.aggregate_type = g.aggregate_type AND a.aggregate_id = g.aggregate_id
      AND NOT EXISTS (
        SELECT FROM inbound_event e WHERE e.tenant_id = g.tenant_id AND e.aggregate_type = g.aggregate_type
          AND e.aggregate_id = g.aggregate_id AND e.state <= 2
      )
    RETURNING a.tenant_id, a.aggregate_type, a.aggregate_id
)
UPDATE inbound_aggregate a SET due_at = g.due_at, lease_id = NULL, leased_until = NULL FROM given g
WHERE a.tenant_id = g.tenant_id AND a.aggregate_type = g.aggregate_type AND a.aggregate_id = g.aggregate_id
  AND NOT EXISTS (
    SELECT FROM gone WHERE gone.tenant_id = g.tenant_id AND gone.aggregate_type = g.aggregate_type
      AND gone.aggregate_id = g.aggregate_id
  )
"""  # noqa: S608 - constants


class LeaseLostError(Exception):
    """Raised when a worker took so long that another one has its aggregate."""


@dataclass(frozen=True, slots=True)
class Open:
    """An event that waits to be handled."""

    event_id: UUID
    type: str
    named_type: str
    is_known: bool
    source: str
    version: int
    branch_ref: str
    sequence: int | None
    correlation_id: str
    causation_id: str
    fact: str
    payload: bytes | None
    has_secret: bool
    attempts: int
    due_at: datetime
    steps: tuple[str, ...]
    occurred_at: datetime
    received_at: datetime


@dataclass(slots=True)
class Row:
    """An aggregate in hand, with its next events in their order."""

    aggregate: Aggregate
    lease_id: UUID
    events: list[Open]
    handled: int | None = None
    """Highest sequence number that was handled."""


async def claim(uow: UnitOfWork, lease: timedelta, limit: int, most: int) -> list[Row]:
    """Leases aggregates that are due, with the first events of each; needs a unit of work across tenants."""
    now, lease_id = uow.now(), uuid7()
    taken = await uow.fetch_all(
        _CLAIM, {"now": now, "until": now + lease, "lease_id": lease_id, "limit": limit}
    )
    if not taken:
        return []
    rows = {tuple(key): Row(Aggregate(*key), lease_id, []) for key in taken}
    for tenant_id, kind, name, handled, *event in await uow.fetch_all(_LOAD, (*columns(taken, 3), most)):
        row = rows[tenant_id, kind, name]
        row.handled = handled
        row.events.append(_open(event))
    return list(rows.values())


async def mark(uow: UnitOfWork, row: Row, event: Open, step: str) -> None:
    """Notes a step as done, in the transaction that does it; LeaseLostError when somebody else may be doing it."""
    await _change(uow, _MARK, row, event, step=step)


async def finish(
    uow: UnitOfWork,
    row: Row,
    event: Open,
    state: State,
    *,
    attempts: int,
    error: str = "",
    payload: bytes | None = None,
) -> None:
    """Ends an event; `payload` takes the place of its data."""
    await _change(uow, _FINISH, row, event, state=int(state), attempts=attempts, error=error, payload=payload)


async def fail(
    uow: UnitOfWork, row: Row, event: Open, *, attempts: int, due_at: datetime, error: str
) -> None:
    """Lets an event wait for another try."""
    await _change(uow, _FAIL, row, event, attempts=attempts, due_at=due_at, error=error)


async def release(uow: UnitOfWork, rows: Sequence[tuple[Row, datetime]]) -> int:
    """Gives aggregates back, each due at an instant or at once when it has news; those without open events are removed.

    Returns how many are due now. Needs a unit of work across tenants.
    """
    if not rows:
        return 0
    now = uow.now()
    due = {row.aggregate: due_at for row, due_at in rows}
    keys = columns([(one.tenant_id, one.type, one.id) for one in due], 3)
    locked = await uow.fetch_all(_LOCK, (*keys, rows[0][0].lease_id))
    given = [
        (tenant_id, kind, name, now if has_news else due[Aggregate(tenant_id, kind, name)])
        for tenant_id, kind, name, has_news in locked
    ]
    await uow.execute(_RELEASE, columns(given, 4))
    return sum(1 for one in given if one[3] <= now)


async def backlog(uow: UnitOfWork) -> tuple[int, datetime | None]:
    """Returns how many aggregates wait, and since when the first of them is due; across tenants."""
    row = await uow.fetch_one("SELECT count(*), min(due_at) FROM inbound_aggregate")
    return row or (0, None)


async def _change(uow: UnitOfWork, query: str, row: Row, event: Open, **values: Any) -> None:
    changed = await uow.execute(
        query,
        {
            "tenant_id": row.aggregate.tenant_id,
            "event_id": event.event_id,
            "lease_id": row.lease_id,
            "now": uow.now(),
            **values,
        },
    )
    if not changed:
        raise LeaseLostError


def _open(row: Sequence[Any]) -> Open:
    values = dict(zip(Open.__slots__, row, strict=True))
    return Open(**{**values, "steps": tuple(values["steps"])})
