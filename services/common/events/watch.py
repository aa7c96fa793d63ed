"""EventService: the feed of a service's own events for internal services, and for people of a tenant (EVT-11)."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

from angarium.common.v1 import events_pb2, events_pb2_grpc
from services.common.db.database import Database
from services.common.events.feeds import Feeds
from services.common.rpc.context import current_caller, tenant

NEW_TOKEN_EVERY = timedelta(hours=1)
"""How often a feed in which nothing happens gives a newer token, so that the old one does not fall out of what is kept."""


class EventServicer(events_pb2_grpc.EventServiceServicer):
    """Serves WatchEvents; a person sees the events of their tenant, a service those of the tenant it names or of all."""

    def __init__(
        self,
        database: Database,
        service: str,
        *,
        feeds: Feeds | None = None,
        new_token_every: timedelta = NEW_TOKEN_EVERY,
    ) -> None:
        self._feeds = feeds or Feeds(database, service)
        self._new_token_seconds = new_token_every.total_seconds()

    async def WatchEvents(
        self, request: events_pb2.WatchEventsRequest, context: Any
    ) -> AsyncIterator[events_pb2.WatchEventsResponse]:
        caller = current_caller()
        tenant_id = caller.tenant_id if caller.kind == "service" else tenant()
        position = await self._feeds.start(request.resume_token, from_start=request.from_start)
        async with aclosing(
            self._feeds.pages(tenant_id, position, set(request.types), self._new_token_seconds)
        ) as pages:
            async for page in pages:
                for row in page.rows:
                    yield events_pb2.WatchEventsResponse(
                        event=events_pb2.EventEnvelope.FromString(row.envelope),
                        resume_token=self._feeds.token(row.position),
                    )
                if not page.rows:
                    yield events_pb2.WatchEventsResponse(resume_token=self._feeds.token(page.position))
