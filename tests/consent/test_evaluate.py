"""EvaluateSend and EvaluateSendBatch through a real server: each check as callers meet it."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import settings_service_pb2
from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import compliance_service_pb2 as pb
from angarium.consent.v1 import consent_pb2, consent_service_pb2
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.consent.directory.domain import KnownContact
from tests.consent.kit import (
    ALLOW,
    DEFER,
    DENY,
    EMAIL,
    PREVIEW,
    SEND,
    SMS,
    TRANSACTIONAL,
    WHATSAPP,
    RunningConsent,
    Tenant,
    evidence,
    grant_request,
    question,
    reason,
    stamp,
)
from tests.consent.preferring import DAILY, update
from tests.consent.preferring import channel as preference


@pytest.mark.req("CON-55", "CON-76")
async def test_marketing_goes_only_to_people_who_granted_it(salon: Tenant) -> None:
    contact = await salon.contact()
    assert reason(await salon.decide(contact)) == "no_consent"
    await salon.grant(contact)
    decision = await salon.decide(contact)
    assert decision.outcome == ALLOW
    assert decision.time_zone == "Europe/Berlin"
    assert decision.caps.marketing_daily == 2
    assert decision.caps.channel_daily == 10
    assert [check.check for check in decision.checks] == list(range(1, 16))


@pytest.mark.req("CON-70")
async def test_a_message_without_a_valid_address_is_denied(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    for address in ("", "not an address"):
        assert reason(await salon.decide(contact, address=address)) == "no_address"


@pytest.mark.req("CON-71", "CON-14")
async def test_an_erased_contact_gets_nothing_not_even_critical_messages(salon: Tenant) -> None:
    contact = await salon.contact(state="erased")
    for category in (common.CATEGORY_OFFER, common.CATEGORY_ACCOUNT_SECURITY, common.CATEGORY_PAYMENT):
        assert reason(await salon.decide(contact, category=category)) == "contact_erased"


@pytest.mark.req("CON-67", "CON-72")
async def test_suppression_of_every_message_stops_critical_ones_too(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.staff().suppress(salon.address(contact), EMAIL)
    decision = await salon.decide(contact, category=common.CATEGORY_ACCOUNT_SECURITY)
    assert reason(decision) == "suppressed"
    assert decision.checks[-1].check == pb.CHECK_SUPPRESSION
    assert decision.checks[-1].detail == "scope all: manual"


@pytest.mark.req("CON-108")
async def test_suppression_on_every_channel_matches_each_channel_of_the_number(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.staff().suppress(salon.phone(contact))
    for channel in (SMS, WHATSAPP):
        decision = await salon.decide(contact, channel=channel, category=common.CATEGORY_PAYMENT)
        assert reason(decision) == "suppressed"
    assert (await salon.decide(contact, category=common.CATEGORY_PAYMENT)).outcome == ALLOW


@pytest.mark.req("CON-12", "CON-73")
async def test_marketing_waits_for_the_settings_of_the_tenant(consent: RunningConsent) -> None:
    unknown = Tenant(consent)
    contact = await unknown.contact(time_zone="Europe/Berlin")
    await unknown.grant(contact, SMS)
    assert reason(await unknown.decide(contact, channel=SMS)) == "marketing_disabled"
    assert (await unknown.decide(contact, channel=SMS, category=common.CATEGORY_PAYMENT)).outcome == ALLOW


@pytest.mark.req("CON-73")
@pytest.mark.parametrize(
    ("changes", "offer", "payment"),
    [
        ({"marketing_enabled": False}, "marketing_disabled", "allow"),
        ({"enabled_channels": [SMS]}, "marketing_disabled", "allow"),
        ({"blocked_channels": [EMAIL]}, "channel_disabled", "channel_disabled"),
        ({"state": settings_service_pb2.Tenant.STATE_CLOSED}, "channel_disabled", "channel_disabled"),
        ({"state": settings_service_pb2.Tenant.STATE_SUSPENDED}, "tenant_suspended", "tenant_suspended"),
    ],
)
async def test_switches_of_the_tenant_hold_at_once(
    salon: Tenant, changes: dict[str, object], offer: str, payment: str
) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    await salon.settle(**changes)
    assert reason(await salon.decide(contact)) == offer
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == payment


@pytest.mark.req("CON-56", "CON-114")
async def test_the_row_of_the_branch_decides_before_the_tenant_wide_one(salon: Tenant) -> None:
    contact, branch, other = await salon.contact(), str(uuid4()), str(uuid4())
    await salon.grant(contact, branch_id=branch)
    assert reason(await salon.decide(contact)) == "no_consent"
    assert reason(await salon.decide(contact, branch_id=other)) == "no_consent"
    assert reason(await salon.decide(contact, branch_id=branch)) == "allow"
    await salon.grant(contact)
    revoke = consent_service_pb2.RevokeConsentRequest(
        subject=consent_pb2.Subject(contact_id=str(contact)),
        channel=EMAIL,
        branch_id=branch,
        source=consent_pb2.CONSENT_SOURCE_STAFF,
    )
    staff = salon.staff()
    await staff.call(staff.consents.RevokeConsent, revoke)
    assert reason(await salon.decide(contact, branch_id=branch)) == "consent_revoked"
    assert reason(await salon.decide(contact, branch_id=other)) == "allow"
    assert reason(await salon.decide(contact)) == "allow"


@pytest.mark.req("CON-19", "CON-76")
async def test_a_consent_is_expired_the_moment_its_time_passes(salon: Tenant) -> None:
    contact = await salon.contact()
    clock = salon.consent.clock
    await salon.grant(contact, expire_time=stamp(clock.now() + timedelta(minutes=5)))
    assert reason(await salon.decide(contact)) == "allow"
    clock.advance(timedelta(minutes=5))
    assert reason(await salon.decide(contact)) == "consent_expired"


@pytest.mark.req("CON-55")
async def test_a_revoked_transactional_consent_stops_transactional_but_not_critical_messages(
    salon: Tenant,
) -> None:
    contact = await salon.contact()
    staff = salon.staff()
    await staff.call(
        staff.consents.RevokeConsent,
        consent_service_pb2.RevokeConsentRequest(
            subject=consent_pb2.Subject(contact_id=str(contact)),
            channel=EMAIL,
            message_class=TRANSACTIONAL,
            source=consent_pb2.CONSENT_SOURCE_STAFF,
        ),
    )
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "consent_revoked"
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT_FAILED)) == "allow"
    assert reason(await salon.decide(contact, category=common.CATEGORY_ACCOUNT)) == "allow"


@pytest.mark.req("CON-4", "CON-77")
async def test_a_grant_for_texts_switches_the_group_on_that_is_off_by_default(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact, SMS)
    assert reason(await salon.decide(contact, channel=SMS)) == "allow"
    async with salon.consent.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "UPDATE category_preference SET enabled = false WHERE tenant_id = %s", (salon.tenant_id,)
        )
    await salon.grant(contact, SMS, evidence=evidence(again=True))
    assert reason(await salon.decide(contact, channel=SMS)) == "category_off"


@pytest.mark.req("CON-78", "CON-85")
async def test_caps_are_held_against_the_counts_that_are_given(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    assert reason(await salon.decide(contact)) == "allow"
    under = {"sent_today": 9, "marketing_today": 1, "marketing_week": 4}
    assert reason(await salon.decide(contact, usage=under)) == "allow"
    assert reason(await salon.decide(contact, usage=under | {"marketing_today": 2})) == "daily_cap_reached"
    assert reason(await salon.decide(contact, usage=under | {"marketing_week": 5})) == "weekly_cap_reached"
    assert reason(await salon.decide(contact, usage=under | {"sent_today": 10})) == "daily_cap_reached"


@pytest.mark.req("CON-82", "CON-80")
async def test_marketing_outside_of_its_window_waits_until_the_next_one(salon: Tenant) -> None:
    contact = await salon.contact(time_zone="America/New_York")
    await salon.grant(contact)
    decision = await salon.decide(contact, evaluate_time=stamp(datetime(2026, 1, 15, 12, tzinfo=UTC)))
    assert decision.outcome == DEFER
    assert decision.defer_time.ToDatetime(UTC) == datetime(2026, 1, 15, 14, tzinfo=UTC)
    assert decision.time_zone == "America/New_York"
    late = await salon.decide(
        contact,
        evaluate_time=stamp(datetime(2026, 1, 15, 12, tzinfo=UTC)),
        expire_time=stamp(datetime(2026, 1, 15, 13, tzinfo=UTC)),
    )
    assert reason(late) == "expires_before_window"


@pytest.mark.req("CON-47", "CON-62")
async def test_allowed_marketing_mail_comes_with_an_unsubscribe_token_and_nothing_else_does(
    salon: Tenant,
) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    assert (await salon.decide(contact)).unsubscribe_token
    assert not (await salon.decide(contact, category=common.CATEGORY_PAYMENT)).unsubscribe_token
    assert not (await salon.decide(await salon.contact())).unsubscribe_token


@pytest.mark.req("CON-9", "CON-49", "CON-86", "SEC-4", "SEC-6")
async def test_a_decision_before_sending_is_stored_with_its_checks_and_a_forecast_is_not(
    salon: Tenant,
) -> None:
    contact, message = await salon.contact(), str(uuid7())
    await salon.decide(contact)
    decision = await salon.decide(contact, purpose=SEND, message_id=message)
    staff = salon.staff()
    listed = await staff.call(
        staff.compliance.ListDecisions, pb.ListDecisionsRequest(contact_id=str(contact))
    )
    (stored,) = listed.decisions
    assert stored.decision.decision_id == decision.decision_id
    assert stored.message_id == message
    assert all(one.detail for one in stored.decision.checks)
    assert [(one.check, one.outcome, one.detail) for one in stored.decision.checks] == [
        (one.check, one.outcome, one.detail) for one in decision.checks
    ]
    got = await staff.call(
        staff.compliance.GetDecision, pb.GetDecisionRequest(decision_id=decision.decision_id)
    )
    assert got.decision == stored
    own = salon.as_contact(contact)
    request = pb.GetDecisionRequest(decision_id=decision.decision_id)
    assert (await own.call(own.compliance.GetDecision, request)).decision == stored
    neighbour = salon.as_contact(await salon.contact())
    with pytest.raises(ServiceError) as hidden:
        await neighbour.call(neighbour.compliance.GetDecision, request)
    assert (hidden.value.reason, hidden.value.message) == ("NOT_FOUND", "decision not found")
    other = (await salon.consent.tenant()).staff()
    with pytest.raises(ServiceError) as refused:
        await other.call(
            other.compliance.GetDecision, pb.GetDecisionRequest(decision_id=decision.decision_id)
        )
    assert refused.value.reason == "NOT_FOUND"


@pytest.mark.req("CON-49")
async def test_stored_decisions_are_found_by_contact_message_outcome_and_time_in_pages(salon: Tenant) -> None:
    contact, messages = await salon.contact(), [str(uuid7()) for _ in range(3)]
    clock, started = salon.consent.clock, salon.consent.clock.now()
    await salon.decide(contact, purpose=SEND, message_id=messages[0])
    await salon.grant(contact)
    for message in messages[1:]:
        clock.advance(timedelta(minutes=1))
        await salon.decide(contact, purpose=SEND, message_id=message)
    staff = salon.staff()

    async def found(**filters: object) -> list[str]:
        request = pb.ListDecisionsRequest(**{"contact_id": str(contact), **filters})  # type: ignore[arg-type]
        return [
            one.message_id for one in (await staff.call(staff.compliance.ListDecisions, request)).decisions
        ]

    newest_first = messages[::-1]
    assert await found() == newest_first
    assert await found(outcome=DENY) == messages[:1]
    assert await found(outcome=ALLOW) == newest_first[:2]
    assert await found(contact_id="", message_id=messages[1]) == [messages[1]]
    assert await found(start_time=stamp(started + timedelta(minutes=1))) == newest_first[:2]
    assert await found(end_time=stamp(started + timedelta(minutes=1))) == messages[:1]
    request = pb.ListDecisionsRequest(contact_id=str(contact), page_size=2)
    first = await staff.call(staff.compliance.ListDecisions, request)
    request.page_token = first.next_page_token
    second = await staff.call(staff.compliance.ListDecisions, request)
    assert [one.message_id for one in (*first.decisions, *second.decisions)] == newest_first
    assert not second.next_page_token


@pytest.mark.req("CON-47", "CON-86")
async def test_a_law_is_told_with_the_decision_and_kept_with_it(salon: Tenant) -> None:
    await salon.settle(send_window_start="08:00")
    contact = await salon.contact(region_code="US-FL", time_zone="America/New_York")
    await salon.grant(contact, SMS)
    evening = datetime(
        2026, 1, 15, 1, 30, tzinfo=UTC
    )  # 20:30 in New York: the country allows it, the state does not
    decision = await salon.decide(
        contact, channel=SMS, evaluate_time=stamp(evening), purpose=SEND, message_id=str(uuid7())
    )
    assert (reason(decision), list(decision.jurisdictions)) == ("sms_window", ["US", "US-FL"])
    assert decision.defer_time.ToDatetime(UTC) == datetime(2026, 1, 15, 13, tzinfo=UTC)
    staff = salon.staff()
    request = pb.GetDecisionRequest(decision_id=decision.decision_id)
    kept = (await staff.call(staff.compliance.GetDecision, request)).decision.decision
    assert list(kept.jurisdictions) == ["US", "US-FL"]
    told = {one.check: one.detail for one in kept.checks}
    assert told[12] == "law: US-FL hours, Fla. Stat. § 501.616(6)(a) (America/New_York)"
    assert told[13] == "send window 08:00-21:00 of the tenant"
    assert told[7] == "consent granted"


@pytest.mark.req("CON-14")
async def test_a_contact_that_events_have_not_told_of_is_asked_for_once_a_block(salon: Tenant) -> None:
    campaign = salon.consent.campaign
    late, nobody = [uuid7() for _ in range(3)], uuid7()
    campaign.contacts = {one: KnownContact(one, "active", time_zone="Asia/Tokyo") for one in late}
    items = [
        pb.EvaluationItem(contact_id=str(one), address=salon.address(one)) for one in [*late, late[0], nobody]
    ]
    context = pb.EvaluationContext(
        channel=EMAIL, category=common.CATEGORY_OFFER, purpose=PREVIEW, explain=True
    )
    request = pb.EvaluateSendBatchRequest(context=context, items=items)
    response = await salon.service().evaluate_batch(request)
    assert [reason(one) for one in response.decisions] == ["no_consent"] * 5
    assert [one.time_zone for one in response.decisions[:4]] == ["Asia/Tokyo"] * 4
    assert response.decisions[4].checks[-1].detail == "contact unknown"
    assert len(campaign.asked) == 1
    await salon.service().evaluate_batch(request)
    assert campaign.asked[1:] == [[nobody]]
    with pytest.raises(ServiceError) as unknown:
        await salon.decide(nobody)
    assert unknown.value.reason == "NOT_FOUND"


@pytest.mark.req("CON-87", "SEC-63")
async def test_a_fault_of_what_is_asked_is_an_error_and_never_an_allow(salon: Tenant) -> None:
    salon.consent.campaign.fails = True
    with pytest.raises(ServiceError) as failed:
        await salon.decide(uuid7())
    assert failed.value.reason == "COMPLIANCE_UNAVAILABLE"
    contact = await salon.contact()
    await salon.grant(contact)
    async with salon.consent.database.system() as uow:
        await uow.execute("UPDATE contact SET time_zone = 'Not/AZone'")
    with pytest.raises(ServiceError) as unknown_zone:
        await salon.decide(contact)
    assert unknown_zone.value.reason == "COMPLIANCE_UNAVAILABLE"


async def test_only_services_may_ask_in_earnest(salon: Tenant) -> None:
    contact = await salon.contact()
    with pytest.raises(ServiceError) as denied:
        await salon.staff().evaluate(question(salon, contact, purpose=SEND))
    assert denied.value.reason == "PERMISSION_DENIED"
    assert (await salon.staff().evaluate(question(salon, contact))).decision.outcome == DENY


@pytest.mark.req("SEC-4")
async def test_a_contact_may_ask_about_itself_only(salon: Tenant) -> None:
    one, other = await salon.contact(), await salon.contact()
    assert (await salon.as_contact(one).evaluate(question(salon, one))).decision.outcome == DENY
    for stranger, answer in ((other, "NOT_FOUND"), (uuid4(), "NOT_FOUND"), (None, "PERMISSION_DENIED")):
        with pytest.raises(ServiceError) as refused:
            await salon.as_contact(one).evaluate(question(salon, stranger, address="a@example.com"))
        assert refused.value.reason == answer


@pytest.mark.req("CON-14")
async def test_an_address_of_a_known_contact_stands_for_the_contact(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    assert reason(await salon.decide(None, address=salon.address(contact).upper())) == "allow"
    stranger = "stranger@example.com"
    assert reason(await salon.decide(None, address=stranger)) == "no_consent"
    await salon.service().grant(grant_request(stranger))
    assert reason(await salon.decide(None, address=stranger)) == "allow"


@pytest.mark.req("GEN-8")
async def test_nothing_of_one_tenant_bears_on_another(consent: RunningConsent) -> None:
    ours, theirs = await consent.tenant(), await consent.tenant()
    contact = await ours.contact()
    await theirs.contact(contact_id=contact)
    await ours.grant(contact)
    await theirs.staff().suppress(ours.address(contact))
    assert reason(await ours.decide(contact)) == "allow"
    assert reason(await theirs.decide(contact)) == "suppressed"


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (pb.EvaluationItem(contact_id="nobody"), "items[1].contact_id or message_id"),
        (pb.EvaluationItem(usage=pb.Usage(sent_today=-1)), "items[1].usage"),
    ],
)
async def test_a_bad_item_of_a_block_is_named(salon: Tenant, item: pb.EvaluationItem, field: str) -> None:
    context = pb.EvaluationContext(channel=EMAIL, category=common.CATEGORY_OFFER, purpose=PREVIEW)
    request = pb.EvaluateSendBatchRequest(context=context, items=[pb.EvaluationItem(), item])
    with pytest.raises(ServiceError) as refused:
        await salon.service().evaluate_batch(request)
    assert [violation.field for violation in refused.value.violations] == [field]


@pytest.mark.req("CON-60")
async def test_every_decision_that_starts_after_a_revocation_was_answered_denies(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    staff = salon.staff()
    revoked = asyncio.Event()
    seen: list[tuple[bool, str]] = []

    async def ask() -> None:
        for _ in range(25):
            after = revoked.is_set()
            seen.append((after, reason(await salon.decide(contact))))

    async def revoke() -> None:
        await asyncio.sleep(0.05)
        request = consent_service_pb2.RevokeConsentRequest(
            subject=consent_pb2.Subject(contact_id=str(contact)),
            channel=EMAIL,
            source=consent_pb2.CONSENT_SOURCE_STAFF,
        )
        await staff.call(staff.consents.RevokeConsent, request)
        revoked.set()

    await asyncio.gather(ask(), ask(), revoke())
    assert {word for after, word in seen if after} == {"consent_revoked"}


@pytest.mark.req("CON-75", "CON-88", "CON-121")
async def test_registries_of_the_tenant_stop_marketing_texts_and_must_be_fresh(salon: Tenant) -> None:
    consent = salon.consent
    await salon.settle(dnd_registries=["DE_LIST"], dnd_channels=[SMS, WHATSAPP])
    listed, other = await salon.contact(), await salon.contact()
    for contact in (listed, other):
        await salon.grant(contact, SMS)
        await salon.grant(contact, WHATSAPP)
    assert reason(await salon.decide(other, channel=SMS)) == "dnd_stale"
    digest = consent.hasher.one(UUID(int=0), "sms", salon.phone(listed))
    async with consent.database.system() as uow:
        await uow.execute(
            "INSERT INTO dnd_entry (registry, phone_hash, key_id, country, listed_at) VALUES ('DE_LIST', %s, 'k', 'DE', %s)",
            (digest, consent.clock.now()),
        )
        await uow.execute(
            "INSERT INTO dnd_import (dnd_import_id, registry, checksum, mode, status, started_at, finished_at)"
            " VALUES (%s, 'DE_LIST', '', 'full', 'completed', %s, %s)",
            (uuid7(), consent.clock.now(), consent.clock.now()),
        )
    for channel in (SMS, WHATSAPP):
        assert reason(await salon.decide(listed, channel=channel)) == "dnd_registered"
        assert reason(await salon.decide(other, channel=channel)) == "allow"
    assert reason(await salon.decide(listed, channel=SMS, category=common.CATEGORY_PAYMENT)) == "allow"
    consent.clock.advance(timedelta(days=7))
    assert reason(await salon.decide(other, channel=SMS)) == "dnd_stale"


@pytest.mark.req("CON-83", "DEL-91")
async def test_who_takes_digests_waits_for_one_and_the_digest_itself_goes(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    await update(salon, contact, "channels", channels=[preference(EMAIL, often=DAILY)])
    waits = await salon.decide(contact)
    assert (reason(waits), waits.digest_frequency) == ("digest", DAILY)
    goes = await salon.decide(contact, is_digest=True)
    assert (reason(goes), goes.digest_frequency) == ("allow", 0)
    (check,) = [one for one in goes.checks if one.check == pb.CHECK_FREQUENCY]
    assert check.detail == "the daily digest itself"


@pytest.mark.req("CON-49")
async def test_delivery_reads_what_was_decided_about_a_message(salon: Tenant) -> None:
    contact, message = await salon.contact(), str(uuid7())
    await salon.decide(contact, purpose=SEND, message_id=message)
    asked = pb.ListDecisionsRequest(message_id=message)
    delivery = salon.service("delivery")
    assert [
        one.message_id for one in (await delivery.call(delivery.compliance.ListDecisions, asked)).decisions
    ] == [message]
