"""One campaign service with a delivery that tests direct; each test is a tenant of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest_asyncio

from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.common.v1 import enums_pb2
from services.campaign.bootstrap import build
from services.campaign.notices import wiring
from services.campaign.notices.domain import Listener, Notice, Outcome, Reader, Source
from services.campaign.notices.notices import Notices
from services.campaign.notices.worker import NoticeWorker
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.db.testing import TemplateDatabases
from services.common.rpc.client import Channels
from tests.campaign.conftest import create_tenant
from tests.common.given import settings as given_settings
from tests.fakes.delivery import Accepted, FakeDelivery, start_delivery
from tests.house import Served, serving, settings_for

EMAIL, SMS, PUSH = enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_PUSH
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Office:
    """A tenant whose notices are handed over when a test says so."""

    served: Served
    delivery: FakeDelivery
    worker: NoticeWorker
    notices: Notices
    clock: FixedClock
    outcomes: list[Outcome] = field(default_factory=list)

    async def contact(self, **fields: Any) -> UUID:
        wanted = contact_pb2.Contact(external_id=uuid4().hex, **fields)
        stub = self.served.person(ContactServiceStub)
        answer = await stub.UpsertContact(contact_service_pb2.UpsertContactRequest(contact=wanted))
        return UUID(answer.contact.contact_id)

    def notice(self, reader: Reader, **fields: Any) -> Notice:
        values: dict[str, Any] = {
            "source": Source.RULE,
            "key": uuid4().hex,
            "rule": "order-shipped",
            "reader": reader,
            "category": enums_pb2.CATEGORY_ORDER,
            "template": "order-shipped",
            "channels": (EMAIL,),
            "expires_at": (fields.get("due_at") or self.clock.now()) + timedelta(hours=24),
        }
        return Notice(**{**values, **fields})

    async def add(self, *notices: Notice) -> int:
        async with self.uow() as uow:
            return await self.notices.add(uow, notices)

    def uow(self) -> Any:
        return self.served.service.database.tenant(self.served.tenant_id)

    async def hand_over(self) -> None:
        while await self.worker.step():
            pass

    async def rows(self) -> list[tuple[str, str, int]]:
        """State, reason and number of messages of the tenant's notices, oldest first."""
        async with self.uow() as uow:
            return await uow.fetch_all(
                "SELECT state, reason, cardinality(message_ids) FROM notice WHERE tenant_id = %s ORDER BY notice_id",
                (self.served.tenant_id,),
            )

    def sent(self) -> list[Accepted]:
        """What delivery accepted of this tenant's notices, in its order."""
        return list(self.delivery.messages.values())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[Office]:
    url = templates.clone(["campaign"])
    outcomes: list[Outcome] = []

    async def listen(_uow: Any, heard: Sequence[Outcome]) -> None:
        outcomes.extend(heard)

    async with AsyncExitStack() as stack:
        server, delivery = await start_delivery(given_settings())
        stack.push_async_callback(server.stop)
        settings = settings_for(
            CampaignSettings, url, redis_url, "campaign", delivery_address=delivery.address
        )
        clock = FixedClock(NOON)
        served = await stack.enter_async_context(serving(build, settings, clock=clock))
        channels = await stack.enter_async_context(Channels(settings, name="campaign"))
        notices = wiring.of(settings)
        worker = NoticeWorker(served.service.database, channels, notices, {Source.RULE: Listener(listen)})
        yield Office(served, delivery, worker, notices, clock, outcomes)
    templates.drop(url)


@pytest_asyncio.fixture(loop_scope="module")
async def office(building: Office) -> Office:
    """The service as a new tenant sees it; delivery has nothing yet."""
    building.served.tenant_id = uuid4()
    building.outcomes.clear()
    delivery = building.delivery
    for kept in (delivery.messages, delivery.keys, delivery.answers, delivery.offered, delivery.refused):
        kept.clear()
    building.delivery.told.clear()
    building.delivery.stopped.clear()
    building.delivery.error = None
    building.delivery.is_deaf = False
    building.clock.set(NOON)
    # What other tests left waiting would be handed over here.
    async with building.served.service.database.system() as uow:
        await uow.execute("DELETE FROM notice")
        await uow.execute("DELETE FROM notice_cancellation")
    await create_tenant(building.served)
    return building
