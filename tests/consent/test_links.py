"""PreferenceService: unsubscribe links are made, read and followed, and never forged."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import preference_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.security.tokens import InvalidToken, Purpose
from services.consent.preferences import links
from services.consent.preferences.links import Link
from tests.consent.kit import EMAIL, SEND, WHATSAPP, Calls, RunningConsent, Tenant, grant_request, reason

ONE_CLICK = pb.UNSUBSCRIBE_METHOD_ONE_CLICK


async def token_of(tenant: Tenant, contact: UUID, **changes: Any) -> str:
    caller = tenant.service()
    request = pb.IssueUnsubscribeTokenRequest(
        **{
            "subject": consent_pb2.Subject(contact_id=str(contact)),
            "channel": EMAIL,
            "purpose": pb.TOKEN_PURPOSE_UNSUBSCRIBE,
            **changes,
        }
    )
    answer = await caller.call(caller.preferences.IssueUnsubscribeToken, request)
    assert answer.url.endswith(f"/{answer.token}")
    return str(answer.token)


def gateway(tenant: Tenant) -> Calls:
    """The gateway names no tenant: only the link says whose it is."""
    calls = tenant.service("gateway")
    calls.metadata = calls.metadata[:1]
    return calls


async def unsubscribe(tenant: Tenant, token: str, **changes: Any) -> pb.UnsubscribeResponse:
    calls = gateway(tenant)
    request = pb.UnsubscribeRequest(**{"token": token, "method": ONE_CLICK, **changes})
    return await calls.call(calls.preferences.Unsubscribe, request)  # type: ignore[no-any-return]


async def resolve(tenant: Tenant, token: str) -> pb.ResolveTokenResponse:
    calls = gateway(tenant)
    return await calls.call(calls.preferences.ResolveToken, pb.ResolveTokenRequest(token=token))  # type: ignore[no-any-return]


@pytest.mark.req("CON-62", "CON-63", "CON-60")
async def test_the_link_of_a_decision_stops_marketing_at_once_and_nothing_else(salon: Tenant) -> None:
    contact, message, campaign = await salon.contact(), str(uuid7()), str(uuid7())
    await salon.grant(contact)
    await salon.grant(contact, WHATSAPP)
    allowed = await salon.decide(contact, purpose=SEND, message_id=message, campaign_id=campaign)
    answer = await unsubscribe(
        salon, allowed.unsubscribe_token, ip_address="203.0.113.7", user_agent="Mail/1"
    )
    assert not answer.already_unsubscribed
    assert list(answer.summary.consented_channels) == [WHATSAPP]
    assert reason(await salon.decide(contact)) == "suppressed"
    assert reason(await salon.decide(contact, channel=WHATSAPP)) == "allow"
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "allow"
    actions = await salon.consent.rows(
        "SELECT contact_id, channel, method, message_id::text, campaign_id::text, host(ip_address)"
        " FROM unsubscribe_action"
    )
    assert actions == [(contact, "email", "one_click", message, campaign, "203.0.113.7")]


@pytest.mark.req("CON-63", "CON-36")
async def test_one_click_twice_is_fine(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    token = await token_of(salon, contact)
    assert not (await unsubscribe(salon, token)).already_unsubscribed
    assert (await unsubscribe(salon, token)).already_unsubscribed
    assert len(await salon.consent.rows("SELECT FROM unsubscribe_action")) == 1
    assert len(await salon.consent.rows("SELECT FROM outbox WHERE type = 'consent.opted_out'")) == 1


@pytest.mark.req("CON-36")
async def test_a_link_of_one_channel_may_stop_all_of_them(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact, WHATSAPP)
    token = await token_of(salon, contact)
    answer = await unsubscribe(salon, token, all_channels=True, method=pb.UNSUBSCRIBE_METHOD_PAGE)
    assert answer.summary.marketing_opted_out
    assert reason(await salon.decide(contact, channel=WHATSAPP)) == "suppressed"


@pytest.mark.req("CON-35", "CON-65")
async def test_opening_a_link_tells_what_it_is_for_and_changes_nothing(salon: Tenant) -> None:
    contact = await salon.contact(language_code="de")
    await salon.grant(contact)
    token = await token_of(salon, contact)
    before = await salon.consent.rows("SELECT count(*) FROM outbox")
    found = await resolve(salon, token)
    assert (found.purpose, found.channel, found.tenant_name) == (pb.TOKEN_PURPOSE_UNSUBSCRIBE, EMAIL, "Salon")
    assert (found.language_code, found.masked_address, found.is_unsubscribed) == ("de", "x***", False)
    assert found.branding.logo_url == "https://example.com/logo.png"
    assert await salon.consent.rows("SELECT count(*) FROM outbox") == before
    assert reason(await salon.decide(contact)) == "allow"
    await unsubscribe(salon, token)
    assert (await resolve(salon, token)).is_unsubscribed


@pytest.mark.req("CON-62", "CON-68")
async def test_a_link_for_an_address_stops_that_address(salon: Tenant) -> None:
    address = "stranger@example.com"
    await salon.service().grant(grant_request(address))
    allowed = await salon.decide(None, address=address)
    await unsubscribe(salon, allowed.unsubscribe_token)
    assert reason(await salon.decide(None, address=address)) == "suppressed"
    # The same person as a new contact is not subscribed again.
    contact = uuid7()
    reference = salon.reference(contact)
    reference.address_hashes[0].hash = salon.consent.hasher.one(salon.tenant_id, "email", address)
    from angarium.campaign.v1 import campaign_events_pb2

    await salon.apply("contact.created", campaign_events_pb2.ContactsChanged(contacts=[reference]))
    await salon.grant(contact, source=consent_pb2.CONSENT_SOURCE_API)
    assert reason(await salon.decide(contact, address=address)) == "suppressed"


@pytest.mark.req("CON-97", "CON-105", "GEN-38")
async def test_every_bad_token_gets_the_same_answer(salon: Tenant) -> None:
    contact = await salon.contact()
    token = await token_of(salon, contact)
    now = salon.consent.clock.now()
    body = links.pack(Link(contact, None, "email", 1))
    signer = salon.consent.signer

    def made(purpose: Purpose, said: bytes) -> str:
        return signer.sign(purpose, salon.tenant_id, said, issued=now, expires=now + links.VALIDITY)

    bad = [
        "x",
        token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
        token[:30] + ("A" if token[30] != "A" else "B") + token[31:],
        made(Purpose.CLICK, body),
        made(Purpose.PREFERENCES, body),
        made(Purpose.UNSUBSCRIBE, body[:-1]),
        made(Purpose.UNSUBSCRIBE, b""),
        made(Purpose.UNSUBSCRIBE, links.pack(Link(contact, None, "email", 2))),
    ]
    answers = set()
    for one in bad:
        with pytest.raises(ServiceError) as refused:
            await unsubscribe(salon, one)
        answers.add((refused.value.reason, refused.value.message))
    assert answers == {("INVALID_TOKEN", "token is not valid")}


@pytest.mark.req("CON-98", "CON-62", "SEC-50")
async def test_a_link_lives_365_days(salon: Tenant) -> None:
    contact = await salon.contact()
    token = await token_of(salon, contact)
    salon.consent.clock.advance(timedelta(days=365, seconds=-1))
    assert not (await unsubscribe(salon, token)).already_unsubscribed
    salon.consent.clock.advance(timedelta(seconds=1))
    for call in (unsubscribe, resolve):
        with pytest.raises(ServiceError) as refused:
            await call(salon, token)
        assert refused.value.reason == "TOKEN_EXPIRED"


@pytest.mark.req("CON-62", "CON-92")
async def test_raising_the_version_or_erasing_the_contact_voids_its_links(
    consent: RunningConsent, salon: Tenant
) -> None:
    contact = await salon.contact()
    token = await token_of(salon, contact)
    await unsubscribe(salon, token)
    async with consent.database.tenant(salon.tenant_id) as uow:
        await uow.execute("UPDATE preference SET token_version = 2")
    with pytest.raises(ServiceError) as voided:
        await unsubscribe(salon, token)
    fresh = await token_of(salon, contact)
    assert (await unsubscribe(salon, fresh)).already_unsubscribed
    await salon.contact(contact_id=contact, state="erased")
    with pytest.raises(ServiceError) as erased:
        await resolve(salon, fresh)
    assert {voided.value.reason, erased.value.reason} == {"INVALID_TOKEN"}


@pytest.mark.req("CON-62")
async def test_a_token_holds_no_plain_address(salon: Tenant) -> None:
    import base64

    token = (
        await salon.decide(None, address="someone@example.com", category=common.CATEGORY_OFFER)
    ).unsubscribe_token
    assert token == ""
    await salon.service().grant(grant_request("someone@example.com"))
    token = (await salon.decide(None, address="someone@example.com")).unsubscribe_token
    decoded = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert b"someone" not in decoded
    assert b"example" not in decoded


uuids = st.uuids()
optional = st.one_of(st.none(), uuids)


@pytest.mark.req("CON-62")
@given(
    uuids,
    st.sampled_from(["", "email", "sms", "whatsapp", "push"]),
    st.integers(1, 2**32 - 1),
    optional,
    optional,
)
def test_a_link_says_what_was_put_into_it(
    contact: UUID, channel: str, version: int, message: UUID | None, campaign: UUID | None
) -> None:
    for link in (
        Link(contact, None, channel, version, message, campaign),
        Link(None, contact.bytes * 2, channel, version, message, campaign),
    ):
        assert links.unpack(links.pack(link)) == link


@pytest.mark.req("CON-97")
@given(st.binary(max_size=120))
def test_any_other_body_is_an_invalid_token(body: bytes) -> None:
    try:
        link = links.unpack(body)
    except InvalidToken:
        return
    assert links.pack(link) == body
