"""From events of the house to what waits for subscriptions (DEL-92, EVT-120).

Events of all services come through the consumer, so that what is told of an event is committed together with the note that
the event was applied: once, and in the order it is found in.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from google.protobuf.message import Message

from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.db.database import Database
from services.common.db.sets import columns, unnest
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler, JointHandler, Wanting
from services.common.ids import uuid7s
from services.delivery.webhooks import catalogue, domain
from services.delivery.webhooks.catalogue import Told
from services.delivery.webhooks.handlers import WAKE

_SUBSCRIBED: Final = """
SELECT subscription_id, events, is_enabled FROM webhook_subscription WHERE tenant_id = %s AND deleted_at IS NULL
"""

_SUBSCRIBERS: Final = """
SELECT DISTINCT tenant_id FROM webhook_subscription WHERE tenant_id = ANY (%b::uuid[]) AND deleted_at IS NULL
"""

# Row-level security refuses COPY into these tables.
_EVENTS: Final = f"""
INSERT INTO webhook_event (tenant_id, event_id, type, occurred_at, body, created_at)
SELECT %s, event_id, type, occurred_at, body, %s
FROM {unnest({"event_id": "uuid", "type": "text", "occurred_at": "timestamptz", "body": "bytea"})}
ON CONFLICT (tenant_id, event_id) DO NOTHING
"""  # noqa: S608 - constants

_ROWS: Final = unnest(
    {
        "delivery_id": "uuid",
        "subscription_id": "uuid",
        "event_id": "uuid",
        "event_type": "text",
        "occurred_at": "timestamptz",
    }
)
_DELIVERIES: Final = f"""
INSERT INTO webhook_delivery (
    tenant_id, delivery_id, subscription_id, event_id, event_type, state, attempts, next_attempt_at, response_status,
    response_excerpt, latency_ms, last_error, occurred_at, created_at)
SELECT %s, delivery_id, subscription_id, event_id, event_type, 1, 0, %s, 0, '', 0, '', occurred_at, %s FROM {_ROWS}
ON CONFLICT (tenant_id, subscription_id, event_id) DO NOTHING
"""  # noqa: S608 - constants


class Fanout:
    """Writes down what is told to whom; a handler of events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handler of every event that partners may subscribe to."""
        return dict.fromkeys(catalogue.BY_SOURCE, self._one)

    def joint(self) -> Mapping[str, JointHandler]:
        """Returns the handler of events that follow each other, whatever their types."""
        return dict.fromkeys(catalogue.BY_SOURCE, self._together)

    def wanted(self) -> tuple[Collection[str], Wanting]:
        """Returns the types that partners may subscribe to, and what tells which tenants have subscriptions."""
        return catalogue.BY_SOURCE.keys(), self._subscribers

    async def _subscribers(self, uow: UnitOfWork, tenants: Collection[UUID]) -> Collection[UUID]:
        [found] = await uow.finish((_SUBSCRIBERS, (list(tenants),)))
        return {id for (id,) in found.rows}

    async def _one(self, uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        await self._together(uow, [(envelope, payload)])

    async def _together(self, uow: UnitOfWork, events: Sequence[tuple[EventEnvelope, Message]]) -> None:
        subscribed = await uow.fetch_all(_SUBSCRIBED, (uow.tenant_id,))
        if not subscribed:
            return
        wanted = {
            kind for kind in catalogue.KINDS if any(domain.names(events, kind) for _, events, _ in subscribed)
        }
        told = [one for envelope, payload in events for one in catalogue.tell(envelope, payload, wanted)]
        if not told:
            return
        now = uow.now()
        uow.defer(
            _EVENTS,
            (
                uow.tenant_id,
                now,
                *columns([(one.event_id, one.type, one.occurred_at, one.body) for one in told], 4),
            ),
        )
        waiting = [
            (subscription_id, one)
            for subscription_id, names, is_enabled in subscribed
            if is_enabled
            for one in told
            if domain.names(names, one.type)
        ]
        if waiting:
            uow.defer(_DELIVERIES, (uow.tenant_id, now, now, *_columns(waiting)))
            uow.after_commit(lambda: self._database.wake(WAKE))


def _columns(waiting: Sequence[tuple[UUID, Told]]) -> list[list[object]]:
    rows = [
        (id, subscription_id, one.event_id, one.type, one.occurred_at)
        for id, (subscription_id, one) in zip(uuid7s(len(waiting)), waiting, strict=True)
    ]
    return columns(rows, 5)
