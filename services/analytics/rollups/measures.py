"""What analytics measures of itself (ANA-77); how many events wait unfolded, the consumer's own measures say."""

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from google.protobuf.message import Message

from angarium.common.v1.events_pb2 import EventEnvelope
from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler, JointHandler

LATE_SECONDS: Final = 300.0
"""Older events than this mean that figures are behind."""

dirty = telemetry.gauge("analytics_dirty_buckets", "Buckets and tenants that wait for a recount.", [])
lag = telemetry.gauge(
    "analytics_ingestion_lag_seconds",
    "Age of the newest events of a type when they were folded in.",
    ["type"],
)
late = telemetry.gauge(
    "analytics_ingestion_late", "1 when events of a type were folded in more than 5 minutes late.", ["type"]
)


def measured(handler: Handler) -> Handler:
    """Returns a handler that notes how old its events are."""

    async def handle(uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        await handler(uow, envelope, payload)
        _note(uow, envelope)

    return handle


def measured_together(handler: JointHandler) -> JointHandler:
    """Returns a handler of several events that notes how old the last of them is."""

    async def handle(uow: UnitOfWork, events: Sequence[tuple[EventEnvelope, Message]]) -> None:
        await handler(uow, events)
        _note(uow, events[-1][0])

    return handle


def _note(uow: UnitOfWork, envelope: EventEnvelope) -> None:
    age = max(0.0, (uow.now() - envelope.occur_time.ToDatetime(tzinfo=UTC)).total_seconds())
    lag.labels(envelope.type).set(age)
    late.labels(envelope.type).set(float(age > LATE_SECONDS))
