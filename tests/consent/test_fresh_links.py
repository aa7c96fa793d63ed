"""Whose link expired asks for a fresh one: the same answer and the same work for everybody, a link for those who are known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from angarium.common.v1 import enums_pb2 as common
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2
from angarium.consent.v1 import preference_service_pb2 as pb
from angarium.consent.v1 import suppression_service_pb2 as suppression_pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.jobs import JobRunner
from services.common.security.tokens import Purpose
from services.consent.jobs import jobs
from services.consent.preferences import links
from tests.consent.kit import DAY, EMAIL, SMS, WHATSAPP, RunningConsent, Tenant, grant_request, reason
from tests.consent.test_links import gateway, resolve, token_of, unsubscribe

PREFERENCES = pb.TOKEN_PURPOSE_PREFERENCES
LATE = timedelta(days=366)
STRANGER = "stranger@example.com"


async def expired(salon: Tenant, **changes: Any) -> str:
    """A link of somebody of the tenant, whose time is over."""
    token = await token_of(salon, await salon.contact(), **changes)
    salon.consent.clock.advance(LATE)
    return token


async def ask(salon: Tenant, token: str, address: str, **changes: Any) -> pb.RequestFreshLinkResponse:
    calls = gateway(salon)
    request = pb.RequestFreshLinkRequest(token=token, address=address, **changes)
    return await calls.call(calls.preferences.RequestFreshLink, request)  # type: ignore[no-any-return]


async def announced(consent: RunningConsent) -> list[consent_events_pb2.FreshLinkRequested]:
    rows = await consent.rows(
        "SELECT envelope FROM outbox WHERE type = 'preferences.fresh_link_requested' ORDER BY id"
    )
    found = []
    for (raw,) in rows:
        payload = consent_events_pb2.FreshLinkRequested()
        assert EventEnvelope.FromString(raw).payload.Unpack(payload)
        found.append(payload)
    return found


async def fetch(tenant: Tenant, request_id: str) -> pb.GetFreshLinkResponse:
    calls = tenant.service("campaign")
    request = pb.GetFreshLinkRequest(request_id=request_id)
    return await calls.call(calls.preferences.GetFreshLink, request)  # type: ignore[no-any-return]


async def link_of(salon: Tenant, token: str, address: str, **changes: Any) -> pb.GetFreshLinkResponse:
    """The link that an asking comes to; NOT_FOUND when nobody is written to."""
    await ask(salon, token, address, **changes)
    return await fetch(salon, (await announced(salon.consent))[-1].request_id)


async def refused(call: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        await call
    return caught.value.reason


@pytest.mark.req("GAT-33", "CON-62")
@pytest.mark.parametrize("purpose", [pb.TOKEN_PURPOSE_UNSUBSCRIBE, PREFERENCES])
async def test_a_contact_gets_a_link_to_the_page_the_old_one_led_to(salon: Tenant, purpose: Any) -> None:
    contact = await salon.contact()
    old = await token_of(salon, contact, purpose=purpose)
    salon.consent.clock.advance(LATE)
    assert await refused(resolve(salon, old)) == "TOKEN_EXPIRED"
    found = await link_of(salon, old, f" {salon.address(contact).upper()} ", language_code="de-AT")
    assert (found.contact_id, found.channel) == (str(contact), EMAIL)
    assert (found.address, found.language_code) == (salon.address(contact), "de")
    assert found.expire_time.ToDatetime() == salon.consent.clock.now().replace(tzinfo=None) + DAY
    page, _, token = found.url.removeprefix(salon.consent.settings.public_base_url).rpartition("/")
    known = await resolve(salon, token)
    assert (page, known.purpose, known.channel) == (
        "/preferences" if purpose == PREFERENCES else "/unsubscribe",
        purpose,
        EMAIL,
    )
    assert await refused(resolve(salon, old)) == "TOKEN_EXPIRED"


@pytest.mark.req("GAT-33")
async def test_the_link_is_of_whoever_has_the_address_and_not_of_whoever_had_the_old_one(
    salon: Tenant,
) -> None:
    old, other = await expired(salon), await salon.contact()
    found = await link_of(salon, old, salon.phone(other).replace("+49", "0"))
    assert (found.contact_id, found.channel, found.address) == (str(other), SMS, salon.phone(other))
    known = await resolve(salon, found.url.rpartition("/")[2])
    assert known.channel == SMS


@pytest.mark.req("GAT-33")
@pytest.mark.parametrize(("channel", "wanted"), [(0, 0), (WHATSAPP, WHATSAPP), (EMAIL, SMS)])
async def test_a_number_may_stop_what_the_old_link_stopped_there(
    salon: Tenant, channel: int, wanted: int
) -> None:
    contact = await salon.contact()
    old = await token_of(salon, contact, channel=channel)
    salon.consent.clock.advance(LATE)
    found = await link_of(salon, old, salon.phone(contact))
    assert found.channel == SMS
    assert (await resolve(salon, found.url.rpartition("/")[2])).channel == wanted


@pytest.mark.req("GAT-33")
async def test_an_address_with_a_consent_or_a_suppression_gets_a_link_that_unsubscribes_it(
    salon: Tenant,
) -> None:
    old = await expired(salon, purpose=PREFERENCES)
    await salon.service().grant(grant_request(STRANGER))
    found = await link_of(salon, old, STRANGER)
    assert (found.contact_id, found.address) == ("", STRANGER)
    assert "/unsubscribe/" in found.url
    summary = (await unsubscribe(salon, found.url.rpartition("/")[2])).summary
    assert not summary.consented_channels
    staff = salon.staff()
    await staff.suppress("+4915112345678", WHATSAPP)
    await staff.suppress("listed@example.com", scope=suppression_pb.SUPPRESSION_SCOPE_MARKETING)
    found = await link_of(salon, old, "+4915112345678")
    assert found.channel == SMS
    assert (await resolve(salon, found.url.rpartition("/")[2])).channel == WHATSAPP
    assert (await link_of(salon, old, "listed@example.com")).address == "listed@example.com"


@pytest.mark.req("GAT-33", "SEC-6")
async def test_known_or_not_the_answer_and_what_is_kept_and_told_are_alike(salon: Tenant) -> None:
    contact, elsewhere = await salon.contact(), await salon.consent.tenant()
    known_elsewhere = await elsewhere.contact()
    erased = await salon.contact(state="erased")
    old = await expired(salon)
    known, unknown = salon.address(contact), (STRANGER, salon.address(known_elsewhere), salon.address(erased))
    answers = [(await ask(salon, old, one)).SerializeToString() for one in (known, *unknown)]
    assert answers == [b""] * 4
    first, *others = await announced(salon.consent)
    assert (await fetch(salon, first.request_id)).address == known
    for one in others:
        assert await refused(fetch(salon, one.request_id)) == "NOT_FOUND"
    rows = await salon.consent.rows("SELECT purpose, channel, language, expires_at FROM fresh_link")
    assert len(rows) == 4
    assert len(set(rows)) == 1
    told = await salon.consent.rows(
        "SELECT tenant_id, type, length(envelope) FROM outbox WHERE type = 'preferences.fresh_link_requested'"
    )
    assert len(set(told)) == 1
    # What an asking leaves behind names nobody.
    kept = await salon.consent.rows(
        "SELECT envelope FROM outbox UNION ALL SELECT sealed_address FROM fresh_link"
    )
    assert not any(one.encode() in bytes(raw) for (raw,) in kept for one in (known, *unknown))
    assert await refused(fetch(elsewhere, first.request_id)) == "NOT_FOUND"


@pytest.mark.req("GAT-33", "SEC-7")
async def test_one_address_is_asked_for_five_times_an_hour_whoever_has_it(salon: Tenant) -> None:
    contact, other = await salon.contact(), await salon.consent.tenant()
    theirs = await token_of(other, await other.contact())
    old, newer = await expired(salon), await token_of(salon, contact)
    for address in (salon.address(contact), STRANGER):
        for nth in range(5):
            # However it is written, and by whichever link.
            await ask(salon, (old, newer)[nth % 2], (address, address.upper())[nth % 2])
        for _ in range(2):
            with pytest.raises(ServiceError) as caught:
                await ask(salon, old, address)
            assert caught.value.reason == "RATE_LIMITED"
            assert caught.value.retry_after is not None
            assert timedelta(minutes=50) < caught.value.retry_after <= timedelta(hours=1)
    await ask(salon, old, "another@example.com")
    await ask(other, theirs, STRANGER)
    assert len(await announced(salon.consent)) == 12


@pytest.mark.req("GAT-33", "CON-97", "GAT-52")
async def test_only_a_genuine_link_of_a_page_asks(salon: Tenant) -> None:
    contact = await salon.contact()
    old = await expired(salon)
    now = salon.consent.clock.now()
    confirm = salon.consent.signer.sign(
        Purpose.CONFIRM,
        salon.tenant_id,
        links.pack(links.Link(contact, None, "email", 1)),
        issued=now - LATE,
        expires=now - DAY,
    )
    forged = old[:-1] + ("A" if old[-1] != "A" else "B")
    for wrong in (forged, old[:-3], confirm, "x"):
        assert await refused(ask(salon, wrong, salon.address(contact))) == "INVALID_TOKEN"
    for wrong in ("nobody", "@", "12", "a@b@c"):
        assert await refused(ask(salon, old, wrong)) == "INVALID_RECIPIENT"
    assert await announced(salon.consent) == []
    assert await salon.consent.rows("SELECT FROM fresh_link") == []


@pytest.mark.req("GAT-33", "GEN-29")
async def test_a_repeated_call_asks_once(salon: Tenant) -> None:
    old, key = await expired(salon), str(uuid7())
    for repeat in (False, True):
        assert (await ask(salon, old, STRANGER, idempotency_key=key)).deduplicated is repeat
    assert len(await announced(salon.consent)) == 1


@pytest.mark.req("GAT-33", "SEC-44")
async def test_the_gateway_alone_asks_and_campaign_alone_is_told(salon: Tenant) -> None:
    old = await expired(salon)
    asked = pb.RequestFreshLinkRequest(token=old, address=STRANGER)
    wanted = pb.GetFreshLinkRequest(request_id=str(uuid4()))
    for calls in (salon.staff(), salon.service("campaign"), salon.service("delivery")):
        assert await refused(calls.call(calls.preferences.RequestFreshLink, asked)) == "PERMISSION_DENIED"
    for calls in (salon.staff(), salon.service("gateway"), salon.service("delivery")):
        assert await refused(calls.call(calls.preferences.GetFreshLink, wanted)) == "PERMISSION_DENIED"


@pytest.mark.req("GAT-33", "CON-92")
async def test_the_address_is_forgotten_after_a_day_and_who_is_erased_meanwhile_gets_nothing(
    salon: Tenant,
) -> None:
    contact, leaving = await salon.contact(), await salon.contact()
    old = await expired(salon)
    for one in (contact, leaving):
        await ask(salon, old, salon.address(one))
    first, second = await announced(salon.consent)
    await salon.contact(contact_id=leaving, state="erased")
    assert await refused(fetch(salon, second.request_id)) == "NOT_FOUND"
    assert (await fetch(salon, first.request_id)).contact_id == str(contact)
    salon.consent.clock.advance(DAY)
    assert await refused(fetch(salon, first.request_id)) == "NOT_FOUND"
    runner = JobRunner(salon.consent.database, jobs(), salon.consent.clock)
    await runner.run_now("cleanup")
    assert await salon.consent.rows("SELECT FROM fresh_link") == []


@pytest.mark.req("GAT-33")
async def test_voided_links_stay_void_and_a_fresh_one_holds(salon: Tenant) -> None:
    contact = await salon.contact()
    old = await token_of(salon, contact)
    staff = salon.staff()
    await staff.call(
        staff.preferences.RevokeLinks, pb.RevokeLinksRequest(contact_id=str(contact), reason="sold phone")
    )
    salon.consent.clock.advance(LATE)
    found = await link_of(salon, old, salon.address(contact))
    assert (await resolve(salon, found.url.rpartition("/")[2])).masked_address == "x***"


@pytest.mark.req("GAT-33", "CON-102")
async def test_the_message_may_go_to_who_wants_no_marketing_and_to_a_bare_address(salon: Tenant) -> None:
    contact, privacy = await salon.contact(), common.CATEGORY_PRIVACY
    await unsubscribe(salon, await token_of(salon, contact), all_channels=True)
    await salon.staff().suppress(STRANGER, EMAIL, scope=suppression_pb.SUPPRESSION_SCOPE_MARKETING)
    assert reason(await salon.decide(contact)) == "suppressed"
    for channel in (EMAIL, SMS):
        assert reason(await salon.decide(contact, channel=channel, category=privacy)) == "allow"
    assert reason(await salon.decide(None, address=STRANGER, category=privacy)) == "allow"
