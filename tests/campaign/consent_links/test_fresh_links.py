"""From the page of an expired link to the message with a fresh one: to whom the tenant knows, and to that address alone."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_events_pb2
from angarium.consent.v1 import preference_service_pb2 as pb
from angarium.consent.v1.preference_service_pb2_grpc import PreferenceServiceStub
from services.campaign.consent_links import handlers
from services.campaign.templates.catalogue import catalogue
from services.common.security.tokens import Purpose, TokenSigner
from services.consent.addresses import Hasher
from services.consent.directory import store as directory_store
from services.consent.directory.domain import KnownContact
from services.consent.preferences import links
from services.consent.settings import ConsentSettings
from tests.campaign.consent_links.conftest import Pair, until
from tests.campaign.templates.given import active_template, content, variable, version
from tests.gateway.conftest import open_door

EMAIL, SMS = enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS
ADA, PHONE, STRANGER = "ada@example.com", "+4915112345678", "stranger@example.com"
Making = Callable[..., Awaitable[Pair]]


def expired(pair: Pair, contact_id: str, purpose: Purpose = Purpose.UNSUBSCRIBE) -> str:
    """A link that was good for a year and ended yesterday."""
    ended = pair.clock.now() - timedelta(days=1)
    return TokenSigner(pair.consent.settings.token_keys).sign(
        purpose,
        pair.campaign.tenant_id,
        links.pack(links.Link(UUID(contact_id), None, "email", 1)),
        issued=ended - links.VALIDITY,
        expires=ended,
    )


async def ask(pair: Pair, token: str, address: str, language: str = "") -> None:
    """Asks as the gateway does, and applies the event as campaign's consumer does."""
    stub = pair.consent.caller(PreferenceServiceStub, "gateway")
    await stub.RequestFreshLink(
        pb.RequestFreshLinkRequest(token=token, address=address, language_code=language)
    )
    async with pair.consent.service.database.system() as uow:
        request_id, expires = await uow.fetch_one(  # type: ignore[misc]
            "SELECT request_id::text, expires_at FROM fresh_link ORDER BY request_id DESC LIMIT 1"
        )
    payload = consent_events_pb2.FreshLinkRequested(request_id=request_id)
    payload.expire_time.FromDatetime(expires)
    for _ in range(3):
        async with pair.campaign.service.database.tenant(pair.campaign.tenant_id) as uow:
            await handlers.fresh_link_requested(uow, None, payload)  # type: ignore[arg-type]


async def tell(pair: Pair, contact_id: str, email: str) -> None:
    """Tells consent's directory of a contact, as the event of campaign would."""
    settings = pair.consent.settings
    assert isinstance(settings, ConsentSettings)
    hasher = Hasher(settings.hash_keys)
    known = KnownContact(
        contact_id=UUID(contact_id),
        state="active",
        email_hash=hasher.one(pair.campaign.tenant_id, "email", email),
        hash_key_id=hasher.key_id,
    )
    async with pair.consent.service.database.tenant(pair.campaign.tenant_id) as uow:
        await directory_store.upsert(uow, [known], pair.clock.now())


@pytest.mark.req("GAT-33", "EVT-11")
async def test_who_asks_on_the_page_gets_a_link_that_works_and_the_old_one_stays_over(
    make_pair: Making, redis_url: str
) -> None:
    pair = await make_pair(loops=True)
    contact_id = await pair.contact(language_code="de", phone=PHONE)
    old = expired(pair, contact_id)
    place = {"consent_address": pair.consent.address, "redis_url": redis_url}
    async with open_door(pair.clock, **place) as (url, session):

        async def send(path: str, **fields: str) -> tuple[int, str]:
            async with session.get(url + path) as answer:
                [form_token] = re.findall(r'name="form_token" value="(\w+)"', await answer.text())
            async with session.post(url + path, data={"form_token": form_token, **fields}) as answer:
                return answer.status, await answer.text()

        unknown = await send(f"/unsubscribe/{old}", address=STRANGER)
        assert unknown[0] == 200
        for address in ("Ada@Example.com", "0151 12345678"):
            assert await send(f"/unsubscribe/{old}", address=address) == unknown

        async def settled() -> bool:
            states = await pair.states()
            return len(states) == 3 and all(state != "waiting" for state, _ in states)

        await until(settled)
        assert sorted(reason or "" for _, reason in await pair.states()) == ["", "", "nobody_known"]
        sent = {one.content.channel: one for one in pair.delivery.messages.values()}
        assert {channel: one.recipient.address for channel, one in sent.items()} == {EMAIL: ADA, SMS: PHONE}
        for channel, one in sent.items():
            template = catalogue().by_name("fresh-link", channel)
            assert template is not None
            assert one.content.template_version_id == str(template.active_version_id)
            assert one.content.category == enums_pb2.CATEGORY_PRIVACY
            assert (one.recipient.contact_id, one.recipient.language_code) == (contact_id, "de")
        fresh = "/unsubscribe/" + str(sent[EMAIL].recipient.variables["linkUrl"]).rpartition("/")[2]
        async with session.get(url + fresh) as answer:
            assert answer.status == 200
        assert (await send(fresh, scope="all"))[0] == 200
        async with session.get(f"{url}/unsubscribe/{old}") as answer:
            assert answer.status == 410
    async with pair.consent.service.database.system() as uow:
        assert await uow.fetch_all("SELECT contact_id::text, method FROM unsubscribe_action") == [
            (contact_id, "page")
        ]
        # What went from service to service named the asking, and nobody's address.
        for (raw,) in await uow.fetch_all(
            "SELECT envelope FROM outbox WHERE type = 'preferences.fresh_link_requested'"
        ):
            assert not any(one.encode() in raw for one in (ADA, PHONE, STRANGER))


@pytest.mark.req("GAT-33")
async def test_a_bare_address_is_written_to_once_in_the_language_of_the_page(make_pair: Making) -> None:
    pair = await make_pair(loops=False)
    old = expired(pair, await pair.upsert(), Purpose.PREFERENCES)
    await pair.grant(address=STRANGER)
    await ask(pair, old, STRANGER, "fr")
    while await pair.worker.step():
        pass
    [message] = pair.delivery.messages.values()
    person = message.recipient
    assert (person.contact_id, person.address, person.language_code) == ("", STRANGER, "fr")
    assert "/unsubscribe/" in person.variables["linkUrl"]
    assert max(pair.delivery.offered.values()) == 1


@pytest.mark.req("GAT-33")
async def test_nothing_goes_to_an_address_that_is_not_the_contacts_any_more(make_pair: Making) -> None:
    pair = await make_pair(loops=False)
    contact_id = await pair.upsert(email="ada@new.example")
    # Consent has not heard of the change yet.
    await tell(pair, contact_id, ADA)
    await ask(pair, expired(pair, contact_id), ADA)
    assert await pair.worker.step()
    assert await pair.states() == [("dropped", "address_changed")]
    assert not pair.delivery.messages


@pytest.mark.req("GAT-33")
async def test_a_fresh_link_never_comes_with_advertising_nor_after_a_day(make_pair: Making) -> None:
    pair = await make_pair(loops=False)
    old = expired(pair, await pair.upsert())
    await pair.grant(address=STRANGER)
    await active_template(
        pair.campaign,
        "fresh-link",
        version=version(
            content(subject="Ours", body_html="<p><a href='{{ linkUrl }}'>Choose</a>, and 20% off</p>"),
            variables=[variable("linkUrl", kind=6, sample="https://example.com/c")],
        ),
    )
    await ask(pair, old, STRANGER)
    assert await pair.worker.step()
    assert await pair.states() == [("dropped", "marketing_template")]
    await ask(pair, old, STRANGER)
    pair.clock.advance(timedelta(days=1))
    assert await pair.worker.step()
    assert ("dropped", "expired") in await pair.states()
    assert not pair.delivery.messages
