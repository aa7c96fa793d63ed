"""Asking somebody to confirm: how often, for how long, and where the link goes."""

from datetime import timedelta
from uuid import uuid4

import pytest

from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from tests.consent.confirming import MINUTES, asked, confirm, end_what_is_over, link, resend, token_of, trail
from tests.consent.kit import (
    EMAIL,
    RunningConsent,
    Tenant,
    grant_request,
    reason,
)
from tests.consent.preferring import switch
from tests.consent.test_consents import (
    GRANTED,
    PENDING,
)


@pytest.fixture
async def salon(consent: RunningConsent) -> Tenant:
    """A tenant that asks for double opt-in on e-mail."""
    return await consent.tenant(double_opt_in_channels=[EMAIL])


@pytest.mark.req("CON-31", "CON-57")
async def test_a_new_address_of_somebody_who_had_agreed_waits_for_its_owner(salon: Tenant) -> None:
    contact, branch = await salon.contact(), str(uuid4())
    first = await salon.grant(contact)
    old = await token_of(salon, first.consent_id)
    await confirm(salon, old)
    await salon.settle(double_opt_in_channels=[])
    await salon.grant(contact, branch_id=branch)
    assert [reason(await salon.decide(contact, branch_id=one)) for one in ("", branch)] == ["allow", "allow"]
    salon.consent.clock.advance(MINUTES)
    answer = await switch(salon, contact, EMAIL, on=True, address="ana.new@example.com")
    assert (answer.consent.consent_id, answer.consent.state) == (first.consent_id, PENDING)
    assert [reason(await salon.decide(contact, branch_id=one)) for one in ("", branch)] == [
        "consent_pending",
        "consent_pending",
    ]
    assert (await confirm(salon, old)).consent.state == PENDING
    confirmed = await confirm(salon, await token_of(salon, first.consent_id))
    assert confirmed.consent.state == GRANTED
    assert [reason(await salon.decide(contact, branch_id=one)) for one in ("", branch)] == [
        "allow",
        "consent_pending",
    ]


@pytest.mark.req("CON-31", "CON-57", "CON-18")
async def test_a_second_new_address_voids_the_link_that_went_to_the_first(salon: Tenant) -> None:
    contact = await salon.contact()
    answer = await switch(salon, contact, EMAIL, on=True, address="tpyo@example.com")
    to_the_first = await token_of(salon, answer.consent.consent_id)
    await switch(salon, contact, EMAIL, on=True, address="typo@example.com")
    assert (await confirm(salon, to_the_first)).consent.state == PENDING
    await switch(salon, contact, EMAIL, on=True, address="third@example.com")
    with pytest.raises(ServiceError) as refused:
        await switch(salon, contact, EMAIL, on=True, address="fourth@example.com")
    assert (refused.value.reason, refused.value.retry_after) == ("RATE_LIMITED", timedelta(hours=72))
    assert [one.confirmation_count for one in await asked(salon.consent)] == [1, 2, 3]
    told = await salon.consent.rows("SELECT count(*) FROM outbox WHERE type = 'preferences.address_added'")
    assert told == [(3,)]
    newest = await token_of(salon, answer.consent.consent_id)
    assert (await confirm(salon, newest)).consent.state == GRANTED


@pytest.mark.req("CON-18", "CON-57")
async def test_nobody_is_asked_more_than_three_times_or_within_ten_minutes(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    pending = await salon.grant(contact)
    consent_id = pending.consent_id
    with pytest.raises(ServiceError) as soon:
        await resend(staff, consent_id)
    assert soon.value.reason == "RATE_LIMITED"
    assert soon.value.retry_after == timedelta(minutes=10)
    # A repeated grant is bound by the same rule, and is not an error.
    assert await salon.grant(contact) == pending
    salon.consent.clock.advance(10 * MINUTES)
    assert (await salon.grant(contact)).confirmation_count == 2
    salon.consent.clock.advance(9 * MINUTES)
    assert (await salon.grant(contact)).confirmation_count == 2
    salon.consent.clock.advance(MINUTES)
    assert (await resend(staff, consent_id)).confirmation_count == 3
    salon.consent.clock.advance(timedelta(hours=1))
    with pytest.raises(ServiceError) as enough:
        await resend(staff, consent_id)
    assert enough.value.retry_after == timedelta(hours=71)
    assert (await salon.grant(contact)).confirmation_count == 3
    assert [one.confirmation_count for one in await asked(salon.consent)] == [1, 2, 3]


@pytest.mark.req("CON-18", "GEN-29")
async def test_a_repeated_call_asks_once_and_what_does_not_wait_is_not_asked(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    pending = await salon.grant(contact)
    salon.consent.clock.advance(10 * MINUTES)
    first = await resend(staff, pending.consent_id, idempotency_key="once")
    assert await resend(staff, pending.consent_id, idempotency_key="once") == first
    assert len(await asked(salon.consent)) == 2
    await confirm(salon, await token_of(salon, pending.consent_id))
    for call in (resend(staff, pending.consent_id), link(salon, pending.consent_id)):
        with pytest.raises(ServiceError) as refused:
            await call
        assert refused.value.reason == "VALIDATION_FAILED"
        assert [one.field for one in refused.value.violations] == ["consent_id"]
    with pytest.raises(ServiceError) as unknown:
        await resend(staff, str(uuid7()))
    assert unknown.value.reason == "NOT_FOUND"


@pytest.mark.req("CON-57", "CON-98", "JOB-31")
async def test_what_is_not_confirmed_in_time_expires(salon: Tenant) -> None:
    contact = await salon.contact()
    pending = await salon.grant(contact)
    token = await token_of(salon, pending.consent_id)
    salon.consent.clock.advance(timedelta(hours=72))
    with pytest.raises(ServiceError) as over:
        await confirm(salon, token)
    assert over.value.reason == "TOKEN_EXPIRED"
    assert reason(await salon.decide(contact)) == "consent_expired"
    assert await end_what_is_over(salon.consent) == 1
    assert await trail(salon.consent) == [(None, "pending"), ("pending", "expired")]
    again = await salon.grant(contact)
    assert (again.state, again.confirmation_count) == (PENDING, 1)


@pytest.mark.req("CON-57", "GEN-35", "CON-107")
async def test_an_address_of_nobody_known_is_kept_encrypted_while_it_is_asked_and_no_longer(
    salon: Tenant,
) -> None:
    address = "stranger@example.com"
    pending = (await salon.service("campaign").grant(grant_request(address))).consent
    found = await link(salon, pending.consent_id)
    assert (found.address, found.contact_id) == (address, "")
    (dump,) = await salon.consent.rows("SELECT c::text FROM consent AS c")
    assert "stranger" not in dump[0]
    assert b"stranger".hex() not in dump[0]
    (outbox,) = await salon.consent.rows(
        "SELECT envelope FROM outbox WHERE type = 'consent.confirmation_requested'"
    )
    assert b"stranger" not in bytes(outbox[0])
    salon.consent.clock.advance(10 * MINUTES)
    again = await resend(salon.staff(), pending.consent_id)
    assert (await link(salon, again.consent_id)).address == address
    await confirm(salon, await token_of(salon, pending.consent_id))
    assert await salon.consent.rows("SELECT sealed_address, status FROM consent") == [(None, "granted")]
    assert reason(await salon.decide(None, address=address)) == "allow"
    for ending in ("withdrawn", "expired"):
        other = f"{ending}@example.com"
        await salon.service("campaign").grant(grant_request(other))
        if ending == "withdrawn":
            caller = salon.staff()
            wish = pb.OptOutRequest(
                subject=consent_pb2.Subject(address=other),
                channel=EMAIL,
                source=consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST,
            )
            await caller.call(caller.consents.OptOut, wish)
        else:
            salon.consent.clock.advance(timedelta(hours=73))
            await end_what_is_over(salon.consent)
        assert not await salon.consent.rows("SELECT FROM consent WHERE sealed_address IS NOT NULL")


@pytest.mark.req("SEC-4", "SEC-6", "CON-18")
async def test_a_contact_asks_for_its_own_confirmation_only(consent: RunningConsent, salon: Tenant) -> None:
    one, other = await salon.contact(), await salon.contact()
    pending = await salon.grant(one)
    consent.clock.advance(10 * MINUTES)
    stranger = await consent.tenant()
    for caller in (salon.as_contact(other), stranger.staff()):
        with pytest.raises(ServiceError) as refused:
            await resend(caller, pending.consent_id)
        assert refused.value.reason == "NOT_FOUND"
    assert (await resend(salon.as_contact(one), pending.consent_id)).confirmation_count == 2
    for caller in (salon.staff(), salon.as_contact(one), salon.service("analytics")):
        with pytest.raises(ServiceError) as denied:
            await caller.call(
                caller.consents.GetConfirmationLink,
                pb.GetConfirmationLinkRequest(consent_id=pending.consent_id),
            )
        assert denied.value.reason == "PERMISSION_DENIED"
