"""From what neighbours tell of tickets to the passes that people hold: campaign and delivery as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1 import wallet_service_pb2_grpc
from services.campaign import reactions
from services.campaign.bootstrap import build
from services.campaign.intake.sealing import Vault
from services.campaign.intake.worker import IntakeWorker
from services.campaign.notices import store, wiring
from services.campaign.notices.offering import Offering
from services.campaign.passes.orders import PassOrders
from services.campaign.settings import CampaignSettings
from services.common.clock import SystemClock
from services.common.rpc.client import Channels
from services.common.security.envelope import Envelope
from tests.campaign.conftest import create_tenant
from tests.campaign.rules.kit import Desk, person
from tests.delivery.kit import House, open_house
from tests.delivery.wallet.conftest import Authority, authority
from tests.house import serving, settings_for
from tests.refusals import refused

__all__ = ["authority"]


@dataclass
class Venue(Desk):
    """A tenant of both services."""

    house: House
    orders: PassOrders
    offering: Offering

    async def handle(self) -> None:
        vault = Vault(Envelope(self.settings.encryption_keys), self.settings.hash_keys)
        steps = reactions.steps(self.settings)
        await IntakeWorker(self.served.service.database, vault, steps).run_until_idle()
        while await self.orders.carry_out():
            pass

    async def link(self) -> str:
        """Where the message about the purchase leads, were it handed over now."""
        notices = wiring.of(self.settings)
        async with self.served.service.database.system() as uow:
            due = [
                one
                for one in await store.claim(uow, timedelta(seconds=1), 100)
                if one.template == "ticket-purchased"
            ]
        async with self.served.service.database.tenant(self.served.tenant_id) as uow:
            opened = await notices.opened(uow, due)
        readers = {one.contact_id for one in due if one.contact_id}
        assert await self.offering.fill(self.served.tenant_id, due, opened, readers) == set()
        [content] = [one for one in opened if one]
        return str(content["variables"]["passUrl"])

    async def open(self, url: str) -> pb.GetWalletPassResponse:
        wallets = wallet_service_pb2_grpc.WalletServiceStub(self.house.channel)
        found: pb.GetWalletPassResponse = await wallets.GetWalletPass(
            pb.GetWalletPassRequest(download_token=url.rpartition("/")[2]),
            metadata=self.house.as_service("gateway"),
        )
        return found


@pytest.fixture
async def venue(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, authority: Authority
) -> AsyncIterator[Venue]:
    url = clone_database(["campaign", "delivery"])
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(url, redis_url, **authority.settings()))
        settings = settings_for(
            CampaignSettings,
            url,
            redis_url,
            "campaign",
            enable_rate_limiting=False,
            delivery_address=f"127.0.0.1:{house.server.port}",
        )
        clock: Any = SystemClock()
        served = await stack.enter_async_context(serving(build, settings, clock=clock))
        served.tenant_id = house.tenant_id
        await create_tenant(served)
        channels = await stack.enter_async_context(Channels(settings, name="campaign"))
        database = served.service.database
        yield Venue(served, clock, house, PassOrders(database, channels), Offering(database, channels))


@pytest.mark.req("EVT-33", "EVT-34", "EVT-36", "EVT-43", "EVT-44", "DEL-100")
async def test_passes_follow_their_tickets_and_their_event(venue: Venue) -> None:
    begins = (venue.clock.now() + timedelta(days=20)).isoformat()
    event = {"event_name": "Opera", "event_date": begins}
    bought = {
        "person": person("u-1"),
        "event": {
            "ref": "e-1",
            "name": "Opera",
            "date": begins,
            "venue_name": "Hall",
            "venue_address": "Quay 1",
        },
        "ticket_refs": ["t-1", "t-2", "t-3"],
        "ticket_type": "Stalls",
        "ticket_count": 3,
        "order_id": "o-1",
    }
    await venue.tell("ticket.purchased", bought)
    link = await venue.link()
    assert "/passes/" in link
    assert (await venue.open(link)).pass_count == 3

    transfer = {"ticket_ref": "t-1", "from": person("u-1"), "to": person("u-2"), **event}
    await venue.tell("ticket.transferred", {**transfer, "transferred_at": venue.clock.now().isoformat()})
    assert (await venue.open(link)).pass_count == 2
    await venue.tell(
        "ticket.cancelled",
        {"ticket_ref": "t-2", "person": person("u-1"), "event_name": "Opera", "reason": "refund"},
    )
    left = await venue.open(link)
    assert (left.pass_count, left.wallet_pass.ticket_ref) == (1, "t-3")

    changes = {"venue_name": {"from": "Hall", "to": "Arena"}}
    await venue.tell(
        "event.updated", {"event_ref": "e-1", **event, "changes": changes, "holders": [{"user_id": "u-1"}]}
    )
    moved = (await venue.open(link)).wallet_pass
    assert (moved.fields.venue_name, moved.pass_version) == ("Arena", 2)

    await venue.tell(
        "event.cancelled",
        {
            "event_ref": "e-1",
            **event,
            "reason": "fire",
            "refund_available": True,
            "affected_tickets": [{"ticket_ref": "t-3", "user_id": "u-1"}],
        },
    )
    assert (await refused(venue.open(link))).reason == "INVALID_TOKEN"
