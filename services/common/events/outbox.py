"""The outbox: events are rows of the transaction that caused them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
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
    """Removes up to `limit` published rows older than an instant; needs a unit of work across tenants (GEN-47)."""
    return await uow.execute(
        "DELETE FROM outbox WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM outbox"
        " WHERE position IS NOT NULL AND created_at < %s ORDER BY position LIMIT %s)",
        (before, limit),
    )


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
