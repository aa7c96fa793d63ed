"""The feed of a service's own events for internal services, read from the outbox by position (EVT-11)."""

import asyncio
import base64
import binascii
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from angarium.common.v1 import events_pb2, events_pb2_grpc
from services.common.db.database import Database, Transaction
from services.common.errors import invalid
from services.common.events.relay import WAKE_WATCHERS
from services.common.leases import wait_for
from services.common.rpc.context import current_caller, tenant

_BLOCK = 200
_POLL_SECONDS = 1.0

_READ = "SELECT position, envelope FROM outbox WHERE position > %s ORDER BY position LIMIT %s"
_READ_TYPES = "SELECT position, envelope FROM outbox WHERE position > %s AND type = ANY(%b::text[]) ORDER BY position LIMIT %s"


class EventServicer(events_pb2_grpc.EventServiceServicer):
    """Serves WatchEvents; a person sees the events of their tenant, a service those of the tenant it names or of all."""

    def __init__(self, database: Database, service: str) -> None:
        self._database = database
        self._service = service

    async def WatchEvents(
        self, request: events_pb2.WatchEventsRequest, context: Any
    ) -> AsyncIterator[events_pb2.WatchEventsResponse]:
        caller = current_caller()
        tenant_id = caller.tenant_id if caller.kind == "service" else tenant()
        position = await self._start(request)
        types = list(request.types)
        woken = asyncio.Event()
        async with self._following(woken):
            while True:
                woken.clear()
                async with self._transaction(tenant_id) as uow:
                    rows = await (
                        uow.fetch_all(_READ_TYPES, (position, types, _BLOCK))
                        if types
                        else uow.fetch_all(_READ, (position, _BLOCK))
                    )
                for position, envelope in rows:
                    yield events_pb2.WatchEventsResponse(
                        event=events_pb2.EventEnvelope.FromString(envelope),
                        resume_token=self._token(position),
                    )
                if len(rows) < _BLOCK:
                    await wait_for(woken, _POLL_SECONDS)

    async def _start(self, request: events_pb2.WatchEventsRequest) -> int:
        if request.resume_token:
            return self._position(request.resume_token)
        if request.from_start:
            return 0
        async with self._database.system() as uow:
            return int(await uow.fetch_value("SELECT position FROM relay_state") or 0)

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
