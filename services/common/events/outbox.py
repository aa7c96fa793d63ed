"""The outbox: events are rows of the transaction that caused them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.db.connection import Statement
from services.common.events.event import Event, causation_id
from services.common.rpc.context import correlation_id, maybe_caller
from services.common.telemetry import current_traceparent

if TYPE_CHECKING:
    from services.common.db.uow import UnitOfWork

WAKE_RELAY = "outbox"
"""Topic on which a commit with events wakes the relay."""

_COLUMNS = "event_id, tenant_id, type, aggregate_type, aggregate_id, item_count, envelope, created_at"
_INSERT_ONE = f"INSERT INTO outbox ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608 - constants
_INSERT_MANY = (
    f"INSERT INTO outbox ({_COLUMNS}) SELECT * FROM unnest("  # noqa: S608 - constants
    "%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::int4[], %b::bytea[], %b::timestamptz[])"
)


# A row may be older than one before it, for positions follow the commit and not the clock.
_DELETE_OLDEST = """
WITH oldest AS (
    SELECT tenant_id, id, position, created_at FROM outbox
    WHERE position IS NOT NULL ORDER BY position LIMIT %(limit)s
)
DELETE FROM outbox WHERE (tenant_id, id) IN (
    SELECT tenant_id, id FROM oldest WHERE position < ALL (
        SELECT position FROM oldest WHERE created_at >= %(before)s
    )
)
"""
_BOUNDS = """
SELECT (SELECT position FROM relay_state), (SELECT min(position) FROM outbox WHERE position IS NOT NULL)
"""


class Bounds(NamedTuple):
    """Positions of the outbox that are kept: `oldest` to `head`; `oldest` is one more when none is."""

    oldest: int
    head: int


OutboxRow = tuple[UUID, UUID, str, str, str, int, bytes, datetime]


def insert(rows: Sequence[OutboxRow]) -> Statement:
    """Returns the one statement that writes rows in their order."""
    if len(rows) == 1:
        return Statement(_INSERT_ONE, rows[0])
    return Statement(_INSERT_MANY, [list(column) for column in zip(*rows, strict=True)])


def row_of(uow: "UnitOfWork", event: Event) -> OutboxRow:
    """Returns the row of an event, encoded now: its actor, cause and trace are those of the moment it is emitted."""
    tenant_id = event.tenant_id or uow.tenant_id
    if tenant_id is None:
        raise ValueError(f"event {event.type} needs a tenant in a unit of work across tenants")
    now = uow.now()
    return (
        event.event_id,
        tenant_id,
        event.type,
        event.aggregate_type,
        event.aggregate_id,
        event.count,
        _encoded(event, tenant_id, uow.schema, now),
        now,
    )


async def delete_relayed(uow: "UnitOfWork", before: datetime, limit: int = 500) -> int:
    """Removes up to `limit` published rows older than an instant; needs a unit of work across tenants (GEN-47).

    Rows go in the order of their positions and none is passed over, so whatever stands after the oldest row is kept.
    """
    return await uow.execute(_DELETE_OLDEST, {"before": before, "limit": limit})


async def bounds(uow: "UnitOfWork") -> Bounds:
    """Returns which positions can be read; needs a unit of work across tenants."""
    row = await uow.fetch_one(_BOUNDS)
    head, oldest = row if row is not None else (0, None)
    head = head or 0
    return Bounds(head + 1 if oldest is None else oldest, head)


def _encoded(event: Event, tenant_id: UUID, source: str, now: datetime) -> bytes:
    """Encodes the envelope; these bytes travel unchanged through the stream and every consumer."""
    caller = maybe_caller()
    envelope = EventEnvelope(
        event_id=str(event.event_id),
        type=event.type,
        version=event.version,
        tenant_id=str(tenant_id),
        source=source,
        aggregate_type=event.aggregate_type,
        aggregate_id=event.aggregate_id,
        correlation_id=correlation_id(),
        causation_id=causation_id(),
        traceparent=current_traceparent(),
        actor=caller.subject if caller else "",
        item_count=event.count,
    )
    envelope.occur_time.FromDatetime(event.occurred_at or now)
    envelope.payload.Pack(event.payload)
    return envelope.SerializeToString()
