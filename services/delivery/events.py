"""What delivery consumes, by source and type (EVT-11); its own events are among it, for what it tells partners."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from google.protobuf.message import Message
from redis.asyncio import Redis

from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Consumer, Handler, JointHandler, Wanting

NAME: Final = "delivery"
SOURCES: Final = ("consent", "campaign", NAME)


def consumer(
    database: Database,
    redis: Redis,
    areas: Sequence[Mapping[str, Handler]],
    joint: Mapping[str, JointHandler],
    wanted: tuple[Collection[str], Wanting],
) -> Consumer:
    """Returns the one consumer of the service.

    Args:
        database: The service's database.
        redis: Where the streams are.
        areas: What each area does about which types; a type that concerns several is handled by all of them, in their
            order and in one transaction.
        joint: Handlers of events that follow each other, for types that one area alone handles.
        wanted: Types that are of use to some tenants only, and what tells to which; those of other areas are for all.
    """
    handlers: dict[str, Handler] = {}
    for area in areas:
        for kind, handler in area.items():
            handlers[kind] = _both(handlers[kind], handler) if kind in handlers else handler
    shared = {kind for kind in handlers if sum(kind in area for area in areas) > 1}
    alone = {kind: handler for kind, handler in joint.items() if kind not in shared}
    optional, wanting = wanted
    return Consumer(
        database, redis, NAME, SOURCES, handlers, joint=alone, wanted=(set(optional) - shared, wanting)
    )


def _both(first: Handler, second: Handler) -> Handler:
    async def handle(uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        await first(uow, envelope, payload)
        await second(uow, envelope, payload)

    return handle
