"""Following the events of one service as they come, from where a watcher left off."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from angarium.common.v1 import events_pb2
from services.common.db.database import Database
from services.common.events.feeds import Feeds
from services.common.rpc.context import current_caller, tenant

NEW_TOKEN_EVERY: Final = timedelta(hours=1)
"""How often a feed in which nothing happens gives a newer token, so that the old one does not fall out of what is kept."""


class Watching:
    """Tells of events; a person sees those of their tenant, a service those of the tenant it names or of all."""

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

    async def watch(
        self, request: events_pb2.WatchEventsRequest
    ) -> AsyncGenerator[events_pb2.WatchEventsResponse, None]:
        """Yields events after a token's, each with the token that goes on behind it."""
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
