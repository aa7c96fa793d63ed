"""Each action, and what becomes of runs when one fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import automation_service_pb2 as pb
from angarium.campaign.v1 import contact_service_pb2, settings_service_pb2
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1 import contact_data_pb2
from angarium.common.v1.contact_data_pb2_grpc import ContactDataServiceStub
from services.campaign.automations import engine, keeping
from services.campaign.automations.domain import MOST_ATTEMPTS
from services.campaign.notices.domain import State
from services.campaign.notices.notices import Notices
from services.common.errors import ServiceError
from services.common.rpc.context import Caller, bind
from tests.campaign.automations.given import (
    TEMPLATE,
    advance,
    automation,
    clock,
    contact,
    emitted,
    means,
    notices,
    read_contact,
    run_of,
    runs_of,
    settle,
    shown_steps,
    state,
    stub,
    tagged_rule,
    tell,
    trigger,
)
from tests.campaign.orders.given import event
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEND = {"send_notification": {"template_name": TEMPLATE}}
TAG = {"update_contact": {"add_tags": ["through"]}}


@pytest.mark.req("LIF-67", "LIF-102")
async def test_named_recipients_are_written_to_and_unknown_ones_recorded(shop: Served) -> None:
    first, second, nobody = await contact(shop), await contact(shop), str(uuid4())
    send = {"send_notification": {"template_name": TEMPLATE, "recipient_ids": [first, second, nobody]}}
    made = await automation(shop, actions=[send])
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    assert {str(reader) for _, reader, _, _ in await notices(shop, run)} == {first, second}
    await settle(shop, run, State.SENT)
    await advance(shop)
    step = (await run_of(shop, run)).steps[0]
    assert (step.result["sent_count"], step.result["unknown_count"], len(step.message_ids)) == (2, 1, 2)
    assert await state(shop, run) == "completed"


@pytest.mark.req("LIF-67", "LIF-102")
async def test_a_rule_of_recipients_is_evaluated_at_that_moment(shop: Served) -> None:
    send = {"send_notification": {"template_name": TEMPLATE, "recipient_rule": tagged_rule("vip")}}
    made = await automation(shop, actions=[{"delay": "60s"}, send])
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    late = await contact(shop, tags=["vip"])
    await advance(shop, 60)
    assert [str(reader) for _, reader, _, _ in await notices(shop, run)] == [late]


async def test_a_rule_that_nobody_fulfils_writes_to_nobody_and_the_run_goes_on(shop: Served) -> None:
    send = {"send_notification": {"template_name": TEMPLATE, "recipient_rule": tagged_rule("vip")}}
    made = await automation(shop, actions=[send, TAG])
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    assert await shown_steps(shop, run) == [("send_notification", "skipped"), ("update_contact", "done")]


@pytest.mark.req("LIF-67", "LIF-101", "LIF-107")
async def test_the_class_follows_from_the_category_so_that_marketing_needs_consent(shop: Served) -> None:
    made = await automation(shop, actions=[SEND, TAG])
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        [(category, channels)] = await uow.fetch_all(
            "SELECT category, channels FROM notice WHERE automation_run_id = %s", (run,)
        )
    from services.campaign.templates.catalogue import catalogue

    template = catalogue().by_name(TEMPLATE, 1)
    assert template is not None
    assert (category, channels) == (template.category, [1])
    assert template.message_class.name == "MARKETING"
    # Who does not agree is skipped, which is no failure.
    await settle(shop, run, State.SKIPPED, "no_consent")
    await advance(shop)
    shown = await run_of(shop, run)
    assert shown.steps[0].result["reasons"] == {"no_consent": 1}
    assert await shown_steps(shop, run) == [("send_notification", "skipped"), ("update_contact", "done")]
    assert await state(shop, run) == "completed"


@pytest.mark.req("LIF-71", "LIF-105", "EVT-103")
async def test_a_failed_step_fails_the_run_and_says_so(shop: Served) -> None:
    made = await automation(shop, actions=[SEND, TAG])
    person = await contact(shop)
    [run] = await trigger(shop, made.automation_id, person)
    await advance(shop)
    await settle(shop, run, State.FAILED, "no_template")
    shown = await run_of(shop, run)
    assert (await state(shop, run), shown.run.error) == ("failed", "no_template")
    assert await shown_steps(shop, run) == [("send_notification", "failed"), ("update_contact", "skipped")]
    [told] = await emitted(shop, "automation.run_failed")
    assert told["runs"][0]["error"] == "no_template"
    assert list((await read_contact(shop, person)).tags) == []


@pytest.mark.req("LIF-71")
async def test_a_step_may_be_passed_over_when_it_fails(shop: Served) -> None:
    made = await automation(shop, actions=[{**SEND, "on_error": "ON_ERROR_CONTINUE"}, TAG])
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    await settle(shop, run, State.FAILED, "expired")
    await advance(shop)
    assert await shown_steps(shop, run) == [("send_notification", "failed"), ("update_contact", "done")]
    assert await state(shop, run) == "completed"


async def test_a_notice_of_which_nothing_is_heard_fails_its_step_in_the_end(shop: Served) -> None:
    made = await automation(shop, actions=[SEND])
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    await advance(shop, timedelta(hours=25).total_seconds())
    assert (await run_of(shop, run)).run.error == "no_outcome"


class BrokenNotices(Notices):
    """Notices that cannot be written for some contacts."""

    refused: frozenset[UUID] = frozenset()

    async def add(self, uow: Any, given: Any) -> int:
        if any(one.reader.contact_id in self.refused for one in given):
            raise RuntimeError("broken")
        return await super().add(uow, given)


async def test_a_step_is_tried_five_times_with_pauses_and_harms_no_other_run(shop: Served) -> None:
    made = await automation(shop, actions=[SEND])
    bad, good = await contact(shop), await contact(shop)
    [first, second] = await trigger(shop, made.automation_id, bad, good)
    settings = cast("Any", shop.settings)
    broken = BrokenNotices(settings.encryption_keys, settings.hash_keys)
    broken.refused = frozenset({UUID(bad)})
    kit = replace(means(shop), notices=broken)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with bind(Caller.of_service("campaign")):
            async with shop.service.database.tenant(shop.tenant_id) as uow:
                await engine.advance(uow, kit)
        step = (await run_of(shop, first)).steps[0]
        assert step.attempt_count == attempt
        clock(shop).advance(timedelta(minutes=15))
    shown = await run_of(shop, first)
    assert (await state(shop, first), shown.run.error) == ("failed", "runtimeerror")
    assert [key for key, *_ in await notices(shop, second)] == [f"{second}:0:{good}"]


@pytest.mark.req("LIF-68", "LIF-103")
async def test_a_contact_is_changed_and_what_follows_names_the_run(shop: Served) -> None:
    made = await automation(
        shop,
        actions=[
            {
                "update_contact": {
                    "add_tags": ["new"],
                    "remove_tags": ["old"],
                    "set_attributes": {
                        "last": "{{ data.order_id }}",
                        "level": 3,
                        "greeting": "Hi {{ contact.name }}",
                    },
                }
            }
        ],
    )
    person = await contact(shop, tags=["old"], name="Anna")
    [run] = await trigger(shop, made.automation_id, person, order_id="o7")
    await advance(shop)
    found = await read_contact(shop, person)
    assert list(found.tags) == ["new"]
    assert dict(found.attributes) == {"last": "o7", "level": 3.0, "greeting": "Hi Anna"}
    from angarium.common.v1.events_pb2 import EventEnvelope

    async with shop.service.database.tenant(shop.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT envelope FROM outbox WHERE tenant_id = %s AND type = 'contact.updated'", (shop.tenant_id,)
        )
    assert [EventEnvelope.FromString(one).causation_id for (one,) in rows] == [run]


async def test_a_contact_with_too_many_tags_fails_the_step(shop: Served) -> None:
    made = await automation(shop, actions=[TAG])
    [run] = await trigger(shop, made.automation_id, await contact(shop, tags=[f"t{n}" for n in range(100)]))
    await advance(shop)
    assert (await run_of(shop, run)).run.error == "too_many"


async def test_a_stop_ends_a_run_as_completed(shop: Served) -> None:
    made = await automation(shop, actions=[{"stop": {}}, TAG])
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    assert await state(shop, run) == "completed"
    assert await shown_steps(shop, run) == [("stop", "done"), ("update_contact", "skipped")]


WAIT: dict[str, Any] = {
    "wait_for_event": {
        "event": {
            "event_name": "yoga.answered",
            "filter": [{"field": "answer", "operator": "CONDITION_OPERATOR_EQ", "value": "yes"}],
        },
        "timeout": "3600s",
        "then_actions": [{"update_contact": {"add_tags": ["came"]}}],
        "else_actions": [{"update_contact": {"add_tags": ["silent"]}}],
    }
}


async def test_a_run_waits_for_an_event_of_its_contact_and_goes_on_with_it(shop: Served) -> None:
    made = await automation(shop, actions=[WAIT, TAG])
    person, other = await contact(shop, external_id="anna"), await contact(shop, external_id="ben")
    [run, still] = await trigger(shop, made.automation_id, person, other)
    await advance(shop)
    await tell(shop, event(shop, "yoga.answered", user_id="anna", answer="no"))
    assert await state(shop, run) == "waiting"
    answered = event(shop, "yoga.answered", user_id="anna", answer="yes")
    await tell(shop, answered)
    await advance(shop)
    assert await state(shop, run) == "completed"
    assert await state(shop, still) == "waiting"
    assert sorted((await read_contact(shop, person)).tags) == ["came", "through"]
    assert (await run_of(shop, run)).steps[0].result["event_id"] == str(answered.event_id)


async def test_a_run_goes_another_way_when_time_is_up(shop: Served) -> None:
    made = await automation(shop, actions=[WAIT])
    person = await contact(shop, external_id="anna")
    [run] = await trigger(shop, made.automation_id, person)
    await advance(shop)
    await advance(shop, 3600)
    assert list((await read_contact(shop, person)).tags) == ["silent"]
    await tell(shop, event(shop, "yoga.answered", user_id="anna", answer="yes"))
    assert await shown_steps(shop, run) == [
        ("wait_for_event", "done"),
        ("update_contact", "skipped"),
        ("update_contact", "done"),
    ]


@pytest.mark.req("LIF-5")
async def test_an_event_ends_runs_of_its_contact_and_what_they_had_handed_over(shop: Served) -> None:
    stop = {
        "event_name": "yoga.cancelled",
        "filter": [{"field": "class", "operator": "CONDITION_OPERATOR_EQ", "value": "blue"}],
    }
    made = await automation(shop, actions=[SEND, TAG], stop_on_events=[stop])
    person, other = await contact(shop, external_id="anna"), await contact(shop, external_id="ben")
    [run, still] = await trigger(shop, made.automation_id, person, other)
    await advance(shop)
    await tell(shop, event(shop, "yoga.cancelled", **{"user_id": "anna", "class": "red"}))
    assert await state(shop, run) == "waiting"
    await tell(shop, event(shop, "yoga.cancelled", **{"user_id": "anna", "class": "blue"}))
    shown = await run_of(shop, run)
    assert (await state(shop, run), shown.run.error) == ("cancelled", "stopped_by_event")
    assert [found for *_, found in await notices(shop, run)] == ["cancelled"]
    assert await state(shop, still) == "waiting"


@pytest.mark.req("LIF-25")
async def test_a_run_is_cancelled_once_and_late_outcomes_change_nothing(shop: Served) -> None:
    made = await automation(shop, actions=[SEND, TAG])
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    answer = await stub(shop).CancelAutomationRun(pb.CancelAutomationRunRequest(run_id=run))
    assert (answer.run.error, await state(shop, run)) == ("cancelled_by_person", "cancelled")
    await settle(shop, run, State.SENT)
    again = await stub(shop).CancelAutomationRun(pb.CancelAutomationRunRequest(run_id=run))
    assert again.run == answer.run
    await advance(shop)
    assert await state(shop, run) == "cancelled"
    with pytest.raises(ServiceError) as caught:
        await stub(shop).GetAutomationRun(pb.GetAutomationRunRequest(run_id=str(uuid4())))
    assert caught.value.reason == "NOT_FOUND"


@pytest.mark.req("LIF-71")
async def test_a_closed_tenant_has_no_runs_under_way(shop: Served) -> None:
    made = await automation(shop)
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    tenants = shop.person(SettingsServiceStub, "platform_admin")
    await tenants.CloseTenant(
        settings_service_pb2.CloseTenantRequest(tenant_id=str(shop.tenant_id), reason="bankrupt")
    )
    await advance(shop)
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT state, error FROM automation_run WHERE run_id = %s", (run,))
    assert rows == [(5, "tenant_disabled")]


@pytest.mark.req("LIF-71")
async def test_runs_of_an_erased_contact_end_and_name_nobody(shop: Served) -> None:
    made = await automation(shop, actions=[SEND])
    person = await contact(shop)
    [run] = await trigger(shop, made.automation_id, person, secret="x")
    await advance(shop)
    request = contact_data_pb2.EraseContactDataRequest(
        contact_id=person, tombstone_id=str(uuid4()), privacy_request_id=str(uuid4())
    )
    service = shop.caller(ContactDataServiceStub, "consent")
    while (await service.EraseContactData(request)).remaining_count:
        pass
    shown = (await run_of(shop, run)).run
    assert (await state(shop, run), shown.error, shown.contact_id) == ("cancelled", "contact_erased", "")
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        assert await uow.fetch_value("SELECT data FROM automation_run WHERE run_id = %s", (run,)) is None


async def test_runs_follow_a_contact_that_becomes_part_of_another(shop: Served) -> None:
    made = await automation(shop)
    kept, merged = await contact(shop), await contact(shop)
    [run] = await trigger(shop, made.automation_id, merged)
    await shop.person(ContactServiceStub).MergeContacts(
        contact_service_pb2.MergeContactsRequest(keep_contact_id=kept, merge_contact_id=merged)
    )
    assert (await run_of(shop, run)).run.contact_id == kept


async def test_of_two_runs_of_one_cause_one_is_left_when_their_contacts_are_one_now(shop: Served) -> None:
    made = await automation(shop, actions=[SEND])
    kept, merged = await contact(shop), await contact(shop)
    first, second = await trigger(shop, made.automation_id, kept, merged, key="both")
    await advance(shop)
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        # As one planned time starts them, under one name.
        await uow.execute(
            "UPDATE automation_run SET trigger_key = 'noon' WHERE tenant_id = %s", (shop.tenant_id,)
        )
    await shop.person(ContactServiceStub).MergeContacts(
        contact_service_pb2.MergeContactsRequest(keep_contact_id=kept, merge_contact_id=merged)
    )
    assert [found for _, _, _, found in await notices(shop, first)] == ["waiting"]
    assert [found for _, _, _, found in await notices(shop, second)] == ["cancelled"]
    assert [run.run_id for run in await runs_of(shop)] == [first]


@pytest.mark.req("LIF-70", "LIF-71")
async def test_a_crash_undoes_a_step_and_its_move_and_a_repeat_has_one_effect(shop: Served) -> None:
    made = await automation(shop, actions=[TAG, SEND])
    person = await contact(shop)
    [run] = await trigger(shop, made.automation_id, person)

    class CrashError(Exception):
        pass

    async def crash() -> None:
        with bind(Caller.of_service("campaign")):
            async with shop.service.database.tenant(shop.tenant_id) as uow:
                assert await engine.advance(uow, means(shop)) == 1
                raise CrashError

    for _ in range(2):
        with pytest.raises(CrashError):
            await crash()
        assert list((await read_contact(shop, person)).tags) == []
        assert await notices(shop, run) == []
        assert await state(shop, run) == "running"
    await advance(shop)
    await advance(shop)
    assert len(await notices(shop, run)) == 1
    assert len(await emitted(shop, "contact.updated")) == 1


@pytest.mark.req("LIF-71", "LIF-108")
async def test_two_workers_at_once_take_each_step_once(shop: Served) -> None:
    made = await automation(shop, actions=[TAG, SEND])
    people = [await contact(shop) for _ in range(20)]
    await trigger(shop, made.automation_id, *people)

    async def work() -> int:
        moved = 0
        with bind(Caller.of_service("campaign")):
            for _ in range(8):
                async with shop.service.database.tenant(shop.tenant_id) as uow:
                    moved += await engine.advance(uow, means(shop), limit=5)
        return moved

    assert sum(await asyncio.gather(work(), work(), work())) == 20
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        count = await uow.fetch_value("SELECT count(*) FROM notice WHERE tenant_id = %s", (shop.tenant_id,))
    assert count == 20
    assert sum(len(one["contacts"]) for one in await emitted(shop, "contact.updated")) == 20


async def test_runs_that_ended_long_ago_are_forgotten_with_their_steps(shop: Served) -> None:
    made = await automation(shop, actions=[TAG])
    await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    async with shop.service.database.system() as uow:
        await keeping.forget_old(uow, clock(shop).now() + keeping.KEPT - timedelta(hours=1), 10_000)
    assert len(await runs_of(shop)) == 1
    async with shop.service.database.system() as uow:
        await keeping.forget_old(uow, clock(shop).now() + keeping.KEPT + timedelta(hours=1), 10_000)
        left = await uow.fetch_value(
            "SELECT count(*) FROM automation_step WHERE tenant_id = %s", (shop.tenant_id,)
        )
    assert (await runs_of(shop), left) == ([], 0)
