"""Intake alone, as neighbours and operators meet it: its own server on a real database, with steps a test chooses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from services.campaign.intake import wiring
from services.campaign.intake.handlers import Intake
from services.campaign.intake.notation import Field
from services.campaign.intake.sealing import Vault
from services.campaign.intake.steps import EVERY_TYPE, InboundEvent
from services.campaign.intake.worker import IntakeWorker
from services.campaign.settings import CampaignSettings
from services.common.clock import Clock, FixedClock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.rpc.server import start_server
from services.common.security.envelope import Envelope
from services.common.service import Service
from tests.house import Served, settings_for

ACCEPTED = pb.IngestResult.STATE_ACCEPTED
DUPLICATE = pb.IngestResult.STATE_DUPLICATE
REJECTED = pb.IngestResult.STATE_REJECTED

Run = Callable[[UnitOfWork, InboundEvent], Awaitable[None]]


@dataclass
class Recorder:
    """A step that writes down what it was given, and fails where it is told to."""

    name: str = "recorder"
    types: frozenset[str] = EVERY_TYPE
    fails: Callable[[InboundEvent], Exception | None] = lambda event: None
    before: Run | None = None
    seen: list[InboundEvent] = field(default_factory=list)
    tries: int = 0
    began: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        self.tries += 1
        self.began.set()
        if self.before is not None:
            await self.before(uow, event)
        if error := self.fails(event):
            raise error
        uow.after_commit(lambda: self.seen.append(event))
        uow.after_commit(self.done.set)

    def ids(self) -> list[UUID]:
        return [one.event_id for one in self.seen]


@dataclass
class Stand:
    """Everything of one test."""

    served: Served
    database: Database
    settings: CampaignSettings
    clock: FixedClock
    owner_url: str
    steps: Sequence[Any]
    intake: Intake

    @property
    def tenant_id(self) -> UUID:
        return self.served.tenant_id

    def neighbour(self, *, tenant_id: UUID | None = None) -> EventIntakeServiceStub:
        return self.served.person(EventIntakeServiceStub, "service", tenant_id=tenant_id, subject="orders")

    def owner(self, *, tenant_id: UUID | None = None) -> EventIntakeServiceStub:
        return self.served.person(EventIntakeServiceStub, "super_owner", tenant_id=tenant_id)

    def gateway(self) -> EventIntakeServiceStub:
        return self.served.caller(EventIntakeServiceStub, "gateway")

    def worker(self, *steps: Any, **options: Any) -> IntakeWorker:
        vault = Vault(Envelope(self.settings.encryption_keys), self.settings.hash_keys)
        return IntakeWorker(self.database, vault, steps or self.steps, **options)

    def envelope(self, kind: str = "order.expired", **changes: Any) -> dict[str, Any]:
        return envelope(self.tenant_id, kind, **changes)

    async def tell(self, *envelopes: dict[str, Any]) -> pb.IngestEventsResponse:
        """Sends envelopes as a neighbour does."""
        return await self.neighbour().IngestEvents(
            pb.IngestEventsRequest(events_json=orjson.dumps(list(envelopes)))
        )

    async def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.owner_url, autocommit=True) as connection:
            cursor = await connection.execute(query, params)  # type: ignore[arg-type]
            return await cursor.fetchall() if cursor.description else []

    async def states(self) -> dict[str, int]:
        rows = await self.rows(
            "SELECT event_id::text, state FROM campaign.inbound_event WHERE tenant_id = %s", self.tenant_id
        )
        return dict(rows)


@asynccontextmanager
async def open_stand(owner_url: str, redis_url: str, clock: FixedClock, *steps: Any) -> AsyncIterator[Stand]:
    settings = settings_for(CampaignSettings, owner_url, redis_url, "campaign", enable_rate_limiting=False)
    database = await Database.open(settings, "campaign", clock=clock)
    parts = wiring.parts(database, settings, steps)
    service = Service("campaign", database, parts.registrations, [], max_message_bytes=wiring.MAX_REQUEST)
    server = await start_server(service, settings)
    served = Served(service, settings, server.port)
    try:
        yield Stand(served, database, settings, clock, owner_url, steps, parts.intake)
    finally:
        for channel in served.channels:
            await channel.close()
        await server.stop()
        await database.close()


def envelope(tenant: UUID, kind: str = "order.expired", **changes: Any) -> dict[str, Any]:
    """An event as a neighbour states it."""
    return {
        "event_id": str(uuid4()),
        "type": kind,
        "version": 1,
        "tenant_id": str(tenant),
        "source": "orders",
        "occurred_at": "2026-01-15T11:59:00Z",
        "aggregate_type": "order",
        "aggregate_id": "o-1",
        "data": {"person": {"user_id": "u-1"}, "order_id": "o-1"},
        **changes,
    }


_SAMPLES: dict[str, Any] = {
    "whole": 7,
    "truth": True,
    "currency": "EUR",
    "moment": "2026-05-01T18:00:00Z",
    "day": "2026-05-01",
    "url": "https://shop.example/pay",
    "pay_url": "https://pay.example/g/7?token=q8Zt3mR1vK0xW5bN9cLp",
    "email": "anna@example.com",
    "phone": "+4915112345678",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "items": [],
    "words": ["one"],
    "mapping": {},
    "anything": "any",
    "name": "Anna",
}


def sample(one: Field, check: str) -> Any:
    return _SAMPLES.get(check, f"{one.name}-1")


__all__ = [
    "ACCEPTED",
    "DUPLICATE",
    "REJECTED",
    "Clock",
    "Recorder",
    "Stand",
    "envelope",
    "open_stand",
    "sample",
]
