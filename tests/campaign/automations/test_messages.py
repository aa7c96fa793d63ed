"""Messages of runs on their whole way: written down, handed to delivery, and told of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio

from angarium.delivery.v1 import message_pb2
from services.campaign.automations import wiring
from services.campaign.bootstrap import LISTENERS, build
from services.campaign.notices import wiring as notice_wiring
from services.campaign.notices.domain import Source
from services.campaign.notices.worker import NoticeWorker
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.db.testing import TemplateDatabases
from services.common.rpc.client import Channels
from tests.campaign.automations.conftest import NOON
from tests.campaign.automations.given import TEMPLATE, advance, automation, contact, run_of, state, trigger
from tests.campaign.conftest import create_tenant
from tests.common.given import settings as given_settings
from tests.fakes.delivery import FakeDelivery, start_delivery
from tests.house import Served, serving, settings_for

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Office:
    """Campaign, a delivery that keeps what it accepts, and the loop of notices in a test's hands."""

    shop: Served
    delivery: FakeDelivery
    worker: NoticeWorker

    async def hand_over(self) -> None:
        while await self.worker.step():
            pass


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[Office]:
    url = templates.clone(["campaign"])
    async with AsyncExitStack() as stack:
        server, delivery = await start_delivery(given_settings())
        stack.push_async_callback(server.stop)
        settings = settings_for(
            CampaignSettings, url, redis_url, "campaign", delivery_address=delivery.address
        )
        served = await stack.enter_async_context(serving(build, settings, clock=FixedClock(NOON)))
        await create_tenant(served)
        channels = await stack.enter_async_context(Channels(settings, name="campaign"))
        notices = notice_wiring.of(settings)
        worker = NoticeWorker(served.service.database, channels, notices, wiring.listeners())
        yield Office(served, delivery, worker)
    templates.drop(url)


@pytest.mark.req("LIF-67", "LIF-6")
async def test_a_message_of_a_run_names_it_and_its_outcome_moves_the_run_on(office: Office) -> None:
    shop = office.shop
    made = await automation(
        shop,
        actions=[
            {"send_notification": {"template_name": TEMPLATE, "data": {"greeting": "Hi {{ data.who }}"}}},
            {"update_contact": {"add_tags": ["told"]}},
        ],
    )
    person, silent = await contact(shop, email="anna@example.com"), await contact(shop)
    reached, unreached = await trigger(shop, made.automation_id, person, silent, who="Anna")
    await advance(shop)
    await office.hand_over()
    await advance(shop)
    [message] = office.delivery.messages.values()
    assert message.content.automation_run_id == reached
    assert message.content.origin == message_pb2.ORIGIN_AUTOMATION
    assert message.recipient.variables["greeting"] == "Hi Anna"
    assert [await state(shop, run) for run in (reached, unreached)] == ["completed", "completed"]
    step = (await run_of(shop, reached)).steps[0]
    assert list(step.message_ids) == list(office.delivery.messages)
    assert (await run_of(shop, unreached)).steps[0].result["reasons"] == {"no_address": 1}


async def test_outcomes_of_notices_are_told_to_automations() -> None:
    assert Source.AUTOMATION in LISTENERS
