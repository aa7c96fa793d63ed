"""What may be defined: everything that is wrong is named, by its place."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import grpc
import pytest

from angarium.campaign.v1 import automation_pb2, segment_service_pb2, template_service_pb2
from angarium.campaign.v1 import automation_service_pb2 as pb
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from services.common.errors import ServiceError
from tests.campaign.automations.given import (
    TEMPLATE,
    advance,
    automation,
    contact,
    draft,
    run_of,
    segment,
    state,
    stub,
    trigger,
)
from tests.campaign.templates.given import active_template
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEND = {"send_notification": {"template_name": TEMPLATE}}
TEST = {"field": "a", "operator": "CONDITION_OPERATOR_EQ", "value": 1}


def nested(depth: int) -> dict[str, Any]:
    inside = [nested(depth - 1)] if depth else [{"delay": "1s"}]
    return {"branch": {"tests": [TEST], "then_actions": inside}}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"actions": []}, "actions"),
    ({"actions": [{"delay": "60s"}] * 21}, "actions"),
    ({"actions": [{}]}, "actions[0]"),
    (
        {"actions": [nested(6)]},
        ".".join(["actions[0]", *["branch.then_actions[0]"] * 4, "branch.then_actions"]),
    ),
    ({"actions": [SEND, SEND, {"delay": "7776001s"}]}, "actions[2].delay"),
    ({"actions": [{"delay": "-5s"}]}, "actions[0].delay"),
    ({"actions": [{"delay": "0.5s"}]}, "actions[0].delay"),
    ({"actions": [{"send_notification": {}}]}, "actions[0].send_notification.template_name"),
    (
        {"actions": [{"send_notification": {"template_name": "no-such"}}]},
        "actions[0].send_notification.template_name",
    ),
    (
        {
            "actions": [
                {"send_notification": {"template_name": TEMPLATE, "fallback_channel": "CHANNEL_EMAIL"}}
            ]
        },
        "actions[0].send_notification.fallback_channel",
    ),
    (
        {"actions": [{"send_notification": {"template_name": TEMPLATE, "recipient_ids": ["x"]}}]},
        "actions[0].send_notification.recipient_ids[0]",
    ),
    (
        {"actions": [{"send_notification": {"template_name": TEMPLATE, "data": {"a": "{{ nobody.x }}"}}}]},
        "actions[0].send_notification.data.a",
    ),
    ({"actions": [{"update_contact": {}}]}, "actions[0].update_contact"),
    ({"actions": [{"update_contact": {"add_tags": [""]}}]}, "actions[0].update_contact.add_tags[0]"),
    (
        {"actions": [{"update_contact": {"assigned_staff_id": "nobody"}}]},
        "actions[0].update_contact.assigned_staff_id",
    ),
    (
        {"actions": [{"update_contact": {"set_attributes": {"a": [1]}}}]},
        "actions[0].update_contact.set_attributes.a",
    ),
    (
        {"actions": [{"webhook": {"url": "https://example.com/", "headers": {"Host": "x"}}}]},
        "actions[0].webhook.headers[Host]",
    ),
    (
        {"actions": [{"webhook": {"url": "https://example.com/", "headers": {"Authorization": "x"}}}]},
        "actions[0].webhook.headers[Authorization]",
    ),
    ({"actions": [{"branch": {"then_actions": [SEND]}}]}, "actions[0].branch"),
    ({"actions": [{"branch": {"tests": [TEST]}}]}, "actions[0].branch"),
    (
        {"actions": [{"branch": {"tests": [{"field": "a"}], "then_actions": [SEND]}}]},
        "actions[0].branch.tests[0].operator",
    ),
    (
        {"actions": [{"wait_for_event": {"event": {"event_name": "order.paid"}}}]},
        "actions[0].wait_for_event.timeout",
    ),
    (
        {"actions": [{"wait_for_event": {"event": {"event_name": "paid"}, "timeout": "60s"}}]},
        "actions[0].wait_for_event.event.event_name",
    ),
    ({"event": {"event_name": "Paid!"}}, "event.event_name"),
    ({"event": {"event_name": "message.sended"}}, "event.event_name"),
    ({"event": {"event_name": "order.paid", "filter": [TEST] * 21}}, "event.filter"),
    ({"time": {"cron_expression": "* * * * *", "time_zone": "UTC"}}, "time.cron_expression"),
    ({"time": {"cron_expression": "0 9 * * *", "time_zone": "Mars"}}, "time.time_zone"),
    ({"time": {"cron_expression": "0 9 * * *", "time_zone": "UTC"}}, "segment_id"),
    ({"behavior": {}}, "behavior.type"),
    ({"behavior": {"type": "TYPE_CART_ABANDONED", "hours": 73}}, "behavior.hours"),
    ({"behavior": {"type": "TYPE_INACTIVE", "days": 366}}, "behavior.days"),
    ({"behavior": {"type": "TYPE_EVENT_VIEWED", "views": 1}}, "behavior.views"),
    ({"behavior": {"type": "TYPE_EVENT_VIEWED", "days": 31}}, "behavior.days"),
    ({"cooldown_days": 366}, "cooldown_days"),
    ({"max_runs_per_contact": 1001}, "max_runs_per_contact"),
    ({"stop_on_events": [{"event_name": "x"}]}, "stop_on_events[0].event_name"),
    ({"segment_id": "x"}, "segment_id"),
]


@pytest.mark.req("LIF-89", "LIF-22", "SEC-118")
@pytest.mark.parametrize(
    ("fields", "place"), WRONG, ids=[f"{i}-{place}" for i, (_, place) in enumerate(WRONG)]
)
async def test_what_is_wrong_is_named_by_its_place(shop: Served, fields: dict[str, Any], place: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await automation(shop, **fields)
    assert (caught.value.reason, caught.value.code) == ("AUTOMATION_INVALID", "MARKETING_080")
    assert caught.value.status is grpc.StatusCode.INVALID_ARGUMENT
    assert place in [one.field for one in caught.value.violations]


@pytest.mark.req("LIF-89")
async def test_an_automation_needs_something_that_starts_it(shop: Served) -> None:
    wanted = draft()
    wanted.ClearField("api")
    with pytest.raises(ServiceError) as caught:
        await stub(shop).CreateAutomation(pb.CreateAutomationRequest(automation=wanted))
    assert [one.field for one in caught.value.violations] == ["trigger"]


@pytest.mark.req("LIF-89")
@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/x", "http://example.com/x", "https://localhost/x", "nothing"]
)
async def test_an_address_that_may_not_be_called_is_unsafe(shop: Served, url: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await automation(shop, actions=[{"webhook": {"url": url}}])
    assert caught.value.reason == "UNSAFE_URL"
    assert [one.field for one in caught.value.violations] == ["actions[0].webhook.url"]


async def test_everything_that_is_wrong_is_told_at_once(shop: Served) -> None:
    with pytest.raises(ServiceError) as caught:
        await automation(shop, name="", actions=[{"delay": "-1s"}, {"webhook": {"url": "x"}}])
    assert {one.field for one in caught.value.violations} == {
        "name",
        "actions[0].delay",
        "actions[1].webhook.url",
    }
    assert caught.value.reason == "AUTOMATION_INVALID"


@pytest.mark.req("LIF-22", "LIF-5")
async def test_a_change_makes_a_version_and_runs_under_way_keep_theirs(shop: Served) -> None:
    made = await automation(shop, actions=[{"delay": "60s"}, {"update_contact": {"add_tags": ["old"]}}])
    person = await contact(shop)
    [run] = await trigger(shop, made.automation_id, person)
    changed = draft(name="Winter", actions=[{"update_contact": {"add_tags": ["new"]}}])
    changed.automation_id, changed.etag = made.automation_id, made.etag
    request = pb.UpdateAutomationRequest(automation=changed)
    request.update_mask.paths.extend(["name", "actions"])
    after = (await stub(shop).UpdateAutomation(request)).automation
    assert (after.name, after.version, len(after.actions)) == ("Winter", 2, 1)
    with pytest.raises(ServiceError) as caught:
        await stub(shop).UpdateAutomation(request)
    assert caught.value.reason == "VERSION_CONFLICT"
    await advance(shop)
    await advance(shop, 60)
    assert await state(shop, run) == "completed"
    assert [one.action for one in (await run_of(shop, run)).steps] == ["delay", "update_contact"]
    [later] = await trigger(shop, made.automation_id, person)
    assert (await run_of(shop, later)).run.version == 2
    read = pb.GetAutomationRequest(automation_id=made.automation_id, version=1)
    assert len((await stub(shop).GetAutomation(read)).automation.actions) == 2


async def test_a_new_name_makes_no_version(shop: Served) -> None:
    made = await automation(shop)
    request = pb.UpdateAutomationRequest(automation=automation_pb2.Automation(name="Spring"))
    request.automation.automation_id, request.automation.etag = made.automation_id, made.etag
    request.update_mask.paths.append("name")
    after = (await stub(shop).UpdateAutomation(request)).automation
    assert (after.name, after.version) == ("Spring", 1)
    assert after.etag != made.etag


@pytest.mark.req("LIF-22")
async def test_what_starts_it_is_changed_as_a_whole(shop: Served) -> None:
    made = await automation(shop)
    request = pb.UpdateAutomationRequest(automation=draft(event={"event_name": "payment.completed"}))
    request.automation.automation_id, request.automation.etag = made.automation_id, made.etag
    request.update_mask.paths.append("trigger")
    after = (await stub(shop).UpdateAutomation(request)).automation
    assert after.WhichOneof("trigger") == "event"
    assert after.version == 2


@pytest.mark.req("LIF-22", "LIF-23")
async def test_disabling_starts_nothing_and_lets_runs_go_on_unless_asked(shop: Served) -> None:
    made = await automation(shop)
    first, second = await contact(shop), await contact(shop)
    [run] = await trigger(shop, made.automation_id, first)
    await advance(shop)
    request = pb.DisableAutomationRequest(automation_id=made.automation_id)
    answer = await stub(shop).DisableAutomation(request)
    assert answer.cancelled_run_count == 0
    with pytest.raises(ServiceError) as caught:
        await trigger(shop, made.automation_id, second)
    assert caught.value.reason == "AUTOMATION_INVALID"
    assert await state(shop, run) == "waiting"
    answer = await stub(shop).DisableAutomation(
        pb.DisableAutomationRequest(automation_id=made.automation_id, cancel_runs=True)
    )
    assert answer.cancelled_run_count == 1
    assert await state(shop, run) == "cancelled"
    await stub(shop).EnableAutomation(pb.EnableAutomationRequest(automation_id=made.automation_id))
    assert await trigger(shop, made.automation_id, second)


@pytest.mark.req("LIF-22", "GEN-33")
async def test_deleting_archives_and_cancels_what_is_under_way(shop: Served) -> None:
    made = await automation(shop)
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    answer = await stub(shop).DeleteAutomation(pb.DeleteAutomationRequest(automation_id=made.automation_id))
    assert answer.cancelled_run_count == 1
    assert await state(shop, run) == "cancelled"
    assert (await run_of(shop, run)).run.error == "automation_deleted"
    shown = await stub(shop).GetAutomation(pb.GetAutomationRequest(automation_id=made.automation_id))
    assert shown.automation.state == automation_pb2.Automation.STATE_ARCHIVED
    listed = await stub(shop).ListAutomations(pb.ListAutomationsRequest())
    assert [one.automation_id for one in listed.automations] == []
    with pytest.raises(ServiceError) as caught:
        await stub(shop).EnableAutomation(pb.EnableAutomationRequest(automation_id=made.automation_id))
    assert caught.value.reason == "NOT_FOUND"


async def dropped(shop: Served, template_id: str) -> str:
    """Deletes a template; what sends by it, when that is refused."""
    request = template_service_pb2.DeleteTemplateRequest(template_id=template_id)
    try:
        await shop.person(TemplateServiceStub).DeleteTemplate(request)
    except ServiceError as error:
        return f"{error.reason} {error.metadata['used_by']}"
    return ""


@pytest.mark.req("CAM-46")
async def test_a_template_that_an_automation_sends_by_is_not_deleted(shop: Served) -> None:
    used, other = await active_template(shop, "own-words"), await active_template(shop, "other-words")
    platform = await active_template(shop, TEMPLATE)
    deeply = {
        "branch": {"tests": [TEST], "then_actions": [{"send_notification": {"template_name": "own-words"}}]}
    }
    made = await automation(shop, actions=[{"delay": "60s"}, deeply, SEND])
    assert await dropped(shop, used.template_id) == "TEMPLATE_IN_USE automation"
    assert await dropped(shop, other.template_id) == ""
    # Without the tenant's own there is the platform's.
    assert await dropped(shop, platform.template_id) == ""
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await stub(shop).DisableAutomation(pb.DisableAutomationRequest(automation_id=made.automation_id))
    assert await dropped(shop, used.template_id) == "TEMPLATE_IN_USE automation"
    await stub(shop).CancelAutomationRun(pb.CancelAutomationRunRequest(run_id=run))
    assert await dropped(shop, used.template_id) == ""


@pytest.mark.req("LIF-22")
async def test_automations_are_listed_newest_first_in_pages(shop: Served) -> None:
    made = [await automation(shop, name=name) for name in ("one", "two", "three")]
    first = await stub(shop).ListAutomations(pb.ListAutomationsRequest(page_size=2))
    assert [one.automation_id for one in first.automations] == [made[2].automation_id, made[1].automation_id]
    rest = pb.ListAutomationsRequest(page_size=2, page_token=first.next_page_token)
    assert [one.name for one in (await stub(shop).ListAutomations(rest)).automations] == ["one"]
    found = await stub(shop).ListAutomations(pb.ListAutomationsRequest(text="TW"))
    assert [one.name for one in found.automations] == ["two"]


async def test_a_segment_that_an_automation_is_for_stays(shop: Served) -> None:
    wanted = await segment(shop, "vip")
    await automation(shop, segment_id=wanted)
    with pytest.raises(ServiceError) as caught:
        await shop.person(SegmentServiceStub).DeleteSegment(
            segment_service_pb2.DeleteSegmentRequest(segment_id=wanted)
        )
    assert caught.value.reason == "SEGMENT_IN_USE"
    with pytest.raises(ServiceError) as caught:
        await automation(shop, segment_id=str(uuid4()))
    assert caught.value.reason == "NOT_FOUND"


async def test_the_same_key_makes_one_automation(shop: Served) -> None:
    request = pb.CreateAutomationRequest(automation=draft(), idempotency_key="k")
    first, second = await stub(shop).CreateAutomation(request), await stub(shop).CreateAutomation(request)
    assert first.automation.automation_id == second.automation.automation_id
    assert second.deduplicated
