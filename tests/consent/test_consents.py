"""ConsentService: granting, withdrawing and proving consent."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from angarium.common.v1 import enums_pb2 as common
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2, consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from tests.consent.kit import (
    EMAIL,
    MARKETING,
    SMS,
    TRANSACTIONAL,
    WHATSAPP,
    RunningConsent,
    Tenant,
    evidence,
    grant_request,
    reason,
    stamp,
)

STAFF, WEB_FORM = consent_pb2.CONSENT_SOURCE_STAFF, consent_pb2.CONSENT_SOURCE_WEB_FORM
GRANTED, PENDING, REVOKED, EXPIRED = (
    consent_pb2.Consent.STATE_GRANTED,
    consent_pb2.Consent.STATE_PENDING,
    consent_pb2.Consent.STATE_REVOKED,
    consent_pb2.Consent.STATE_EXPIRED,
)


def revocation(contact: object, channel: int = EMAIL, **changes: Any) -> pb.RevokeConsentRequest:
    subject = consent_pb2.Subject(contact_id=str(contact))
    return pb.RevokeConsentRequest(**{"subject": subject, "channel": channel, "source": STAFF, **changes})


def opt_out(contact: object, **changes: Any) -> pb.OptOutRequest:
    subject = consent_pb2.Subject(contact_id=str(contact))
    source = consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST
    return pb.OptOutRequest(**{"subject": subject, "source": source, **changes})


async def events(consent: RunningConsent, kind: str, payload: Callable[[], Any]) -> list[Any]:
    """The payloads of the events of a type, in the order of their commits."""
    rows = await consent.rows("SELECT envelope FROM outbox WHERE type = %s ORDER BY id", kind)
    found = []
    for (encoded,) in rows:
        message = payload()
        assert EventEnvelope.FromString(encoded).payload.Unpack(message)
        found.append(message)
    return found


@pytest.mark.req("CON-15", "CON-115", "CON-110", "EVT-110")
async def test_a_repeat_of_an_equal_grant_changes_nothing(salon: Tenant) -> None:
    contact = await salon.contact()
    first = await salon.grant(contact, evidence=evidence())
    salon.consent.clock.advance(timedelta(minutes=1))
    assert await salon.grant(contact, evidence=evidence()) == first
    other = await salon.grant(contact, evidence=evidence(form="till"))
    assert other.consent_id == first.consent_id
    assert other.etag != first.etag
    assert len(await salon.consent.rows("SELECT FROM consent")) == 1
    changes = await events(salon.consent, "consent.updated", consent_events_pb2.ConsentsUpdated)
    assert [(one.consents[0].old_value, one.consents[0].new_value) for one in changes] == [
        ("", "granted"),
        ("granted", "granted"),
    ]
    told = changes[0].consents[0]
    assert (told.contact_id, told.field, told.branch_id) == (str(contact), "email_consent", "")
    assert (told.channel, told.message_class, told.source) == (EMAIL, first.message_class, first.source)


@pytest.mark.req("CON-95")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": 5}, "channel"),
        ({"channel": 6}, "channel"),
        ({"source": 0}, "source"),
        ({"message_class": 0}, "message_class"),
        ({"branch_id": "here"}, "branch_id"),
        ({"evidence": evidence(note="x" * 5000)}, "evidence"),
    ],
)
async def test_a_bad_grant_names_its_field(salon: Tenant, changes: dict[str, Any], field: str) -> None:
    contact = await salon.contact()
    with pytest.raises(ServiceError) as refused:
        await salon.staff().grant(grant_request(contact, **changes))
    assert refused.value.reason == "VALIDATION_FAILED"
    assert [violation.field for violation in refused.value.violations] == [field]


@pytest.mark.req("CON-95")
async def test_an_expiry_in_the_past_is_refused(salon: Tenant) -> None:
    contact = await salon.contact()
    with pytest.raises(ServiceError) as refused:
        await salon.grant(contact, expire_time=stamp(salon.consent.clock.now()))
    assert [violation.field for violation in refused.value.violations] == ["expire_time"]


@pytest.mark.req("CON-99", "CON-14")
async def test_nobody_consents_for_contacts_that_are_unknown_or_erased(salon: Tenant) -> None:
    for contact, expected in (
        (uuid7(), "NOT_FOUND"),
        (await salon.contact(state="erased"), "CONTACT_ERASED"),
    ):
        with pytest.raises(ServiceError) as refused:
            await salon.grant(contact)
        assert refused.value.reason == expected


@pytest.mark.req("CON-58", "CON-96", "SEC-50")
async def test_staff_need_evidence_after_the_person_withdrew(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact, WHATSAPP)
    person = salon.service("campaign")
    await person.call(person.consents.RevokeConsent, revocation(contact, WHATSAPP, source=WEB_FORM))
    for source in (STAFF, consent_pb2.CONSENT_SOURCE_DOUBLE_OPT_IN, WEB_FORM):
        with pytest.raises(ServiceError) as refused:
            await salon.staff().grant(grant_request(contact, WHATSAPP, source=source))
        assert refused.value.reason == "EVIDENCE_REQUIRED"
    proven = await salon.staff().grant(grant_request(contact, WHATSAPP, source=STAFF, evidence=evidence()))
    assert proven.consent.state == GRANTED


@pytest.mark.req("CON-58")
async def test_on_email_a_proven_grant_after_a_withdrawal_still_asks_the_person(salon: Tenant) -> None:
    contact = await salon.contact()
    caller = salon.staff()
    await caller.call(caller.consents.OptOut, opt_out(contact, channel=EMAIL))
    granted = await caller.grant(grant_request(contact, source=STAFF, evidence=evidence()))
    assert granted.consent.state == PENDING


@pytest.mark.req("CON-58", "CON-68")
async def test_a_grant_by_the_person_lifts_the_persons_own_unsubscribe(salon: Tenant) -> None:
    contact = await salon.contact()
    caller = salon.staff()
    await caller.call(caller.consents.OptOut, opt_out(contact, channel=EMAIL))
    assert reason(await salon.decide(contact)) == "suppressed"
    await caller.grant(grant_request(contact, source=STAFF, evidence=evidence()))
    assert reason(await salon.decide(contact)) == "suppressed"
    await salon.grant(contact, source=consent_pb2.CONSENT_SOURCE_DOUBLE_OPT_IN)
    assert reason(await salon.decide(contact)) == "allow"


@pytest.mark.req("CON-57", "CON-19")
async def test_double_opt_in_is_pending_until_confirmed_and_expires_by_itself(salon: Tenant) -> None:
    await salon.settle(double_opt_in_channels=[EMAIL])
    contact = await salon.contact()
    assert (await salon.grant(contact)).state == PENDING
    assert reason(await salon.decide(contact)) == "consent_pending"
    assert (await salon.grant(contact, SMS)).state == GRANTED
    assert (await salon.grant(contact, SMS, message_class=TRANSACTIONAL, double_opt_in=True)).state == GRANTED
    salon.consent.clock.advance(timedelta(hours=72))
    assert reason(await salon.decide(contact)) == "consent_expired"
    confirmed = await salon.grant(contact, source=consent_pb2.CONSENT_SOURCE_DOUBLE_OPT_IN)
    assert confirmed.state == GRANTED
    assert confirmed.confirm_time == stamp(salon.consent.clock.now())


@pytest.mark.req("CON-59")
async def test_a_marketing_grant_lasts_as_long_as_the_tenant_says(salon: Tenant) -> None:
    await salon.settle(consent_validity_days=30)
    contact = await salon.contact()
    granted = await salon.grant(contact)
    assert granted.expire_time == stamp(salon.consent.clock.now() + timedelta(days=30))
    assert not (await salon.grant(contact, message_class=TRANSACTIONAL)).HasField("expire_time")


@pytest.mark.req("CON-16", "CON-56")
async def test_revoking_tenant_wide_revokes_every_branch_and_every_class(salon: Tenant) -> None:
    contact, branch = await salon.contact(), str(uuid4())
    await salon.grant(contact)
    await salon.grant(contact, branch_id=branch)
    staff = salon.staff()
    changed = await staff.call(staff.consents.RevokeConsent, revocation(contact, reason="asked at the till"))
    assert {(one.message_class, one.branch_id) for one in changed.consents} == {
        (MARKETING, ""),
        (MARKETING, branch),
        (TRANSACTIONAL, ""),
        (3, ""),
    }
    assert {one.state for one in changed.consents} == {REVOKED}
    again = await staff.call(staff.consents.RevokeConsent, revocation(contact))
    assert not again.consents
    trail = await staff.call(
        staff.consents.ListConsentAudit, pb.ListConsentAuditRequest(contact_id=str(contact))
    )
    revoked = [one for one in trail.entries if one.new_value == "revoked"]
    assert len(revoked) == 4
    assert {one.change_reason for one in revoked} == {"asked at the till"}
    assert {one.created_by for one in revoked} == {"anna"}


@pytest.mark.req("CON-23", "CON-60", "CON-68", "CON-106", "EVT-111")
async def test_opting_out_of_everything_sets_the_flag_revokes_and_suppresses_each_address(
    salon: Tenant,
) -> None:
    contact, branch = await salon.contact(), str(uuid4())
    await salon.grant(contact)
    await salon.grant(contact, SMS, branch_id=branch)
    staff = salon.staff("receptionist")
    campaign_id = str(uuid7())
    answer = await staff.call(staff.consents.OptOut, opt_out(contact, campaign_id=campaign_id))
    summary = answer.summary
    assert summary.marketing_opted_out
    assert summary.opt_out_source == consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST
    assert not summary.consented_channels
    assert {row[0] for row in await salon.consent.rows("SELECT status FROM consent")} == {"revoked"}
    entries = await salon.consent.rows("SELECT channel, scope, reason FROM suppression ORDER BY channel")
    assert entries == [
        (channel, "marketing", "customer_unsubscribe") for channel in ("email", "sms", "whatsapp")
    ]
    # What is kept of an address is a keyed hash of it, never the contact; and receipts still arrive.
    address, number = salon.address(contact), salon.phone(contact)
    kept = await salon.consent.rows("SELECT channel, identifier_hash FROM suppression")
    assert dict(kept) == {
        channel: salon.consent.hasher.one(salon.tenant_id, channel, text)
        for channel, text in (("email", address), ("sms", number), ("whatsapp", number))
    }
    assert reason(await salon.decide(contact, category=1)) == "allow"
    (told,) = await events(salon.consent, "consent.opted_out", consent_events_pb2.ContactOptedOut)
    assert (told.contact_id, told.campaign_id, told.channel) == (str(contact), campaign_id, 0)
    assert told.source == consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST
    again = await staff.call(staff.consents.OptOut, opt_out(contact))
    assert again.summary == summary
    assert len(await events(salon.consent, "consent.opted_out", consent_events_pb2.ContactOptedOut)) == 1


@pytest.mark.req("CON-23", "CON-60")
async def test_opting_out_of_one_channel_leaves_the_others(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    await salon.grant(contact, WHATSAPP)
    staff = salon.staff()
    answer = await staff.call(staff.consents.OptOut, opt_out(contact, channel=EMAIL))
    assert not answer.summary.marketing_opted_out
    assert list(answer.summary.consented_channels) == [WHATSAPP]
    assert reason(await salon.decide(contact)) == "suppressed"
    assert reason(await salon.decide(contact, channel=WHATSAPP)) == "allow"
    assert reason(await salon.decide(contact, category=1)) == "allow"


@pytest.mark.req("GEN-29")
async def test_a_key_repeats_the_answer_and_refuses_another_request(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    first = await staff.grant(grant_request(contact, idempotency_key="k"))
    await staff.call(staff.consents.RevokeConsent, revocation(contact, idempotency_key="k"))
    again = await staff.grant(grant_request(contact, idempotency_key="k"))
    assert again.deduplicated
    assert again.consent == first.consent
    assert reason(await salon.decide(contact)) == "consent_revoked"
    with pytest.raises(ServiceError) as conflict:
        await staff.grant(grant_request(contact, SMS, idempotency_key="k"))
    assert conflict.value.reason == "IDEMPOTENCY_CONFLICT"


@pytest.mark.req("CON-20", "CON-25", "GEN-26")
async def test_lists_go_on_where_the_page_before_ended_and_refuse_other_lists_tokens(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    branches = [str(uuid7()) for _ in range(5)]
    for branch in branches:
        await salon.grant(contact, branch_id=branch)
    seen: list[str] = []
    request = pb.ListConsentsRequest(contact_id=str(contact), page_size=2)
    while True:
        page = await staff.call(staff.consents.ListConsents, request)
        seen += [one.branch_id for one in page.consents]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert seen == branches[::-1]
    request.channel = SMS
    with pytest.raises(ServiceError) as refused:
        await staff.call(staff.consents.ListConsents, request)
    assert refused.value.violations[0].field == "page_token"
    trail = await staff.call(
        staff.consents.ListConsentAudit, pb.ListConsentAuditRequest(contact_id=str(contact), page_size=3)
    )
    assert len(trail.entries) == 3
    assert trail.next_page_token


@pytest.mark.req("CON-103")
async def test_checking_needs_a_channel_and_a_class(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    await salon.grant(contact)
    subject = consent_pb2.Subject(contact_id=str(contact))
    found = await staff.call(
        staff.consents.CheckConsent,
        pb.CheckConsentRequest(subject=subject, channel=EMAIL, message_class=MARKETING),
    )
    assert found.has_consent
    assert found.consent.state == GRANTED
    with pytest.raises(ServiceError) as refused:
        await staff.call(staff.consents.CheckConsent, pb.CheckConsentRequest(subject=subject))
    assert {violation.field for violation in refused.value.violations} == {"channel", "message_class"}


@pytest.mark.req("CON-14")
async def test_consent_of_an_address_is_kept_by_hash_and_found_again(salon: Tenant) -> None:
    staff = salon.staff()
    granted = await salon.service().grant(grant_request("Someone@Example.COM"))
    assert granted.consent.contact_id == ""
    found = await staff.call(
        staff.consents.CheckConsent,
        pb.CheckConsentRequest(
            subject=consent_pb2.Subject(address="someone@example.com"), channel=EMAIL, message_class=MARKETING
        ),
    )
    assert found.has_consent
    dump = await salon.consent.rows("SELECT c::text FROM consent AS c")
    assert "someone" not in dump[0][0]
    with pytest.raises(ServiceError) as refused:
        await salon.service().grant(grant_request("nobody"))
    assert refused.value.reason == "INVALID_RECIPIENT"


@pytest.mark.req("SEC-4", "SEC-6")
async def test_a_contact_reaches_its_own_consents_only(salon: Tenant) -> None:
    one, other = await salon.contact(), await salon.contact()
    assert (await salon.as_contact(one).grant(grant_request(one))).consent.state == GRANTED
    for about, answer in (
        (other, "NOT_FOUND"),
        ("a@example.com", "PERMISSION_DENIED"),
        (salon.address(other), "PERMISSION_DENIED"),
    ):
        with pytest.raises(ServiceError) as refused:
            await salon.as_contact(one).grant(grant_request(about))
        assert refused.value.reason == answer


@pytest.mark.req("SEC-23", "SEC-24", "SEC-43")
async def test_every_role_may_record_an_opt_out_but_not_every_role_a_grant(salon: Tenant) -> None:
    contact, receptionist = await salon.contact(), salon.staff("receptionist")
    await receptionist.call(receptionist.consents.OptOut, opt_out(contact))
    with pytest.raises(ServiceError) as denied:
        await receptionist.grant(grant_request(contact))
    assert denied.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("CON-60")
async def test_grants_and_opt_outs_at_once_leave_nobody_half_opted_out(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    for _ in range(5):
        branches = [str(uuid4()) for _ in range(4)]
        await asyncio.gather(
            *(
                staff.grant(grant_request(contact, branch_id=branch, source=STAFF, evidence=evidence()))
                for branch in branches[:2]
            ),
            staff.call(staff.consents.OptOut, opt_out(contact, channel=EMAIL)),
            *(
                staff.grant(grant_request(contact, branch_id=branch, source=STAFF, evidence=evidence()))
                for branch in branches[2:]
            ),
        )
        # What was granted before the opt-out is revoked by it; what came after asks the person again.
        statuses = await salon.consent.rows(
            "SELECT DISTINCT status FROM consent WHERE branch_id = ANY(%s::uuid[])", branches
        )
        assert {status for (status,) in statuses} <= {"revoked", "pending", "granted"}
        assert reason(await salon.decide(contact)) == "suppressed"
        await staff.call(staff.consents.OptOut, opt_out(contact, channel=EMAIL))
        left = await salon.consent.rows("SELECT FROM consent WHERE channel = 'email' AND status <> 'revoked'")
        assert not left


@pytest.mark.req("CON-2", "GEN-34")
async def test_the_audit_trail_cannot_be_rewritten_by_the_service(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    for statement in ("UPDATE consent_audit SET new_value = 'x'", "DELETE FROM consent_audit"):
        with pytest.raises(Exception, match="permission denied"):
            async with salon.consent.database.tenant(salon.tenant_id) as uow:
                await uow.execute(statement)


@pytest.mark.req("GEN-8")
async def test_row_level_security_alone_keeps_tenants_apart(consent: RunningConsent) -> None:
    ours, theirs = await consent.tenant(), await consent.tenant()
    contact = await ours.contact()
    await ours.grant(contact, SMS)
    await ours.staff().suppress("a@example.com")
    await ours.decide(contact, purpose=1, message_id=str(uuid7()))
    tables = await consent.rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
        " WHERE c.relnamespace = 'consent'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    )
    seen = 0
    for (table,) in tables:
        async with consent.database.tenant(ours.tenant_id) as uow:
            seen += await uow.fetch_value(f"SELECT count(*) FROM {table}") > 0
        async with consent.database.tenant(theirs.tenant_id) as uow:
            rows = await uow.fetch_all(f"SELECT DISTINCT tenant_id FROM {table}")
            assert {row[0] for row in rows} <= {theirs.tenant_id}
    assert seen >= 8


@pytest.mark.parametrize("channel", [common.CHANNEL_IN_APP, common.CHANNEL_WEBHOOK])
async def test_nobody_opts_out_of_a_channel_on_which_nobody_consents(salon: Tenant, channel: int) -> None:
    contact = await salon.contact()
    staff = salon.staff()
    with pytest.raises(ServiceError) as caught:
        await staff.call(staff.consents.OptOut, opt_out(contact, channel=channel))
    assert [one.field for one in caught.value.violations] == ["channel"]
