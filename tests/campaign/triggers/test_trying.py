"""Trying a trigger out, coupons and campaigns of triggers, and what erasure and merging leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import (
    campaign_pb2,
    campaign_service_pb2,
    contact_pb2,
    contact_service_pb2,
    coupon_pb2,
    template_service_pb2,
)
from angarium.campaign.v1 import trigger_service_pb2 as pb
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.common.v1 import contact_data_pb2
from angarium.common.v1.contact_data_pb2_grpc import ContactDataServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1.delivery_events_pb2 import MessagesStopped, MessageStopped
from services.campaign.notices.settling import Settling, Work
from services.campaign.triggers import outcomes
from services.campaign.triggers.domain import TriggerType
from services.common.errors import ServiceError
from tests.campaign.coupons.given import coupon
from tests.campaign.triggers.conftest import EMAIL, NOON, SMS, Salon
from tests.fakes.neighbours import defer, deny

pytestmark = pytest.mark.asyncio(loop_scope="module")
T = TriggerType
Reason = consent_pb.DecisionReason


async def staff(salon: Salon, **fields: Any) -> None:
    member = contact_pb2.StaffMember(
        staff_id="mia",
        name="Mia Mey",
        email="mia@salon.example",
        is_email_verified=True,
        roles=["branch_manager"],
    )
    for name, value in fields.items():
        setattr(member, name, value)
    stub = salon.served.person(ContactServiceStub)
    await stub.UpsertStaffMember(contact_service_pb2.UpsertStaffMemberRequest(staff_member=member))


async def tried(salon: Salon, **fields: Any) -> pb.TestTriggerResponse:
    return await salon.stub.TestTrigger(pb.TestTriggerRequest(trigger_type=T.MISS_YOU, **fields))


@pytest.mark.req("LIF-19")
async def test_a_trial_shows_what_would_be_sent_and_sends_nothing(salon: Salon) -> None:
    await salon.use(T.MISS_YOU)
    anna = await salon.contact(first_name="Anna")
    shown = await tried(salon)
    assert (shown.channel, shown.template_name, shown.body_text) == (SMS, "miss-you", "Hello from us")
    assert (shown.decision, shown.would_send, shown.message_id) == ("", False, "")
    shown = await tried(salon, contact_id=str(anna))
    assert (shown.decision, shown.would_send, shown.reason) == ("allow", True, "")
    assert salon.delivery.messages == {}
    assert await salon.history() == []


@pytest.mark.req("LIF-19")
async def test_a_trial_says_what_stands_against_it(salon: Salon) -> None:
    await salon.use(T.MISS_YOU)
    anna = str(await salon.contact())
    salon.consent.rule = lambda _context, _item: deny(Reason.DECISION_REASON_NO_CONSENT)
    shown = await tried(salon, contact_id=anna)
    assert (shown.decision, shown.would_send, shown.reason) == ("deny", False, "no_consent")
    salon.consent.rule = lambda _context, _item: defer(Reason.DECISION_REASON_QUIET_HOURS, NOON)
    shown = await tried(salon, contact_id=anna)
    assert (shown.decision, shown.would_send, shown.reason) == ("defer", True, "quiet_hours")
    await salon.change(T.MISS_YOU, enabled=False)
    shown = await tried(salon, contact_id=anna)
    assert (shown.would_send, shown.reason) == (False, "disabled")
    with pytest.raises(ServiceError) as caught:
        await tried(salon, contact_id=str(uuid4()))
    assert caught.value.reason == "NOT_FOUND"


@pytest.mark.req("LIF-19")
async def test_a_test_goes_to_a_verified_address_of_staff_alone_and_once(salon: Salon) -> None:
    await salon.use(T.MISS_YOU)
    await salon.template(T.MISS_YOU, EMAIL)
    await staff(salon)
    for stranger in ("anna@example.com", "mia@elsewhere.example"):
        with pytest.raises(ServiceError) as caught:
            await tried(salon, staff_address=stranger)
        assert caught.value.reason == "INVALID_RECIPIENT"
    assert salon.delivery.messages == {}
    for repeat in (False, True):
        answer = await tried(salon, staff_address="mia@salon.example", idempotency_key="k")
        assert answer.deduplicated == repeat
    [(message_id, message)] = salon.delivery.messages.items()
    assert message_id == answer.message_id
    assert message.content.origin == message_pb2.ORIGIN_TEST
    assert (message.recipient.address, message.recipient.contact_id) == ("mia@salon.example", "")
    assert await salon.history() == []
    await staff(salon, is_email_verified=False)
    with pytest.raises(ServiceError) as caught:
        await tried(salon, staff_address="mia@salon.example")
    assert caught.value.reason == "INVALID_RECIPIENT"


@pytest.mark.req("LIF-88")
async def test_a_trigger_with_nothing_to_send_cannot_be_tried(salon: Salon) -> None:
    known = await salon.template(T.MISS_YOU, SMS, "gone")
    await salon.change(T.MISS_YOU, template_id=known, channel=SMS, fallback_channel=0)
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute("UPDATE template SET archived_at = now() WHERE tenant_id = %s", (uow.tenant_id,))
    with pytest.raises(ServiceError) as caught:
        await tried(salon)
    assert caught.value.reason == "TRIGGER_NOT_CONFIGURED"


async def of_campaign(salon: Salon, kind: TriggerType, coupon_id: str) -> str:
    """Makes a trigger campaign with a coupon, and has the trigger count for it."""
    async with salon.database.tenant(salon.tenant_id) as uow:
        template_id = await uow.fetch_value(
            "SELECT template_id FROM template WHERE tenant_id = %s LIMIT 1", (uow.tenant_id,)
        )
    wanted = campaign_pb2.Campaign(
        name="Wishes",
        kind=campaign_pb2.Campaign.KIND_TRIGGER,
        channel=SMS,
        template_id=str(template_id),
        coupon_id=coupon_id,
    )
    stub = salon.served.person(CampaignServiceStub)
    made = await stub.CreateCampaign(campaign_service_pb2.CreateCampaignRequest(campaign=wanted))
    await salon.change(kind, campaign_id=made.campaign.campaign_id)
    return made.campaign.campaign_id


async def birthdays(salon: Salon, *names: str) -> None:
    await salon.use(T.BIRTHDAY_WISH)
    for name in names:
        one = await salon.contact(name)
        await salon.set(one, birth_month=11, birth_day=21)


@pytest.mark.req("LIF-1", "LIF-48", "CAM-104")
async def test_a_wish_brings_the_coupon_of_its_campaign_and_counts_for_it(salon: Salon) -> None:
    await birthdays(salon, "anna", "bert")
    made = await coupon(salon.served, code="HAPPY", percentage=1000)
    campaign_id = await of_campaign(salon, T.BIRTHDAY_WISH, made.coupon_id)
    await salon.make()
    salon.at(hours=21)
    await salon.look()
    assert [one.recipient.variables["couponCode"] for one in salon.sent()] == ["HAPPY", "HAPPY"]
    assert {one.content.campaign_id for one in salon.sent()} == {campaign_id}


@pytest.mark.req("LIF-48")
async def test_each_gets_a_code_of_their_own_and_who_is_not_written_to_gives_it_back(salon: Salon) -> None:
    await birthdays(salon, "anna", "bert", "carla")
    made = await coupon(salon.served, code_kind=coupon_pb2.Coupon.CODE_KIND_POOL, percentage=1000)
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "INSERT INTO coupon_code (tenant_id, code, coupon_id, state, created_at, updated_at)"
            " SELECT %s, code, %s, 'free', now(), now() FROM unnest(ARRAY['CODE1', 'CODE2']) AS new (code)",
            (uow.tenant_id, made.coupon_id),
        )
    await of_campaign(salon, T.BIRTHDAY_WISH, made.coupon_id)
    salon.delivery.stopped[str(salon.contacts["anna"])] = "no_consent"
    salon.delivery.stopped[str(salon.contacts["bert"])] = "no_consent"
    await salon.make()
    salon.at(hours=21)
    await salon.look()
    reasons = sorted(reason for _, _, reason in await salon.history())
    assert "coupon_exhausted" in reasons
    async with salon.database.tenant(salon.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT state, message_id FROM coupon_code WHERE tenant_id = %s", (uow.tenant_id,)
        )
    sent = {
        key for key, one in salon.delivery.messages.items() if one.state != message_pb2.Message.STATE_SKIPPED
    }
    assert {str(message_id) for state, message_id in rows if state == "issued"} == sent
    assert all(message_id is None for state, message_id in rows if state == "free")


async def own_code(salon: Salon) -> None:
    """One code, which the thanks for a visit carry."""
    made = await coupon(salon.served, code_kind=coupon_pb2.Coupon.CODE_KIND_POOL, percentage=1000)
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "INSERT INTO coupon_code (tenant_id, code, coupon_id, state, created_at, updated_at)"
            " VALUES (%s, 'ONLY', %s, 'free', now(), now())",
            (uow.tenant_id, made.coupon_id),
        )
    await of_campaign(salon, T.POST_VISIT_THANK_YOU, made.coupon_id)


async def codes(salon: Salon) -> list[Any]:
    async with salon.database.tenant(salon.tenant_id) as uow:
        return await uow.fetch_all(
            "SELECT code, state FROM coupon_code WHERE tenant_id = %s", (uow.tenant_id,)
        )


async def skipped(salon: Salon, message_id: str, reason: str) -> None:
    """Delivery tells that it did not send a message after all."""
    payload = MessagesStopped(messages=[MessageStopped(message_id=message_id, reason=reason)])
    async with salon.database.tenant(salon.tenant_id) as uow:
        await outcomes.stopped(uow, EventEnvelope(), payload)


@pytest.mark.req("LIF-61", "LIF-63")
async def test_what_is_stopped_on_its_way_is_told_and_gives_its_code_back(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.POST_VISIT_THANK_YOU)
    await own_code(salon)
    await salon.visit()
    salon.at(hours=2)
    await salon.look(hand_over=False)
    await salon.tell("visit.cancelled", visit_id="v1", at=NOON + timedelta(hours=1))
    assert await codes(salon) == [("ONLY", "free")]
    assert await salon.told() == [("trigger.skipped", T.POST_VISIT_THANK_YOU.word, "condition_gone")]


@pytest.mark.req("LIF-60")
async def test_a_message_that_delivery_skips_later_is_not_counted_as_sent(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.POST_VISIT_THANK_YOU)
    await salon.visit()
    salon.at(hours=2)
    await salon.look()
    [message_id] = salon.delivery.messages
    await skipped(salon, message_id, "daily_cap_reached")
    assert await salon.history() == [(T.POST_VISIT_THANK_YOU.word, "skipped", "daily_cap_reached")]
    assert (await salon.told())[-1] == ("trigger.skipped", T.POST_VISIT_THANK_YOU.word, "daily_cap_reached")
    await salon.visit(visit="v2")
    salon.at(hours=5)
    await salon.look()
    assert len(salon.sent()) == 2


@pytest.mark.req("LIF-60")
async def test_a_message_that_delivery_skips_before_its_notice_is_settled_is_not_counted_as_sent(
    salon: Salon, monkeypatch: pytest.MonkeyPatch
) -> None:
    await salon.contact()
    await salon.use(T.POST_VISIT_THANK_YOU)
    await own_code(salon)
    await salon.visit()
    salon.at(hours=2)
    settle = Settling.settle

    async def overtaken(settling: Settling, tenant_id: UUID, work: Work) -> None:
        [message_id] = salon.delivery.messages
        await skipped(salon, message_id, "no_consent")
        await settle(settling, tenant_id, work)

    with monkeypatch.context() as racing:
        racing.setattr(Settling, "settle", overtaken)
        await salon.look()
    name = T.POST_VISIT_THANK_YOU.word
    assert await salon.history() == [(name, "skipped", "no_consent")]
    assert await salon.told() == [("trigger.skipped", name, "no_consent")]
    assert await codes(salon) == [("ONLY", "free")]


async def test_the_code_of_a_message_that_delivery_skips_later_is_given_back(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.POST_VISIT_THANK_YOU)
    await own_code(salon)
    await salon.visit()
    salon.at(hours=2)
    await salon.look()
    assert await codes(salon) == [("ONLY", "issued")]
    [message_id] = salon.delivery.messages
    await skipped(salon, message_id, "no_consent")
    assert await codes(salon) == [("ONLY", "free")]


async def test_a_merged_contact_s_occurrences_are_the_kept_one_s(salon: Salon) -> None:
    await salon.use(T.POST_VISIT_THANK_YOU)
    anna, double = await salon.contact("anna"), await salon.contact("double")
    await salon.visit("double", "v1")
    stub = salon.served.person(ContactServiceStub)
    await stub.MergeContacts(
        contact_service_pb2.MergeContactsRequest(keep_contact_id=str(anna), merge_contact_id=str(double))
    )
    salon.at(hours=2)
    await salon.look()
    [message] = salon.sent()
    assert message.recipient.contact_id == str(anna)


@pytest.mark.req("LIF-61", "CAM-79")
@pytest.mark.parametrize("is_handed_over", [False, True])
async def test_a_visit_stops_what_asked_somebody_to_come_back_who_was_two_contacts_then(
    salon: Salon, is_handed_over: bool
) -> None:
    await salon.use(T.REBOOKING_REMINDER)
    anna, double = await salon.contact("anna"), await salon.contact("double")
    await salon.visit("double", "v1")
    salon.clock.set(datetime(2026, 12, 20, 8, tzinfo=UTC))
    await salon.look(hand_over=is_handed_over)
    stub = salon.served.person(ContactServiceStub)
    await stub.MergeContacts(
        contact_service_pb2.MergeContactsRequest(keep_contact_id=str(anna), merge_contact_id=str(double))
    )
    await salon.visit("anna", "v2")
    await salon.hand_over()
    told = {selector.message_id for word, selector in salon.delivery.told if word == "cancel"}
    assert told >= set(salon.delivery.messages)
    assert len(salon.sent()) == is_handed_over


async def test_what_is_on_its_way_to_somebody_who_is_erased_ends_and_gives_its_code_back(
    salon: Salon,
) -> None:
    await salon.use(T.POST_VISIT_THANK_YOU)
    await own_code(salon)
    await salon.contact("anna")
    await salon.visit("anna", "v1")
    salon.at(hours=2)
    await salon.look(hand_over=False)
    assert await codes(salon) == [("ONLY", "held")]
    request: Any = contact_data_pb2.EraseContactDataRequest(
        contact_id=str(salon.contacts["anna"]), tombstone_id=str(uuid4()), privacy_request_id=str(uuid4())
    )
    service: Any = salon.served.caller(ContactDataServiceStub, "consent")
    while (await service.EraseContactData(request)).remaining_count:
        pass
    await salon.hand_over()
    assert salon.sent() == []
    name = T.POST_VISIT_THANK_YOU.word
    assert await salon.history() == [(name, "skipped", "contact_erased")]
    assert await salon.told() == [("trigger.skipped", name, "contact_erased")]
    assert await codes(salon) == [("ONLY", "free")]


async def test_one_person_gets_once_what_two_contacts_were_to_get_who_are_one_now(salon: Salon) -> None:
    await salon.use(T.BIRTHDAY_WISH)
    for name in ("anna", "double"):
        await salon.set(await salon.contact(name), birth_month=11, birth_day=21)
    await salon.make()
    salon.at(hours=21)
    await salon.look(hand_over=False)
    stub = salon.served.person(ContactServiceStub)
    await stub.MergeContacts(
        contact_service_pb2.MergeContactsRequest(
            keep_contact_id=str(salon.contacts["anna"]), merge_contact_id=str(salon.contacts["double"])
        )
    )
    await salon.hand_over()
    [message] = salon.sent()
    assert message.recipient.contact_id == str(salon.contacts["anna"])
    assert await salon.history() == [(T.BIRTHDAY_WISH.word, "sent", "")]


async def test_a_template_that_a_trigger_sends_by_is_not_deleted(salon: Salon) -> None:
    known = await salon.template(T.MISS_YOU, SMS, "back-soon")
    await salon.change(T.MISS_YOU, template_id=known, channel=SMS, fallback_channel=0, enabled=True)
    stub = salon.served.person(TemplateServiceStub)
    with pytest.raises(ServiceError) as caught:
        await stub.DeleteTemplate(template_service_pb2.DeleteTemplateRequest(template_id=known))
    assert caught.value.reason == "TEMPLATE_IN_USE"
