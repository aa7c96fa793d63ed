"""A tenant has rules otherwise than the platform: seen by everybody, changed by owners, never against safety."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import notification_rule_service_pb2 as pb
from angarium.campaign.v1 import template_service_pb2
from angarium.campaign.v1.notification_rule_service_pb2_grpc import NotificationRuleServiceStub
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.common.v1 import enums_pb2
from services.campaign.rules.domain import CRITICAL
from services.campaign.rules.table import platform
from services.common.errors import ServiceError
from services.common.security.jwt import issue_person
from tests.campaign.rules.kit import NOON, Desk, person
from tests.campaign.rules.payloads import sale, stay
from tests.campaign.templates.given import active_template, content, variable, version

pytestmark = pytest.mark.asyncio(loop_scope="module")


def calls(desk: Desk, *roles: str) -> NotificationRuleServiceStub:
    return desk.served.person(NotificationRuleServiceStub, *roles)


async def rule(desk: Desk, name: str) -> pb.NotificationRule:
    answer = await calls(desk).ListNotificationRules(pb.ListNotificationRulesRequest(name=name))
    found: pb.NotificationRule = answer.rules[0]
    assert len(answer.rules) == 1
    return found


async def change(desk: Desk, name: str, *roles: str, key: str = "", **fields: Any) -> pb.NotificationRule:
    wanted = pb.NotificationRule(name=name, etag=(await rule(desk, name)).etag)
    delay = fields.pop("delay", None)
    if delay is not None:
        wanted.delay.FromTimedelta(delay)
    wanted.MergeFrom(pb.NotificationRule(**fields))
    paths = [*fields, *(["delay"] if delay is not None else [])]
    request = pb.UpdateNotificationRuleRequest(
        rule=wanted, update_mask=FieldMask(paths=paths), idempotency_key=key
    )
    changed: pb.NotificationRule = (await calls(desk, *roles).UpdateNotificationRule(request)).rule
    return changed


def written(name: str) -> Any:
    """A version that shows one variable."""
    text = f"{{{{ {name} }}}}"
    return version(content(subject=text, body_html=f"<p>{text}</p>"), variables=[variable(name)])


async def refusal(work: Any) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        await work
    return refused.value


@pytest.mark.req("LIF-4", "LIF-21")
async def test_every_rule_is_listed_in_pages_in_the_order_of_the_table(desk: Desk) -> None:
    stub = calls(desk, "receptionist")
    found: list[pb.NotificationRule] = []
    request = pb.ListNotificationRulesRequest(page_size=30)
    while True:
        answer = await stub.ListNotificationRules(request)
        found += answer.rules
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    assert [one.name for one in found] == [one.name for one in platform().rules]
    of_type = await stub.ListNotificationRules(
        pb.ListNotificationRulesRequest(event_type="group_payment.created")
    )
    assert len(of_type.rules) == 4
    failed = next(one for one in found if one.name == "payment-failed")
    assert (failed.category, failed.priority) == (
        enums_pb2.CATEGORY_PAYMENT_FAILED,
        enums_pb2.PRIORITY_CRITICAL,
    )
    assert not failed.can_be_disabled
    assert list(failed.channels) == [enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS]
    wrong = pb.ListNotificationRulesRequest(page_size=30, page_token="x")
    assert (await refusal(stub.ListNotificationRules(wrong))).reason == "VALIDATION_FAILED"


@pytest.mark.req("LIF-4", "LIF-21")
async def test_a_disabled_rule_is_quiet_for_its_tenant_until_it_is_reset(desk: Desk) -> None:
    changed = await change(desk, "payment-success", is_enabled=False)
    assert (changed.is_enabled, list(changed.changed_fields)) == (False, [pb.NotificationRule.FIELD_ENABLED])
    await desk.tell("payment.succeeded", sale("o-1"))
    assert await desk.notices() == []
    other = await calls(desk).ListNotificationRules(pb.ListNotificationRulesRequest(changed_only=True))
    assert [one.name for one in other.rules] == ["payment-success"]
    again = await calls(desk).ResetNotificationRule(pb.ResetNotificationRuleRequest(name="payment-success"))
    assert again.rule.is_enabled
    assert not again.rule.changed_fields
    await desk.tell("payment.succeeded", sale("o-2"))
    assert len(await desk.notices()) == 1
    actions = await _audit(desk)
    assert actions == ["notification_rule.update", "notification_rule.reset"]


@pytest.mark.req("LIF-4", "LIF-21", "EVT-71")
async def test_delay_channels_and_mode_follow_the_tenant(desk: Desk) -> None:
    await change(
        desk,
        "appointment-reminder",
        is_enabled=True,
        delay=timedelta(hours=48),
        channels=[enums_pb2.CHANNEL_SMS],
    )
    await desk.tell("appointment.booked", stay("a-1"))
    [told] = await desk.notices()
    assert told.due == NOON + timedelta(days=1)
    assert (told.mode, told.channels) == ("first", ("sms",))
    await change(
        desk, "order-expired", delay=timedelta(minutes=10), mode=pb.NotificationRule.MODE_FIRST_AVAILABLE
    )
    await desk.tell("order.expired", {"person": person("u-1"), "order_id": "o-1"})
    [late] = await desk.notices(rule="order-expired")
    assert (late.due, late.expires) == (NOON + timedelta(minutes=10), NOON + timedelta(minutes=130))
    assert late.mode == "first"
    # What is given back follows the platform again; without anything left nothing is kept.
    given = await change(desk, "order-expired", mode=pb.NotificationRule.MODE_UNSPECIFIED)
    assert list(given.changed_fields) == [pb.NotificationRule.FIELD_DELAY]


@pytest.mark.req("LIF-4", "LIF-21")
async def test_a_template_of_the_tenant_takes_the_place_if_the_rule_gives_all_it_needs(desk: Desk) -> None:
    served = desk.served
    await active_template(
        served,
        "our-receipt",
        category=enums_pb2.CATEGORY_PAYMENT,
        template_type=2,
        version=written("orderId"),
    )
    await active_template(
        served,
        "our-wish",
        category=enums_pb2.CATEGORY_PAYMENT,
        template_type=2,
        version=written("shoeSize"),
    )
    email = [enums_pb2.CHANNEL_EMAIL]
    await change(desk, "payment-success", template_name="our-receipt", channels=email)
    await desk.tell("payment.succeeded", sale("o-1"))
    [told] = await desk.notices()
    assert (told.template, told.channels) == ("our-receipt", ("email",))
    for fields, problem in (
        ({"template_name": "our-wish"}, "shoeSize"),
        ({"template_name": "nothing"}, "no active version"),
        ({"template_name": "our-receipt", "channels": [enums_pb2.CHANNEL_SMS]}, "no active version"),
        ({"template_name": "birthday-wish"}, "no template for notifications"),
        ({"channels": [enums_pb2.CHANNEL_WHATSAPP], "template_name": ""}, "no active version"),
    ):
        refused = await refusal(change(desk, "payment-success", **fields))
        assert refused.reason == "VALIDATION_FAILED"
        assert problem in str(refused.violations), fields


@pytest.mark.req("LIF-4", "LIF-21")
async def test_what_people_rely_on_cannot_be_disabled(desk: Desk) -> None:
    critical = [one.name for one in platform().rules if one.category in CRITICAL]
    assert "password-reset" in critical
    for name in critical:
        assert (await refusal(change(desk, name, is_enabled=False))).reason == "INVALID_CONFIGURATION"
    assert (await change(desk, "password-reset", is_enabled=True)).is_enabled


@pytest.mark.req("LIF-21", "SEC-44")
async def test_owners_change_rules_and_nobody_else(desk: Desk) -> None:
    for role in ("receptionist", "branch_manager"):
        assert (
            await refusal(change(desk, "order-expired", role, is_enabled=False))
        ).reason == "PERMISSION_DENIED"
    settings = desk.settings
    token = issue_person(settings, desk.served.tenant_id, "bo", ["super_owner"], [str(uuid4())])
    at_branch = desk.served._stub(NotificationRuleServiceStub, token, None)
    request = pb.UpdateNotificationRuleRequest(
        rule=pb.NotificationRule(name="order-expired", etag="0"),
        update_mask=FieldMask(paths=["is_enabled"]),
    )
    assert (await refusal(at_branch.UpdateNotificationRule(request))).reason == "PERMISSION_DENIED"


@pytest.mark.req("LIF-21")
async def test_a_change_names_what_was_read_and_may_be_repeated(desk: Desk) -> None:
    etag = (await rule(desk, "order-expired")).etag
    key = uuid4().hex
    request = pb.UpdateNotificationRuleRequest(
        rule=pb.NotificationRule(name="order-expired", etag=etag),
        update_mask=FieldMask(paths=["is_enabled"]),
        idempotency_key=key,
    )
    first = await calls(desk).UpdateNotificationRule(request)
    again = await calls(desk).UpdateNotificationRule(request)
    assert (first.deduplicated, again.deduplicated) == (False, True)
    assert again.rule == first.rule
    request.idempotency_key = uuid4().hex
    assert (await refusal(calls(desk).UpdateNotificationRule(request))).reason == "VERSION_CONFLICT"
    for path in ("category", ""):
        request.update_mask.paths[:] = [path] if path else []
        assert (await refusal(calls(desk).UpdateNotificationRule(request))).reason == "VALIDATION_FAILED"
    request.rule.name, request.update_mask.paths[:] = "none", ["is_enabled"]
    assert (await refusal(calls(desk).UpdateNotificationRule(request))).reason == "NOT_FOUND"
    far = change(desk, "order-expired", delay=timedelta(days=31))
    assert (await refusal(far)).reason == "VALIDATION_FAILED"
    for _ in range(2):
        await calls(desk).ResetNotificationRule(pb.ResetNotificationRuleRequest(name="order-expired"))
    missing = pb.ResetNotificationRuleRequest(name="none")
    assert (await refusal(calls(desk).ResetNotificationRule(missing))).reason == "NOT_FOUND"


async def _audit(desk: Desk) -> list[str]:
    async with desk.served.service.database.tenant(desk.served.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT action FROM audit WHERE tenant_id = %s AND action LIKE 'notification_rule%%'"
            " ORDER BY created_at",
            (desk.served.tenant_id,),
        )
    return [action for (action,) in rows]


@pytest.mark.req("CAM-46")
async def test_a_template_that_a_rule_was_given_is_not_deleted(desk: Desk) -> None:
    name = "event-cancelled"
    own = await active_template(
        desk.served,
        "called-off",
        version=written("eventName"),
        template_type=2,
        category=enums_pb2.CATEGORY_EVENT_UPDATE,
    )
    await change(desk, name, template_name="called-off", channels=[enums_pb2.CHANNEL_EMAIL])
    request = template_service_pb2.DeleteTemplateRequest(template_id=own.template_id)
    templates = desk.served.person(TemplateServiceStub)
    error = await refusal(templates.DeleteTemplate(request))
    assert (error.reason, error.metadata["used_by"]) == ("TEMPLATE_IN_USE", "rule")
    await change(desk, name, template_name="event-cancelled")
    await templates.DeleteTemplate(request)
