"""Messages of runs on their whole way: written down, handed to delivery, and told of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from angarium.delivery.v1 import message_pb2
from services.campaign.automations import runs
from services.campaign.automations.moving import cancel
from services.campaign.automations.sending import LISTENER
from services.campaign.bootstrap import LISTENERS, build
from services.campaign.notices import wiring as notice_wiring
from services.campaign.notices.domain import Source
from services.campaign.notices.worker import NoticeWorker
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.db.testing import TemplateDatabases
from services.common.db.uow import UnitOfWork
from services.common.rpc.client import Channels
from tests.campaign.automations.conftest import NOON
from tests.campaign.automations.given import (
    TEMPLATE,
    advance,
    automation,
    contact,
    means,
    run_of,
    state,
    trigger,
)
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
        worker = NoticeWorker(served.service.database, channels, notices, {Source.AUTOMATION: LISTENER})
        yield Office(served, delivery, worker)
    templates.drop(url)


@pytest.fixture(autouse=True)
def _nothing_handed_over(office: Office) -> None:
    office.delivery.messages.clear()
    office.delivery.told.clear()


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


async def told(office: Office, many: int) -> list[str]:
    """So many runs that wait for what becomes of their one message."""
    made = await automation(office.shop, actions=[{"send_notification": {"template_name": TEMPLATE}}])
    people = [await contact(office.shop, email=f"{uuid4().hex}@example.com") for _ in range(many)]
    found = await trigger(office.shop, made.automation_id, *people)
    await advance(office.shop)
    return found


async def test_what_became_of_many_notices_is_heard_in_as_many_statements_as_of_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    run = UnitOfWork._run
    # The first time, what is kept afterwards is read.
    for many in (1, 1, 12):
        found = await told(office, many)
        sent: list[str] = []

        async def counted(uow: UnitOfWork, query: Any, *given: Any, sent: list[str] = sent) -> Any:
            sent.append(str(query))
            return await run(uow, query, *given)

        with monkeypatch.context() as counting:
            counting.setattr(UnitOfWork, "_run", counted)
            await office.worker.step()
        assert {await state(office.shop, one) for one in found} == {"completed"}
        counts.append(len(sent))
    assert counts[1] == counts[2]


async def waits_for_a_lock(office: Office) -> bool:
    async with office.shop.service.database.tenant(office.shop.tenant_id) as uow:
        return bool(
            await uow.fetch_value(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock')"
            )
        )


async def test_a_run_that_ends_while_its_message_is_settled_is_not_waited_for_crosswise(
    office: Office,
) -> None:
    [run_id] = await told(office, 1)
    database = office.shop.service.database
    async with database.tenant(office.shop.tenant_id) as uow:
        held = await runs.open_of(uow)
        handing_over = asyncio.create_task(office.worker.step())
        while not handing_over.done() and not await waits_for_a_lock(office):  # noqa: ASYNC110 - locks offer no event
            await asyncio.sleep(0.01)
        assert await cancel(uow, means(office.shop), held, "over") == 1
    await handing_over
    assert await state(office.shop, run_id) == "cancelled"
    await office.worker.step()
    # Told before the message arrived there, perhaps, and of the message once it had.
    assert [selector.correlation_key or selector.message_id for _, selector in office.delivery.told] == [
        f"automation:{run_id}",
        *office.delivery.messages,
    ]


async def test_outcomes_of_notices_are_told_to_automations() -> None:
    assert Source.AUTOMATION in LISTENERS
