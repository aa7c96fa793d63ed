"""What starts runs, and what keeps them from starting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import automation_service_pb2 as pb
from angarium.campaign.v1 import settings_service_pb2
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from services.campaign.automations import hearing, starting, store
from services.campaign.automations.hearing import Happening
from services.campaign.automations.starting import Cause
from services.campaign.intake.steps import InboundEvent
from services.common.errors import ServiceError
from services.common.ids import uuid7
from tests.campaign.automations.given import (
    advance,
    automation,
    clock,
    contact,
    emitted,
    means,
    plan,
    read_contact,
    run_of,
    runs_of,
    segment,
    state,
    stub,
    tell,
    trigger,
)
from tests.campaign.orders.given import event
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAG = [{"update_contact": {"add_tags": ["started"]}}]
PAID: dict[str, Any] = {
    "order_id": "o1",
    "payment_id": "p1",
    "event_ref": "e1",
    "amount": 12_000,
    "currency": "EUR",
    "ticket_quantity": 2,
}


def paid(shop: Served, user: str, **changes: Any) -> InboundEvent:
    return now(shop, event(shop, "order.paid", person={"user_id": user}, **{**PAID, **changes}))


def now(shop: Served, one: InboundEvent) -> InboundEvent:
    return replace(one, occurred_at=clock(shop).now())


@pytest.mark.req("LIF-64", "LIF-103")
async def test_an_event_starts_a_run_for_its_contact_when_it_passes_the_filter(shop: Served) -> None:
    over = {"field": "amount", "operator": "CONDITION_OPERATOR_GTE", "value": 10_000}
    made = await automation(shop, event={"event_name": "order.paid", "filter": [over]}, actions=TAG)
    person = await contact(shop, external_id="anna")
    small = paid(shop, "anna", order_id="o0", amount=9_999)
    await tell(shop, small)
    assert await runs_of(shop) == []
    large = paid(shop, "anna")
    await tell(shop, large, large)
    [run] = await runs_of(shop)
    assert (run.automation_id, run.contact_id, run.trigger_key) == (
        made.automation_id,
        person,
        str(large.event_id),
    )
    await advance(shop)
    assert list((await read_contact(shop, person)).tags) == ["started"]
    [begun] = await emitted(shop, "automation.run_started")
    assert begun["runs"][0]["run_id"] == run.run_id


@pytest.mark.req("LIF-64")
async def test_a_type_that_no_catalogue_knows_starts_runs_too(shop: Served) -> None:
    await automation(shop, event={"event_name": "yoga.class_booked"}, actions=TAG)
    person = await contact(shop, external_id="anna")
    await tell(shop, event(shop, "yoga.class_booked", user_id="anna"))
    [run] = await runs_of(shop)
    assert run.contact_id == person


@pytest.mark.req("LIF-64")
async def test_an_event_about_nobody_is_a_run_that_was_skipped(shop: Served) -> None:
    await automation(shop, event={"event_name": "yoga.class_booked"}, actions=TAG)
    await tell(shop, event(shop, "yoga.class_booked", room="blue"))
    [run] = await runs_of(shop)
    assert (run.contact_id, run.error) == ("", "no_contact")
    assert await state(shop, run.run_id) == "skipped"


async def test_a_refund_is_about_the_buyer_of_its_order(shop: Served) -> None:
    await automation(shop, event={"event_name": "refund.processed"}, actions=TAG)
    person = await contact(shop, external_id="anna")
    refund = {"order_id": "o1", "refund_id": "r1", "payment_id": "p1", "amount": 100, "currency": "EUR"}
    await tell(shop, paid(shop, "anna"), event(shop, "refund.completed", **refund))
    [run] = await runs_of(shop)
    assert run.contact_id == person


@pytest.mark.req("LIF-64")
async def test_an_event_of_the_house_starts_a_run(shop: Served) -> None:
    made = await automation(shop, event={"event_name": "coupon.redeemed"}, actions=TAG)
    person = UUID(await contact(shop))
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        assert await store.hears(uow, "coupon.redeemed", "coupon.reversed") == {"coupon.redeemed"}
        await hearing.hear(uow, means(shop), "coupon.redeemed", [Happening(uuid7(), person, {"code": "X"})])
    [run] = await runs_of(shop)
    assert (run.automation_id, run.contact_id) == (made.automation_id, str(person))


@pytest.mark.req("LIF-5")
async def test_who_is_no_member_or_of_another_branch_is_skipped_with_the_reason(shop: Served) -> None:
    branch = str(uuid4())
    for_members = await automation(shop, segment_id=await segment(shop, "vip"))
    for_branch = await automation(shop, branch_ids=[branch])
    member, other = await contact(shop, tags=["vip"]), await contact(shop)
    assert len(await trigger(shop, for_members.automation_id, member, other)) == 1
    assert await trigger(shop, for_branch.automation_id, member) == []
    errors = {(run.automation_id, run.contact_id): run.error for run in await runs_of(shop)}
    assert errors == {
        (for_members.automation_id, member): "",
        (for_members.automation_id, other): "not_member",
        (for_branch.automation_id, member): "branch_excluded",
    }


@pytest.mark.req("LIF-5")
async def test_a_contact_begins_again_after_the_cooldown_and_so_often_at_most(shop: Served) -> None:
    made = await automation(shop, cooldown_days=1, max_runs_per_contact=2)
    person = await contact(shop)

    async def begins() -> str:
        request = pb.TriggerAutomationRequest(automation_id=made.automation_id, contact_ids=[person])
        await stub(shop).TriggerAutomation(request)
        return (await runs_of(shop))[0].error

    assert await begins() == ""
    assert await begins() == "cooldown"
    clock(shop).advance(timedelta(hours=23, minutes=59))
    assert await begins() == "cooldown"
    clock(shop).advance(timedelta(minutes=1))
    assert await begins() == ""
    clock(shop).advance(timedelta(days=2))
    assert await begins() == "max_runs"


@pytest.mark.req("LIF-24")
async def test_a_call_starts_runs_once_for_its_key_and_names_who_was_left_out(shop: Served) -> None:
    made = await automation(shop)
    first, second, nobody = await contact(shop), await contact(shop), str(uuid4())
    request = pb.TriggerAutomationRequest(
        automation_id=made.automation_id, contact_ids=[first, nobody, second], idempotency_key="k1"
    )
    answer = await stub(shop).TriggerAutomation(request)
    again = await stub(shop).TriggerAutomation(request)
    assert list(answer.run_ids) == list(again.run_ids)
    assert again.deduplicated
    assert list(answer.skipped_contact_ids) == [nobody]
    assert [(await run_of(shop, run)).run.contact_id for run in answer.run_ids] == [first, second]


@pytest.mark.req("LIF-24")
async def test_only_automations_of_kind_api_are_started_by_calls(shop: Served) -> None:
    made = await automation(shop, event={"event_name": "order.paid"})
    with pytest.raises(ServiceError) as caught:
        await trigger(shop, made.automation_id, await contact(shop))
    assert caught.value.reason == "AUTOMATION_INVALID"
    with pytest.raises(ServiceError) as caught:
        await trigger(shop, str(uuid4()), await contact(shop))
    assert caught.value.reason == "NOT_FOUND"


async def test_data_of_a_call_has_a_largest_size(shop: Served) -> None:
    made = await automation(shop)
    with pytest.raises(ServiceError) as caught:
        await trigger(shop, made.automation_id, await contact(shop), text="x" * 33_000)
    assert caught.value.reason == "VALIDATION_FAILED"


@pytest.mark.req("LIF-72")
async def test_an_automation_is_not_started_by_what_it_caused_itself(shop: Served) -> None:
    made = await automation(shop, event={"event_name": "shop.called"}, actions=[{"delay": "60s"}])
    other = await automation(shop, name="other", event={"event_name": "shop.called"})
    await contact(shop, external_id="anna")
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE automation SET state = 2 WHERE tenant_id = %s AND automation_id = %s",
            (shop.tenant_id, other.automation_id),
        )
    first = event(shop, "shop.called", user_id="anna", number=1)
    await tell(shop, first)
    [run] = await runs_of(shop)
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE automation SET state = 1 WHERE tenant_id = %s AND automation_id = %s",
            (shop.tenant_id, other.automation_id),
        )
    # A neighbour answers a call of the run with an event, and that with another.
    answer = replace(event(shop, "shop.called", user_id="anna", number=2), causation_id=run.run_id)
    echo = replace(event(shop, "shop.called", user_id="anna", number=3), causation_id=str(answer.event_id))
    await tell(shop, answer, echo)
    errors = {(one.automation_id, one.trigger_key): one.error for one in await runs_of(shop)}
    assert errors[made.automation_id, str(answer.event_id)] == "caused_by_itself"
    assert errors[made.automation_id, str(echo.event_id)] == "caused_by_itself"
    assert errors[other.automation_id, str(answer.event_id)] == ""


@pytest.mark.req("LIF-72")
async def test_a_chain_of_more_than_five_runs_is_cut(shop: Served, caplog: pytest.LogCaptureFixture) -> None:
    made = await automation(shop)
    person = UUID(await contact(shop))
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        found = await store.by_id(uow, UUID(made.automation_id))
        assert found
        for length in (4, 5):
            cause = Cause(f"k{length}", person, ancestry=[uuid7() for _ in range(length)])
            await starting.start(uow, means(shop), found[0], [cause])
    errors = {run.trigger_key: run.error for run in await runs_of(shop)}
    assert errors == {"k4": "", "k5": "chain_too_long"}
    assert "is not started" in caplog.text


@pytest.mark.req("LIF-65", "LIF-108", "JOB-18")
async def test_a_planned_time_makes_one_run_for_each_member_once(shop: Served) -> None:
    wanted = await segment(shop, "vip")
    members = {await contact(shop, tags=["vip"]) for _ in range(3)}
    await contact(shop)
    made = await automation(
        shop,
        time={"cron_expression": "0 9 * * *", "time_zone": "Europe/Berlin"},
        segment_id=wanted,
        cooldown_days=1,
    )
    planned = made.next_time.ToDatetime(tzinfo=UTC)
    assert planned > clock(shop).now()
    await plan(shop, made.automation_id)
    assert await runs_of(shop) == []
    clock(shop).set(planned + timedelta(minutes=5))
    await plan(shop, made.automation_id)
    await plan(shop, made.automation_id)
    found = await runs_of(shop)
    assert {run.contact_id for run in found} == members
    assert {run.trigger_key for run in found} == {f"{planned:%Y-%m-%dT%H:%M:%SZ}"}
    # The day after they begin again, whoever was a little later the day before.
    clock(shop).set(planned + timedelta(days=1))
    await plan(shop, made.automation_id)
    assert len([run for run in await runs_of(shop) if not run.error]) == 6


@pytest.mark.req("LIF-65", "LIF-71")
async def test_a_planned_time_of_a_suspended_tenant_makes_no_runs_and_the_next_one_does(shop: Served) -> None:
    wanted = await segment(shop, "vip")
    await contact(shop, tags=["vip"])
    made = await automation(
        shop, time={"cron_expression": "0 9 * * *", "time_zone": "UTC"}, segment_id=wanted, cooldown_days=0
    )
    admin = shop.person(SettingsServiceStub, "platform_admin")
    named = {"tenant_id": str(shop.tenant_id), "reason": "unpaid"}
    await admin.SuspendTenant(settings_service_pb2.SuspendTenantRequest(**named))
    planned = made.next_time.ToDatetime(tzinfo=UTC)
    clock(shop).set(planned)
    await plan(shop, made.automation_id)
    assert await runs_of(shop) == []
    await admin.ResumeTenant(settings_service_pb2.ResumeTenantRequest(tenant_id=str(shop.tenant_id)))
    await plan(shop, made.automation_id)
    assert await runs_of(shop) == []
    clock(shop).set(planned + timedelta(days=1))
    await plan(shop, made.automation_id)
    assert len(await runs_of(shop)) == 1


@pytest.mark.req("LIF-65", "JOB-18")
async def test_a_planned_time_that_was_missed_by_more_than_an_hour_is_skipped(shop: Served) -> None:
    wanted = await segment(shop, "vip")
    await contact(shop, tags=["vip"])
    made = await automation(
        shop, time={"cron_expression": "0 * * * *", "time_zone": "UTC"}, segment_id=wanted, cooldown_days=0
    )
    daily = await automation(
        shop, time={"cron_expression": "0 9 * * *", "time_zone": "UTC"}, segment_id=wanted, cooldown_days=0
    )
    start = daily.next_time.ToDatetime(tzinfo=UTC)
    clock(shop).set(start + timedelta(hours=3, minutes=20))
    await plan(shop, made.automation_id)
    await plan(shop, daily.automation_id)
    [run] = await runs_of(shop)
    late = start + timedelta(hours=3)
    assert (run.automation_id, run.trigger_key) == (made.automation_id, f"{late:%Y-%m-%dT%H:%M:%SZ}")
    shown = await stub(shop).GetAutomation(pb.GetAutomationRequest(automation_id=daily.automation_id))
    next_time: datetime = shown.automation.next_time.ToDatetime(tzinfo=UTC)
    assert next_time == start + timedelta(days=1)
