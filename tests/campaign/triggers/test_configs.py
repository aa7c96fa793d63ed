"""How tenants use their triggers: the eleven with their defaults, changes, turning on and off."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest

from angarium.campaign.v1 import trigger_pb2
from angarium.campaign.v1 import trigger_service_pb2 as pb
from angarium.campaign.v1.trigger_service_pb2_grpc import TriggerServiceStub
from angarium.common.v1 import audit_pb2, audit_pb2_grpc, enums_pb2
from services.campaign.triggers.domain import TriggerType
from services.common.errors import ServiceError
from services.common.security.jwt import issue_person
from tests.campaign.conftest import create_tenant
from tests.campaign.templates.given import active_template
from tests.campaign.triggers.conftest import EMAIL, NOON, SMS, WHATSAPP, Salon

pytestmark = pytest.mark.asyncio(loop_scope="module")
T = TriggerType

# Type, on, minutes, days before, days after, send time, cooldown, category, template: as the requirements' table says.
TABLE = [
    ("post_visit_thank_you", True, 120, None, None, "", 1, "VISIT_FOLLOWUP", "post-visit-thank-you"),
    ("rebooking_reminder", True, 0, None, 30, "", 7, "REBOOKING", "rebooking-reminder"),
    ("birthday_wish", True, 0, 0, None, "09:00", 365, "BIRTHDAY", "birthday-wish"),
    ("feedback_request", True, 60, None, None, "", 7, "FEEDBACK", "feedback-request"),
    ("package_expiry", True, 0, 7, None, "", 7, "PACKAGE_OFFER", "package-expiry"),
    ("miss_you", False, 0, None, 60, "", 30, "WIN_BACK", "miss-you"),
    ("membership_expiry", False, 0, 7, None, "", 7, "MEMBERSHIP_OFFER", "membership-expiry"),
    ("first_visit_followup", False, 1440, None, None, "", 365, "VISIT_FOLLOWUP", "first-visit-followup"),
    ("anniversary_wish", False, 0, 0, None, "09:00", 365, "ANNIVERSARY", "anniversary-wish"),
    ("loyalty_points_earned", False, 5, None, None, "", 0, "LOYALTY", "loyalty-points-earned"),
    ("loyalty_points_expiring", False, 0, 7, None, "", 7, "LOYALTY", "loyalty-points-expiring"),
]


def row(one: trigger_pb2.TriggerConfig) -> tuple[Any, ...]:
    return (
        TriggerType(one.trigger_type).word,
        one.enabled,
        one.delay_minutes,
        one.days_before if one.HasField("days_before") else None,
        one.days_after if one.HasField("days_after") else None,
        one.send_time,
        one.cooldown_days,
        enums_pb2.Category.Name(one.category).removeprefix("CATEGORY_"),
        one.template_name,
    )


async def refused(salon: Salon, kind: TriggerType, **fields: Any) -> tuple[str, str]:
    with pytest.raises(ServiceError) as caught:
        await salon.change(kind, **fields)
    return caught.value.reason, ",".join(one.field for one in caught.value.violations)


@pytest.mark.req("LIF-1", "LIF-16", "LIF-45", "LIF-96", "CAM-1")
async def test_a_new_tenant_has_all_eleven_with_their_defaults(salon: Salon) -> None:
    salon.served.tenant_id = uuid4()
    await create_tenant(salon.served)
    answer = await salon.stub.ListTriggerConfigs(pb.ListTriggerConfigsRequest())
    assert [row(one) for one in answer.configs] == TABLE
    assert {(one.channel, one.fallback_channel) for one in answer.configs} == {(WHATSAPP, SMS)}
    assert all(one.enabled == one.HasField("enable_time") for one in answer.configs)
    first = await salon.stub.ListTriggerConfigs(pb.ListTriggerConfigsRequest(page_size=6))
    rest = pb.ListTriggerConfigsRequest(page_size=6, page_token=first.next_page_token)
    second = await salon.stub.ListTriggerConfigs(rest)
    assert [*first.configs, *second.configs] == list(answer.configs)
    assert (second.next_page_token, answer.next_page_token) == ("", "")
    for one in answer.configs:
        asked = await salon.stub.GetTriggerConfig(pb.GetTriggerConfigRequest(trigger_type=one.trigger_type))
        assert asked.config == one


@pytest.mark.req("LIF-17")
async def test_a_mask_says_what_changes_and_an_etag_what_was_read(salon: Salon) -> None:
    before = await salon.config(T.MISS_YOU)
    changed = await salon.change(T.MISS_YOU, days_after=45, send_time="10:30", cooldown_days=60)
    assert (changed.days_after, changed.send_time, changed.cooldown_days) == (45, "10:30", 60)
    assert (changed.channel, changed.enabled) == (before.channel, before.enabled)
    assert changed.updated_by == "anna"
    request = pb.UpdateTriggerConfigRequest(config=before)
    request.update_mask.paths.append("days_after")
    with pytest.raises(ServiceError) as stale:
        await salon.stub.UpdateTriggerConfig(request)
    assert stale.value.reason == "VERSION_CONFLICT"
    audit = salon.served.person(audit_pb2_grpc.AuditServiceStub)
    entries = (await audit.ListAuditEntries(audit_pb2.ListAuditEntriesRequest())).audit_entries
    assert "trigger.update" in {one.action for one in entries}


@pytest.mark.req("LIF-87")
@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        (T.POST_VISIT_THANK_YOU, {"delay_minutes": -1}, "config.delay_minutes"),
        (T.PACKAGE_EXPIRY, {"days_before": -1}, "config.days_before"),
        (T.MISS_YOU, {"days_after": -1}, "config.days_after"),
        (T.MISS_YOU, {"days_before": 3}, "config.days_before"),
        (T.BIRTHDAY_WISH, {"delay_minutes": 5}, "config.delay_minutes"),
        (T.MISS_YOU, {"cooldown_days": -1}, "config.cooldown_days"),
        (T.BIRTHDAY_WISH, {"send_time": "9:00"}, "config.send_time"),
        (T.BIRTHDAY_WISH, {"send_time": "24:00"}, "config.send_time"),
        (T.MISS_YOU, {"fallback_channel": WHATSAPP}, "config.fallback_channel"),
        (T.MISS_YOU, {"channel": SMS}, "config.fallback_channel"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    salon: Salon, kind: TriggerType, fields: dict[str, Any], field: str
) -> None:
    assert await refused(salon, kind, **fields) == ("VALIDATION_FAILED", field)


@pytest.mark.req("LIF-87")
async def test_an_unknown_trigger_is_refused(salon: Salon) -> None:
    for kind in (0, 12):
        with pytest.raises(ServiceError) as caught:
            await salon.stub.EnableTrigger(pb.EnableTriggerRequest(trigger_type=kind))
        assert caught.value.reason == "VALIDATION_FAILED"
        config = trigger_pb2.TriggerConfig(trigger_type=kind)
        with pytest.raises(ServiceError) as caught:
            await salon.stub.UpdateTriggerConfig(pb.UpdateTriggerConfigRequest(config=config))
        assert caught.value.reason == "VALIDATION_FAILED"


@pytest.mark.req("LIF-17")
async def test_a_template_must_be_marketing_on_the_channel_and_approved(salon: Salon) -> None:
    sms = await salon.template(T.MISS_YOU, SMS, "back-soon")
    unapproved = await salon.template(T.MISS_YOU, WHATSAPP, "back-soon-wa")
    order = await active_template(
        salon.served, "order", channel=EMAIL, template_type=2, category=enums_pb2.CATEGORY_ORDER
    )
    assert (await refused(salon, T.MISS_YOU, template_id=sms))[1] == "config.template_id"
    assert (await refused(salon, T.MISS_YOU, template_id=unapproved))[1] == "config.template_id"
    assert (await refused(salon, T.MISS_YOU, template_id=str(order.template_id), channel=EMAIL))[1] == (
        "config.template_id"
    )
    assert (await refused(salon, T.MISS_YOU, template_id=str(uuid4())))[0] == "NOT_FOUND"
    changed = await salon.change(T.MISS_YOU, template_id=sms, channel=SMS, fallback_channel=0)
    assert changed.template_name == "back-soon"


@pytest.mark.req("LIF-1", "LIF-17")
async def test_what_a_trigger_names_must_be_the_tenant_s(salon: Salon) -> None:
    assert (await refused(salon, T.MISS_YOU, branch_ids=[str(uuid4())]))[0] == "NOT_FOUND"
    assert (await refused(salon, T.MISS_YOU, campaign_id=str(uuid4())))[0] == "NOT_FOUND"


@pytest.mark.req("LIF-18", "LIF-88", "SEC-119")
async def test_a_trigger_is_not_turned_on_with_nothing_to_send(salon: Salon) -> None:
    known = await salon.template(T.MISS_YOU, SMS, "gone")
    await salon.change(T.MISS_YOU, template_id=known, channel=SMS, fallback_channel=0)
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute("UPDATE template SET archived_at = now() WHERE tenant_id = %s", (uow.tenant_id,))
    with pytest.raises(ServiceError) as caught:
        await salon.enable(T.MISS_YOU)
    assert (caught.value.reason, caught.value.code) == ("TRIGGER_NOT_CONFIGURED", "MARKETING_081")
    assert caught.value.status is grpc.StatusCode.FAILED_PRECONDITION
    assert (await refused(salon, T.MISS_YOU, enabled=True))[0] == "TRIGGER_NOT_CONFIGURED"


@pytest.mark.req("LIF-18")
async def test_turning_on_counts_from_then_and_turning_off_voids_what_waits(salon: Salon) -> None:
    await salon.contact()
    await salon.template(T.POST_VISIT_THANK_YOU)
    await salon.visit(visit="before")
    salon.at(minutes=1)
    on = await salon.enable(T.POST_VISIT_THANK_YOU)
    assert on.enable_time.ToDatetime(NOON.tzinfo) == NOON + timedelta(minutes=1)
    salon.at(minutes=2)
    assert await salon.enable(T.POST_VISIT_THANK_YOU) == on
    await salon.visit(visit="told-late", at=NOON)
    await salon.visit(visit="after")
    assert [reference for _, reference, _ in await salon.waiting()] == ["after"]
    off = await salon.stub.DisableTrigger(pb.DisableTriggerRequest(trigger_type=T.POST_VISIT_THANK_YOU))
    assert (off.voided_count, off.config.enabled, off.config.HasField("enable_time")) == (1, False, False)
    salon.at(minutes=3)
    await salon.enable(T.POST_VISIT_THANK_YOU)
    salon.at(hours=3)
    await salon.look()
    assert salon.sent() == []
    assert await salon.history() == []


@pytest.mark.req("LIF-17", "LIF-18")
async def test_repeats_with_a_key_change_nothing(salon: Salon) -> None:
    await salon.template(T.MISS_YOU)
    request = pb.EnableTriggerRequest(trigger_type=T.MISS_YOU, idempotency_key="on")
    first = await salon.stub.EnableTrigger(request)
    again = await salon.stub.EnableTrigger(request)
    assert (again.config, again.deduplicated) == (first.config, True)


@pytest.mark.req("LIF-18")
async def test_of_two_changes_at_once_one_is_told_to_read_again(salon: Salon) -> None:
    known = await salon.config(T.MISS_YOU)

    async def change(days: int) -> object:
        wanted = trigger_pb2.TriggerConfig(trigger_type=T.MISS_YOU, etag=known.etag, days_after=days)
        request = pb.UpdateTriggerConfigRequest(config=wanted)
        request.update_mask.paths.append("days_after")
        try:
            return (await salon.stub.UpdateTriggerConfig(request)).config.days_after
        except ServiceError as error:
            return error.reason

    answers = await asyncio.gather(change(40), change(50))
    assert answers.count("VERSION_CONFLICT") == 1


async def test_callers_of_branches_look_and_do_not_touch(salon: Salon) -> None:
    token = issue_person(salon.served.settings, salon.tenant_id, "mia", ["branch_manager"], [str(uuid4())])
    stub = salon.served._stub(TriggerServiceStub, token, None)
    assert len((await stub.ListTriggerConfigs(pb.ListTriggerConfigsRequest())).configs) == 11
    known = await salon.config(T.MISS_YOU)
    wanted = trigger_pb2.TriggerConfig(trigger_type=T.MISS_YOU, etag=known.etag, days_after=12)
    request = pb.UpdateTriggerConfigRequest(config=wanted)
    request.update_mask.paths.append("days_after")
    with pytest.raises(ServiceError) as caught:
        await stub.UpdateTriggerConfig(request)
    assert caught.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("LIF-20")
async def test_history_is_listed_by_trigger_contact_state_and_time_in_pages(salon: Salon) -> None:
    await salon.use(T.POST_VISIT_THANK_YOU)
    for number in range(5):
        await salon.contact(f"c{number}", phone="" if number == 4 else f"+49151234500{number}0")
        await salon.visit(f"c{number}", f"v{number}", NOON + timedelta(minutes=number))
    for number in range(5):
        salon.at(hours=2, minutes=number)
        await salon.look()

    async def listed(**fields: Any) -> list[str]:
        found, token = [], ""
        while True:
            request = pb.ListTriggerHistoryRequest(page_size=2, page_token=token, **fields)
            answer = await salon.stub.ListTriggerHistory(request)
            found += [one.reference_id for one in answer.entries]
            token = answer.next_page_token
            if not token:
                return found

    def when(minutes: int) -> datetime:
        return NOON + timedelta(hours=2, minutes=minutes)

    state = trigger_pb2.TriggerHistoryEntry
    assert await listed() == ["v4", "v3", "v2", "v1", "v0"]
    assert await listed(trigger_type=T.MISS_YOU) == []
    assert await listed(contact_id=str(salon.contacts["c2"])) == ["v2"]
    assert await listed(state=state.STATE_SKIPPED) == ["v4"]
    assert await listed(from_time=when(1), until_time=when(3)) == ["v2", "v1"]


@pytest.mark.req("LIF-1", "LIF-60")
async def test_a_trigger_of_some_branches_passes_the_others_over(salon: Salon) -> None:
    branch = uuid4()
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "INSERT INTO branch (tenant_id, branch_id, name, marketing_enabled, time_zone, region_code, version,"
            " created_at, updated_at) VALUES (%s, %s, 'Mitte', true, '', '', 1, now(), now())",
            (uow.tenant_id, branch),
        )
    await salon.contact("anna")
    await salon.contact("bert")
    await salon.use(T.POST_VISIT_THANK_YOU)
    await salon.change(T.POST_VISIT_THANK_YOU, branch_ids=[str(branch)])
    await salon.visit("anna", "v1", branch=str(branch))
    await salon.visit("bert", "v2")
    salon.at(hours=2)
    await salon.look()
    word = T.POST_VISIT_THANK_YOU.word
    assert sorted(await salon.history()) == [(word, "sent", ""), (word, "skipped", "branch_excluded")]
    [message] = salon.sent()
    assert (message.recipient.contact_id, message.content.branch_id) == (
        str(salon.contacts["anna"]),
        str(branch),
    )
