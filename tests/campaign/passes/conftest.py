"""One campaign service beside a delivery that keeps what it is asked about passes."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest_asyncio

from services.campaign import reactions
from services.campaign.bootstrap import build
from services.campaign.intake.sealing import Vault
from services.campaign.intake.worker import IntakeWorker
from services.campaign.notices import wiring
from services.campaign.notices.worker import NoticeWorker
from services.campaign.passes.orders import PassOrders
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.db.testing import TemplateDatabases
from services.common.rpc.client import Channels
from services.common.security.envelope import Envelope
from tests.campaign.conftest import create_tenant
from tests.campaign.rules.kit import CS_TEAM, NOON, Desk
from tests.common.given import settings as given_settings
from tests.fakes.delivery import FakeDelivery, start_delivery
from tests.house import serving, settings_for


@dataclass
class BoxOffice(Desk):
    """A tenant that sells tickets; what is due is told to delivery when a test says so."""

    delivery: FakeDelivery
    orders: PassOrders
    worker: NoticeWorker
    channels: Channels

    async def handle(self) -> None:
        vault = Vault(Envelope(self.settings.encryption_keys), self.settings.hash_keys)
        steps = reactions.steps(self.settings)
        await IntakeWorker(self.served.service.database, vault, steps).run_until_idle()

    async def carry_out(self) -> None:
        while await self.orders.carry_out():
            pass

    async def hand_over(self) -> None:
        while await self.worker.step():
            pass

    async def contact(self, user_id: str) -> UUID:
        async with self.served.service.database.tenant(self.served.tenant_id) as uow:
            found: UUID = await uow.fetch_value(
                "SELECT contact_id FROM contact WHERE tenant_id = %s AND external_id = %s",
                (self.served.tenant_id, user_id),
            )
            return found

    def links(self) -> list[str]:
        """Where messages that were handed over lead for tickets."""
        sent = self.delivery.messages.values()
        return [
            one.recipient.variables["passUrl"]
            for one in sent
            if one.content.template_name == "ticket-purchased"
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[BoxOffice]:
    url = templates.clone(["campaign"])
    async with AsyncExitStack() as stack:
        server, delivery = await start_delivery(given_settings())
        stack.push_async_callback(server.stop)
        settings = settings_for(
            CampaignSettings,
            url,
            redis_url,
            "campaign",
            delivery_address=delivery.address,
            enable_rate_limiting=False,
            cs_team_email=CS_TEAM,
            frontend_url="https://shop.example",
        )
        clock = FixedClock(NOON)
        served = await stack.enter_async_context(serving(build, settings, clock=clock))
        channels = await stack.enter_async_context(Channels(settings, name="campaign"))
        database = served.service.database
        worker = NoticeWorker(database, channels, wiring.of(settings), {})
        yield BoxOffice(served, clock, delivery, PassOrders(database, channels), worker, channels)
    templates.drop(url)


@pytest_asyncio.fixture(loop_scope="module")
async def office(building: BoxOffice) -> BoxOffice:
    """The service as a new tenant sees it, at noon; delivery was asked nothing yet."""
    building.clock.set(NOON)
    delivery = building.delivery
    delivery.wallets.clear()
    delivery.messages.clear()
    delivery.keys.clear()
    async with building.served.service.database.system() as uow:
        for table in ("notice", "pass_order"):
            await uow.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
    # A worker of its own: one that was told that nobody signs passes believes so for a while.
    worker = NoticeWorker(
        building.served.service.database,
        building.channels,
        wiring.of(building.settings),
        {},
    )
    served = dataclasses.replace(building.served, tenant_id=uuid4())
    office = dataclasses.replace(building, served=served, worker=worker)
    await create_tenant(office.served)
    return office
