"""EventService: the feed of a service's own events for internal services, and for people of a tenant (EVT-11)."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

from angarium.common.v1 import events_pb2, events_pb2_grpc
from services.common.db.database import Database
from services.common.events.feeds import Feeds
from services.common.events.watching import NEW_TOKEN_EVERY, Watching


class EventServicer(events_pb2_grpc.EventServiceServicer):
    """Serves WatchEvents over the outbox of one service."""

    def __init__(
        self,
        database: Database,
        service: str,
        *,
        feeds: Feeds | None = None,
        new_token_every: timedelta = NEW_TOKEN_EVERY,
    ) -> None:
        self._watching = Watching(database, service, feeds=feeds, new_token_every=new_token_every)

    async def WatchEvents(
        self, request: events_pb2.WatchEventsRequest, context: Any
    ) -> AsyncIterator[events_pb2.WatchEventsResponse]:
        async with aclosing(self._watching.watch(request)) as responses:
            async for response in responses:
                yield response
