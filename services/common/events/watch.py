"""The feed of a service's own events for internal services, read from the outbox by position (EVT-11)."""

import asyncio
import base64
import binascii
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from angarium.common.v1 import events_pb2, events_pb2_grpc
from services.common.db.database import Database, Transaction
from services.common.errors import ServiceError, failed, invalid
from services.common.events import outbox
from services.common.events.outbox import Bounds
from services.common.events.relay import WAKE_WATCHERS
from services.common.leases import wait_for
from services.common.rpc.context import current_caller, tenant

NEW_TOKEN_EVERY = timedelta(hours=1)
"""How often a feed in which nothing happens gives a newer token, so that the old one does not fall out of what is kept."""

_BLOCK = 200
_POLL_SECONDS = 1.0

_READ = "SELECT position, envelope FROM outbox WHERE position > %s ORDER BY position LIMIT %s"
_READ_TYPES = "SELECT position, envelope FROM outbox WHERE position > %s AND type = ANY(%b::text[]) ORDER BY position LIMIT %s"


class EventServicer(events_pb2_grpc.EventServiceServicer):
    """Serves WatchEvents; a person sees the events of their tenant, a service those of the tenant it names or of all."""

    def __init__(
        self, database: Database, service: str, *, new_token_every: timedelta = NEW_TOKEN_EVERY
    ) -> None:
        self._database = database
        self._service = service
        self._new_token_seconds = new_token_every.total_seconds()

    async def WatchEvents(
        self, request: events_pb2.WatchEventsRequest, context: Any
    ) -> AsyncIterator[events_pb2.WatchEventsResponse]:
        caller = current_caller()
        tenant_id = caller.tenant_id if caller.kind == "service" else tenant()
        known = await self._bounds()
        position = self._start(request, known)
        types = list(request.types)
        woken = asyncio.Event()
        told_at = time.monotonic()
        async with self._following(woken):
            while True:
                woken.clear()
                rows = await self._read(tenant_id, position, types)
                # Looked at afterwards: rows that went while this block was read would be missed in silence.
                now_known = await self._bounds()
                if position + 1 < now_known.oldest:
                    raise self._lost(now_known)
                for position, envelope in rows:
                    yield events_pb2.WatchEventsResponse(
                        event=events_pb2.EventEnvelope.FromString(envelope),
                        resume_token=self._token(position),
                    )
                if rows:
                    told_at = time.monotonic()
                if len(rows) < _BLOCK:
                    # Nothing else that was asked for happened up to where the feed stood before it was read.
                    position = max(position, known.head)
                    if time.monotonic() - told_at >= self._new_token_seconds:
                        told_at = time.monotonic()
                        yield events_pb2.WatchEventsResponse(resume_token=self._token(position))
                    await wait_for(woken, _POLL_SECONDS)
                known = now_known

    def _start(self, request: events_pb2.WatchEventsRequest, known: Bounds) -> int:
        if request.resume_token:
            position = self._position(request.resume_token)
            # A token beyond the feed is of a database that was put back to an older state since.
            if not known.oldest - 1 <= position <= known.head:
                raise self._lost(known)
            return position
        return known.oldest - 1 if request.from_start else known.head

    async def _bounds(self) -> Bounds:
        async with self._database.system() as uow:
            return await outbox.bounds(uow)

    async def _read(self, tenant_id: UUID | None, position: int, types: list[str]) -> list[tuple[Any, ...]]:
        async with self._transaction(tenant_id) as uow:
            if types:
                return await uow.fetch_all(_READ_TYPES, (position, types, _BLOCK))
            return await uow.fetch_all(_READ, (position, _BLOCK))

    def _lost(self, known: Bounds) -> ServiceError:
        return failed(
            "EVENTS_LOST",
            "events after the resume token are no longer kept: read anew what is built from them, then start "
            "without a token, or with oldest_resume_token",
            oldest_resume_token=self._token(known.oldest - 1),
        )

    def _transaction(self, tenant_id: UUID | None) -> Transaction:
        return self._database.tenant(tenant_id) if tenant_id else self._database.system()

    @contextlib.asynccontextmanager
    async def _following(self, woken: asyncio.Event) -> AsyncIterator[None]:
        async def follow() -> None:
            async for _ in self._database.listen(WAKE_WATCHERS):
                woken.set()

        task = asyncio.create_task(follow(), name=f"watch-{self._service}")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _token(self, position: int) -> str:
        return base64.urlsafe_b64encode(f"{self._service}.{position}".encode()).decode().rstrip("=")

    def _position(self, token: str) -> int:
        try:
            text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
            service, _, position = text.partition(".")
            if service != self._service or not position.isascii() or not position.isdigit():
                raise ValueError(token)
            return min(int(position), 2**62)
        except (ValueError, binascii.Error):
            raise invalid("resume_token", "is not a token of this service's events") from None
