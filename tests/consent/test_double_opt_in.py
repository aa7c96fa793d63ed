"""Double opt-in: what waits is asked for, confirmed by its link, and by nothing else."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from angarium.consent.v1 import consent_events_pb2, consent_pb2, suppression_service_pb2
from angarium.consent.v1 import preference_service_pb2 as preference_pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.security.tokens import Purpose
from services.consent.consents import confirmation
from services.consent.consents.confirmation import Confirmation
from tests.consent.confirming import (
    EXPIRED,
    MINUTES,
    asked,
    confirm,
    end_what_is_over,
    link,
    resend,
    resolve,
    token_of,
    trail,
)
from tests.consent.kit import (
    EMAIL,
    SMS,
    RunningConsent,
    Tenant,
    evidence,
    grant_request,
    reason,
    stamp,
)
from tests.consent.test_consents import (
    GRANTED,
    PENDING,
    REVOKED,
    STAFF,
    WEB_FORM,
    events,
    opt_out,
    revocation,
)


@pytest.fixture
async def salon(consent: RunningConsent) -> Tenant:
    """A tenant that asks for double opt-in on e-mail."""
    return await consent.tenant(double_opt_in_channels=[EMAIL])


@pytest.mark.req("CON-57", "CON-17", "EVT-112")
async def test_a_grant_waits_until_its_link_is_followed_and_then_it_holds(salon: Tenant) -> None:
    contact = await salon.contact()
    pending = await salon.grant(contact, evidence=evidence(), ip_address="203.0.113.7", wording_version="w1")
    assert pending.state == PENDING
    assert pending.confirmation_count == 1
    assert pending.confirmation_expire_time == stamp(salon.consent.clock.now() + timedelta(hours=72))
    assert reason(await salon.decide(contact)) == "consent_pending"
    (told,) = await asked(salon.consent)
    assert (told.consent_id, told.contact_id, told.channel, told.confirmation_count) == (
        pending.consent_id,
        str(contact),
        EMAIL,
        1,
    )
    found = await link(salon, pending.consent_id)
    assert (found.confirmation_count, found.contact_id, found.channel, found.address) == (
        1,
        str(contact),
        EMAIL,
        "",
    )
    assert found.expire_time == pending.confirmation_expire_time
    assert "/consent/confirm/" in found.url
    salon.consent.clock.advance(timedelta(hours=71))
    answer = await confirm(
        salon, found.url.rpartition("/")[2], ip_address="198.51.100.4", user_agent="Mail/1"
    )
    granted = answer.consent
    assert not answer.already_confirmed
    assert granted.state == GRANTED
    assert granted.source == consent_pb2.CONSENT_SOURCE_DOUBLE_OPT_IN
    assert granted.confirm_time == granted.grant_time == stamp(salon.consent.clock.now())
    # What proved the wish still proves it.
    assert granted.evidence == evidence()
    assert granted.wording_version == "w1"
    assert not granted.HasField("confirmation_expire_time")
    assert reason(await salon.decide(contact)) == "allow"
    rows = await salon.consent.rows(
        "SELECT change_source, source FROM consent_audit ORDER BY sequence DESC LIMIT 1"
    )
    assert rows == [("customer", "double_opt_in")]
    newest = "true ORDER BY sequence DESC LIMIT 1"
    [proof] = await salon.consent.proofs(salon.tenant_id, "consent_audit", newest)
    assert proof is not None
    assert (proof.ip_address, proof.user_agent) == ("198.51.100.4", "Mail/1")
    assert await trail(salon.consent) == [(None, "pending"), ("pending", "granted")]


@pytest.mark.req("CON-57", "CON-17")
async def test_a_used_link_tells_what_stands_and_changes_nothing(salon: Tenant) -> None:
    contact = await salon.contact()
    pending = await salon.grant(contact)
    token = await token_of(salon, pending.consent_id)
    first = await confirm(salon, token)
    salon.consent.clock.advance(MINUTES)
    again = await confirm(salon, token)
    assert again.already_confirmed
    assert again.consent == first.consent
    caller = salon.service("campaign")
    await caller.call(caller.consents.RevokeConsent, revocation(contact, source=WEB_FORM))
    after = await confirm(salon, token)
    assert after.consent.state == REVOKED
    assert not after.already_confirmed
    assert reason(await salon.decide(contact)) == "consent_revoked"


@pytest.mark.req("CON-57", "CON-18")
async def test_only_the_newest_link_confirms(salon: Tenant) -> None:
    contact = await salon.contact()
    pending = await salon.grant(contact)
    old = await token_of(salon, pending.consent_id)
    salon.consent.clock.advance(10 * MINUTES)
    again = await resend(salon.staff(), pending.consent_id)
    assert again.confirmation_count == 2
    assert again.confirmation_expire_time == stamp(salon.consent.clock.now() + timedelta(hours=72))
    superseded = await confirm(salon, old)
    assert superseded.consent.state == PENDING
    assert not superseded.already_confirmed
    assert (await confirm(salon, await token_of(salon, pending.consent_id))).consent.state == GRANTED


@pytest.mark.req("CON-57")
async def test_a_link_from_before_a_withdrawal_does_not_confirm_what_is_asked_anew(salon: Tenant) -> None:
    contact = await salon.contact()
    pending = await salon.grant(contact)
    old = await token_of(salon, pending.consent_id)
    salon.consent.clock.advance(MINUTES)
    caller = salon.staff()
    await caller.call(caller.consents.OptOut, opt_out(contact, channel=EMAIL))
    assert (await confirm(salon, old)).consent.state == REVOKED
    salon.consent.clock.advance(MINUTES)
    anew = await salon.grant(contact)
    assert (anew.consent_id, anew.confirmation_count) == (pending.consent_id, 1)
    assert (await confirm(salon, old)).consent.state == PENDING
    assert (await confirm(salon, await token_of(salon, anew.consent_id))).consent.state == GRANTED


@pytest.mark.req("CON-57")
async def test_what_was_to_end_before_it_is_confirmed_is_not_granted(salon: Tenant) -> None:
    contact = await salon.contact()
    ends = salon.consent.clock.now() + timedelta(hours=1)
    pending = await salon.grant(contact, expire_time=stamp(ends))
    token = await token_of(salon, pending.consent_id)
    salon.consent.clock.advance(timedelta(hours=2))
    assert (await confirm(salon, token)).consent.state == EXPIRED
    assert await end_what_is_over(salon.consent) == 1


@pytest.mark.req("CON-97", "CON-57", "GEN-38")
async def test_every_bad_link_gets_the_same_answer_and_changes_nothing(
    consent: RunningConsent, salon: Tenant
) -> None:
    contact = await salon.contact()
    pending = await salon.grant(contact)
    token = await token_of(salon, pending.consent_id)
    other = await consent.tenant()
    now = consent.clock.now()
    said = Confirmation(UUID(pending.consent_id), 1, 1)

    def made(purpose: Purpose, body: bytes, tenant_id: UUID = salon.tenant_id) -> str:
        return consent.signer.sign(purpose, tenant_id, body, issued=now, expires=now + timedelta(hours=72))

    bad = [
        "x",
        token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
        made(Purpose.UNSUBSCRIBE, confirmation.pack(said)),
        made(Purpose.CONFIRM, b""),
        made(Purpose.CONFIRM, confirmation.pack(said) + b"x"),
        made(Purpose.CONFIRM, confirmation.pack(Confirmation(uuid7(), 1, 1))),
        made(Purpose.CONFIRM, confirmation.pack(Confirmation(UUID(pending.consent_id), 1, 2))),
        made(Purpose.CONFIRM, confirmation.pack(said), other.tenant_id),
    ]
    answers = set()
    for one in bad:
        for call in (confirm, resolve):
            with pytest.raises(ServiceError) as refused:
                await call(salon, one)
            answers.add((refused.value.reason, refused.value.message))
    assert answers == {("INVALID_TOKEN", "token is not valid")}
    assert reason(await salon.decide(contact)) == "consent_pending"


@pytest.mark.req("CON-62", "CON-92", "CON-97")
async def test_voiding_the_links_of_a_contact_voids_its_confirmation_too(salon: Tenant) -> None:
    contact = await salon.contact()
    pending = await salon.grant(contact)
    token = await token_of(salon, pending.consent_id)
    staff = salon.staff()
    voiding = preference_pb.RevokeLinksRequest(contact_id=str(contact), reason="lost phone")
    await staff.call(staff.preferences.RevokeLinks, voiding)
    with pytest.raises(ServiceError) as voided:
        await confirm(salon, token)
    fresh = await token_of(salon, pending.consent_id)
    await salon.contact(contact_id=contact, state="erased")
    with pytest.raises(ServiceError) as erased:
        await confirm(salon, fresh)
    assert {voided.value.reason, erased.value.reason} == {"INVALID_TOKEN"}


@pytest.mark.req("CON-35", "CON-65")
async def test_looking_at_a_link_tells_where_the_consent_stands_and_changes_nothing(salon: Tenant) -> None:
    contact = await salon.contact(language_code="ja")
    pending = await salon.grant(contact)
    token = await token_of(salon, pending.consent_id)
    before = await salon.consent.rows("SELECT count(*) FROM outbox")
    found = await resolve(salon, token)
    assert found.purpose == preference_pb.TOKEN_PURPOSE_CONFIRM
    assert (found.channel, found.tenant_name, found.language_code) == (EMAIL, "Salon", "ja")
    assert (found.masked_address, found.consent_state) == ("x***", PENDING)
    assert await salon.consent.rows("SELECT count(*) FROM outbox") == before
    assert reason(await salon.decide(contact)) == "consent_pending"
    await confirm(salon, token)
    assert (await resolve(salon, token)).consent_state == GRANTED


@pytest.mark.req("CON-58", "CON-40")
async def test_a_confirmation_lifts_what_the_persons_own_wish_had_suppressed(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    await staff.call(staff.consents.OptOut, opt_out(contact, channel=EMAIL))
    pending = (await staff.grant(grant_request(contact, source=STAFF, evidence=evidence()))).consent
    assert reason(await salon.decide(contact)) == "suppressed"
    await confirm(salon, await token_of(salon, pending.consent_id))
    assert reason(await salon.decide(contact)) == "allow"
    lifted = await events(salon.consent, "suppression.removed", consent_events_pb2.SuppressionsRemoved)
    assert [one.suppressions[0].channel for one in lifted] == [EMAIL]
    rows = await salon.consent.rows(
        "SELECT old_value, new_value FROM consent_audit WHERE field_changed = 'suppression' ORDER BY sequence"
    )
    assert rows == [(None, "marketing: customer_unsubscribe"), ("marketing: customer_unsubscribe", None)]


@pytest.mark.req("CON-58")
async def test_a_confirmation_does_not_lift_what_the_law_or_a_bounce_put_there(salon: Tenant) -> None:
    contact = await salon.contact()
    address = salon.address(contact)
    await salon.staff().suppress(
        address, EMAIL, reason=suppression_service_pb2.SUPPRESSION_REASON_HARD_BOUNCE
    )
    pending = await salon.grant(contact)
    await confirm(salon, await token_of(salon, pending.consent_id))
    assert reason(await salon.decide(contact)) == "suppressed"


@pytest.mark.req("CON-58", "CON-96")
async def test_a_withdrawal_is_remembered_while_consent_waits_and_after_it_expired(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    person = salon.service("campaign")
    await person.call(person.consents.RevokeConsent, revocation(contact, SMS, source=WEB_FORM))
    asked = grant_request(contact, SMS, source=STAFF, evidence=evidence(), double_opt_in=True)
    assert (await staff.grant(asked)).consent.state == PENDING
    salon.consent.clock.advance(timedelta(hours=73))
    for changes in ({}, {"branch_id": str(uuid7())}):
        with pytest.raises(ServiceError) as refused:
            await staff.grant(grant_request(contact, SMS, source=STAFF, **changes))
        assert refused.value.reason == "EVIDENCE_REQUIRED"
    assert (await salon.grant(contact, SMS)).state == GRANTED
    assert (await staff.grant(grant_request(contact, SMS, source=STAFF))).consent.state == GRANTED


@pytest.mark.req("CON-57")
async def test_what_waits_is_not_granted_by_a_second_grant_without_double_opt_in(salon: Tenant) -> None:
    contact = await salon.contact()
    assert (await salon.grant(contact, SMS, double_opt_in=True)).state == PENDING
    for caller in (salon.staff(), salon.service("campaign"), salon.as_contact(contact)):
        for source in (STAFF, WEB_FORM):
            assert (await caller.grant(grant_request(contact, SMS, source=source))).consent.state == PENDING
    claimed = grant_request(contact, SMS, source=consent_pb2.CONSENT_SOURCE_DOUBLE_OPT_IN)
    for untrusted in (salon.staff(), salon.as_contact(contact)):
        assert (await untrusted.grant(claimed)).consent.state == PENDING


@pytest.mark.req("CON-57", "CON-60")
async def test_confirming_and_opting_out_at_the_same_moment_leave_one_of_the_two(salon: Tenant) -> None:
    staff = salon.staff()
    for _ in range(5):
        contact = await salon.contact()
        pending = await salon.grant(contact)
        token = await token_of(salon, pending.consent_id)
        confirmed, *_ = await asyncio.gather(
            confirm(salon, token),
            staff.call(staff.consents.OptOut, opt_out(contact, channel=EMAIL)),
            confirm(salon, token),
        )
        # Whichever came first, the opt-out is the last word: it revokes what was confirmed, or nothing is confirmed.
        assert confirmed.consent.state in (GRANTED, REVOKED)
        assert reason(await salon.decide(contact)) == "suppressed"
        (row,) = await salon.consent.rows("SELECT status FROM consent WHERE contact_id = %s", contact)
        assert row == ("revoked",)
