"""Calls of partners: handed to delivery once, and the run goes on with what became of them."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from google.protobuf.json_format import MessageToDict

from angarium.campaign.v1 import automation_service_pb2 as pb
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import webhook_service_pb2, webhook_service_pb2_grpc
from angarium.delivery.v1.delivery_events_pb2 import WebhookCallSettled
from services.campaign.automations import calls, engine, planning
from services.campaign.automations.calls import Calls
from services.campaign.automations.worker import AutomationWorker
from services.campaign.bootstrap import build
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.db.testing import TemplateDatabases
from services.common.errors import ServiceError, failed, unavailable
from services.common.rpc.client import Channels
from services.common.rpc.server import start_server
from services.common.service import Registration, Service
from tests.campaign.automations.conftest import NOON
from tests.campaign.automations.given import (
    advance,
    automation,
    clock,
    contact,
    means,
    run_of,
    runs_of,
    segment,
    state,
    stub,
    tell,
    trigger,
)
from tests.campaign.conftest import create_tenant
from tests.campaign.orders.given import event
from tests.common.given import ReadyDatabase
from tests.common.given import settings as given_settings
from tests.house import Served, serving, settings_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

URL = "https://partner.example/hook"


@dataclass
class Desk(webhook_service_pb2_grpc.WebhookServiceServicer):
    """Delivery's desk for calls: keeps each id once."""

    calls: dict[str, webhook_service_pb2.CallWebhookRequest] = field(default_factory=dict)
    asked: int = 0
    error: ServiceError | None = None

    async def CallWebhook(self, request: Any, context: Any) -> Any:
        self.asked += 1
        if self.error:
            raise self.error
        known = request.call_id in self.calls
        self.calls[request.call_id] = request
        return webhook_service_pb2.CallWebhookResponse(
            webhook_subscription_id=str(UUID(int=7)), deduplicated=known
        )


@dataclass
class Office:
    """Campaign, and the desk that it hands calls to."""

    shop: Served
    desk: Desk
    calls: Calls
    worker: AutomationWorker
    parts: tuple[Any, ...]

    async def hand_over(self) -> None:
        while await self.calls.step():
            pass

    async def settle(self, run: str, **fields: Any) -> None:
        step = (await run_of(self.shop, run)).steps[0]
        payload = WebhookCallSettled(call_id=step.call_id, **fields)
        async with self.shop.service.database.tenant(self.shop.tenant_id) as uow:
            await calls.settled(uow, EventEnvelope(), payload)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[Office]:
    url = templates.clone(["campaign"])
    desk, ready = Desk(), ReadyDatabase()
    registration = Registration(
        webhook_service_pb2.DESCRIPTOR.services_by_name["WebhookService"],
        webhook_service_pb2_grpc.add_WebhookServiceServicer_to_server,
        desk,
    )
    async with AsyncExitStack() as stack:
        server = await start_server(Service("delivery", ready, [registration]), given_settings())  # type: ignore[arg-type]
        stack.push_async_callback(server.stop)
        settings = settings_for(
            CampaignSettings, url, redis_url, "campaign", delivery_address=f"127.0.0.1:{server.port}"
        )
        served = await stack.enter_async_context(serving(build, settings, clock=FixedClock(NOON)))
        channels = await stack.enter_async_context(Channels(settings, name="campaign"))
        parts = (served.service.database, channels, means(served))
        yield Office(served, desk, Calls(*parts), AutomationWorker(*parts), parts)
    templates.drop(url)


@pytest_asyncio.fixture(loop_scope="module")
async def office(house: Office) -> Office:
    house.desk.calls.clear()
    house.desk.asked, house.desk.error = 0, None
    # What other tests left waiting would be handed over here.
    async with house.shop.service.database.system() as uow:
        await uow.execute("DELETE FROM automation_run")
        await uow.execute("UPDATE automation SET next_at = NULL, planned_at = NULL")
    found = dataclasses.replace(house, shop=dataclasses.replace(house.shop, tenant_id=uuid4()))
    await create_tenant(found.shop)
    return found


async def called(office: Office, **webhook: Any) -> tuple[str, str]:
    """A run that stands at its call, and its contact."""
    made = await automation(
        office.shop,
        actions=[{"webhook": {"url": URL, **webhook}}, {"update_contact": {"add_tags": ["told"]}}],
    )
    person = await contact(office.shop, name="Anna", email="anna@example.com")
    [run] = await trigger(office.shop, made.automation_id, person, order={"id": "o1", "amount": 12})
    await advance(office.shop)
    return run, person


@pytest.mark.req("LIF-69", "LIF-71", "LIF-103")
async def test_a_call_is_handed_over_and_the_run_goes_on_once_it_arrived(office: Office) -> None:
    run, person = await called(
        office,
        headers={"X-Shop": "berlin"},
        payload={"hello": "Dear {{ contact.name }}", "order": "{{ data.order }}", "run": "{{ run.run_id }}"},
    )
    await office.hand_over()
    [request] = office.desk.calls.values()
    assert (request.url, dict(request.headers), request.contact_id) == (URL, {"X-Shop": "berlin"}, person)
    told = {"hello": "Dear Anna", "order": {"id": "o1", "amount": 12.0}, "run": run}
    assert MessageToDict(request.data) == told
    step = (await run_of(office.shop, run)).steps[0]
    assert (step.call_id, step.result["webhook_subscription_id"]) == (request.call_id, str(UUID(int=7)))
    assert await state(office.shop, run) == "waiting"
    await office.settle(run, is_delivered=True, response_status=200, attempt_count=2)
    await advance(office.shop)
    assert await state(office.shop, run) == "completed"
    assert (await run_of(office.shop, run)).steps[0].result["response_status"] == 200


async def test_without_a_payload_the_run_its_contact_and_its_data_are_told(office: Office) -> None:
    run, person = await called(office)
    await office.hand_over()
    [request] = office.desk.calls.values()
    told = MessageToDict(request.data)
    assert told["contact_id"] == person
    assert told["data"] == {"order": {"id": "o1", "amount": 12.0}}
    assert told["run"]["run_id"] == run


@pytest.mark.req("LIF-69")
async def test_a_call_that_was_given_up_fails_the_run(office: Office) -> None:
    run, _ = await called(office)
    await office.hand_over()
    await office.settle(run, is_delivered=False, error_class="status", response_status=500)
    shown = await run_of(office.shop, run)
    assert (await state(office.shop, run), shown.run.error) == ("failed", "status")


@pytest.mark.req("LIF-71")
async def test_a_call_is_the_same_one_however_often_it_is_handed_over(office: Office) -> None:
    run, _ = await called(office)
    office.desk.error = unavailable("delivery")
    await office.hand_over()
    assert (office.desk.calls, await state(office.shop, run)) == ({}, "waiting")
    office.desk.error = None
    clock(office.shop).advance(timedelta(minutes=11))
    await office.hand_over()
    # A hand-over that was noted nowhere because its process died.
    async with office.shop.service.database.tenant(office.shop.tenant_id) as uow:
        await uow.execute("UPDATE automation_step SET due_at = %s, handed_at = NULL", (uow.now(),))
    before = office.desk.asked
    await office.hand_over()
    assert office.desk.asked == before + 1
    assert len(office.desk.calls) == 1


@pytest.mark.req("LIF-71")
async def test_a_call_that_delivery_refuses_fails_its_step(office: Office) -> None:
    run, _ = await called(office)
    office.desk.error = failed("CHANNEL_DISABLED", "disabled")
    await office.hand_over()
    assert (await run_of(office.shop, run)).run.error == "channel_disabled"


async def test_a_call_of_which_nothing_is_heard_fails_after_two_days(office: Office) -> None:
    run, _ = await called(office)
    await office.hand_over()
    await advance(office.shop, timedelta(hours=49).total_seconds())
    assert (await run_of(office.shop, run)).run.error == "no_outcome"


async def test_a_cancelled_run_calls_nobody(office: Office) -> None:
    run, _ = await called(office)
    await stub(office.shop).CancelAutomationRun(pb.CancelAutomationRunRequest(run_id=run))
    await office.hand_over()
    assert office.desk.asked == 0


@pytest.mark.req("LIF-72")
async def test_what_a_partner_answers_with_is_known_to_come_from_the_run(office: Office) -> None:
    made = await automation(
        office.shop, event={"event_name": "shop.asked"}, actions=[{"webhook": {"url": URL}}]
    )
    await contact(office.shop, external_id="anna")
    await tell(office.shop, event(office.shop, "shop.asked", user_id="anna", number=1))
    await advance(office.shop)
    await office.hand_over()
    [call_id] = office.desk.calls
    answer = dataclasses.replace(
        event(office.shop, "shop.asked", user_id="anna", number=2), causation_id=call_id
    )
    await tell(office.shop, answer)
    assert [run.error for run in await runs_of(office.shop)] == ["caused_by_itself", ""]
    assert {run.automation_id for run in await runs_of(office.shop)} == {made.automation_id}


@pytest.mark.req("JOB-18", "LIF-108")
async def test_the_loop_plans_moves_and_hands_over_whatever_is_due(office: Office) -> None:
    shop = office.shop
    made = await automation(
        shop,
        time={"cron_expression": "0 9 * * *", "time_zone": "UTC"},
        segment_id=await segment(shop, "vip"),
        actions=[{"delay": "60s"}, {"webhook": {"url": URL}}],
    )
    vip = await contact(shop, tags=["vip"])
    clock(shop).set(made.next_time.ToDatetime(tzinfo=UTC))
    others = [office.worker, *(AutomationWorker(*office.parts) for _ in range(2))]
    await asyncio.gather(*(one.run_until_idle() for one in others))
    [run] = await runs_of(shop)
    assert await state(shop, run.run_id) == "waiting"
    clock(shop).advance(timedelta(seconds=60))
    await asyncio.gather(*(one.run_until_idle() for one in others))
    # The loop also hands over what other tenants of this service have due by now.
    assert [one.contact_id for one in office.desk.calls.values()].count(str(vip)) == 1
    assert len(await runs_of(shop)) == 1


async def test_trouble_with_one_tenant_keeps_no_other_waiting(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = dataclasses.replace(office.shop, tenant_id=uuid4())
    await create_tenant(other)
    first, second = sorted((office.shop, other), key=lambda one: one.tenant_id)
    for shop in (first, second):
        await automation(
            shop,
            time={"cron_expression": "0 * * * *", "time_zone": "UTC"},
            segment_id=await segment(shop, "vip"),
            actions=[{"update_contact": {"add_tags": ["seen"]}}, {"webhook": {"url": URL}}],
        )
    await contact(first, tags=["vip"])
    berta = await contact(second, tags=["vip"])

    def failing(work: Any) -> Any:
        async def run(uow: Any, *given: Any) -> Any:
            if uow.tenant_id == first.tenant_id:
                raise LookupError("a fault of ours")
            return await work(uow, *given)

        return run

    clock(first).advance(timedelta(hours=1))
    with monkeypatch.context() as troubled:
        troubled.setattr(planning, "plan", failing(planning.plan))
        await office.worker.run_until_idle()
        [run] = await runs_of(second)
        assert (run.contact_id, await runs_of(first)) == (berta, [])
    assert len(office.desk.calls) == 1
    with monkeypatch.context() as troubled:
        troubled.setattr(engine, "advance", failing(engine.advance))
        await office.worker.run_until_idle()
    [waiting] = await runs_of(first)
    assert await state(first, waiting.run_id) == "running"


async def test_a_call_that_cannot_be_made_keeps_no_other_from_delivery(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _ = await called(office)
    good, _ = await called(office)
    request = Calls._request

    async def failing(one: Calls, uow: Any, due: calls.Due) -> Any:
        if str(due.run_id) == bad:
            raise LookupError("a fault of ours")
        return await request(one, uow, due)

    with monkeypatch.context() as troubled:
        troubled.setattr(Calls, "_request", failing)
        await office.hand_over()
    [made] = office.desk.calls.values()
    assert MessageToDict(made.data)["run"]["run_id"] == good
    clock(office.shop).advance(timedelta(minutes=1))
    await office.hand_over()
    assert len(office.desk.calls) == 2
