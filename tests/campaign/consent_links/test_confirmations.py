"""From a pending consent to the message that carries its link: over the real streams, once, and only while it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from angarium.campaign.v1 import template_service_pb2 as template_pb
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from angarium.consent.v1.consent_service_pb2_grpc import ConsentServiceStub
from services.campaign.consent_links.worker import LEASE
from services.campaign.templates.catalogue import catalogue
from services.common.errors import ServiceError, unavailable
from tests.campaign.consent_links.conftest import Pair, until
from tests.campaign.templates.given import active_template, content, variable, version

EMAIL, SMS = enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS


@pytest.mark.req("CON-57", "EVT-112", "CON-17")
async def test_a_pending_consent_becomes_one_message_whose_link_confirms_it(
    make_pair: Callable[..., Awaitable[Pair]],
) -> None:
    pair = await make_pair(loops=True)
    contact_id = await pair.contact(language_code="de", time_zone="Europe/Berlin")
    pending = await pair.grant(contact_id=contact_id)

    async def arrived() -> bool:
        return bool(pair.delivery.messages)

    await until(arrived)
    ((message_id, message),) = pair.delivery.messages.items()
    assert UUID(message_id).version == 7
    written, person = message.content, message.recipient
    assert (written.channel, written.category) == (EMAIL, enums_pb2.CATEGORY_ACCOUNT)
    assert written.expire_time == pending.confirmation_expire_time
    shared = catalogue().by_name("consent-confirmation", EMAIL)
    assert shared is not None
    assert written.template_version_id == str(shared.active_version_id)
    assert (person.contact_id, person.address, person.name) == (contact_id, "ada@example.com", "Ada L")
    assert (person.language_code, person.time_zone) == ("de", "Europe/Berlin")
    assert (await pair.confirm(message)).state == consent_pb2.Consent.STATE_GRANTED


@pytest.mark.req("CON-57")
async def test_somebody_nobody_knows_is_asked_at_the_address_that_was_named(
    make_pair: Callable[..., Awaitable[Pair]],
) -> None:
    pair = await make_pair(loops=True)
    await pair.grant(address="stranger@example.com")

    async def arrived() -> bool:
        return bool(pair.delivery.messages)

    await until(arrived)
    (message,) = pair.delivery.messages.values()
    assert (message.recipient.address, message.recipient.contact_id) == ("stranger@example.com", "")
    assert (await pair.confirm(message)).state == consent_pb2.Consent.STATE_GRANTED


@pytest.mark.req("CON-57", "GEN-29")
async def test_an_asking_is_one_message_however_often_it_is_announced_or_repeated(
    make_pair: Callable[..., Awaitable[Pair]],
) -> None:
    pair = await make_pair(loops=False)
    pending = await pair.grant(address="a@example.com")
    await pair.announce(pending.consent_id, 1, times=3)

    async def kill() -> None:
        # The worker dies between delivery's answer and the note of it: its lease ends, and the work is repeated.
        working.cancel()

    pair.delivery.after = kill
    working = asyncio.create_task(pair.worker.step())
    await asyncio.gather(working, return_exceptions=True)
    assert working.cancelled()
    pair.delivery.after = None
    assert await pair.states() == [("waiting", None)]
    pair.clock.advance(LEASE)
    assert await pair.worker.step()
    assert not await pair.worker.step()
    assert await pair.states() == [("sent", None)]
    assert len(pair.delivery.messages) == 1
    assert max(pair.delivery.offered.values()) == 2


@pytest.mark.req("CON-57", "CON-18")
async def test_what_is_confirmed_withdrawn_or_asked_anew_meanwhile_is_not_sent(
    make_pair: Callable[..., Awaitable[Pair]],
) -> None:
    pair = await make_pair(loops=False)
    first = await pair.grant(address="a@example.com")
    await pair.announce(first.consent_id, 1)
    pair.clock.advance(timedelta(minutes=10))
    assert (await pair.grant(address="a@example.com")).confirmation_count == 2
    await pair.announce(first.consent_id, 2)
    second = await pair.grant(address="b@example.com")
    await pair.announce(second.consent_id, 1)
    stub = pair.consent.caller(ConsentServiceStub, "delivery", tenant_id=pair.campaign.tenant_id)
    staff = pair.consent.person(ConsentServiceStub, tenant_id=pair.campaign.tenant_id)
    await staff.RevokeConsent(
        pb.RevokeConsentRequest(
            subject=consent_pb2.Subject(address="b@example.com"),
            channel=EMAIL,
            source=consent_pb2.CONSENT_SOURCE_STAFF,
        )
    )
    with pytest.raises(ServiceError):
        await stub.GetConfirmationLink(pb.GetConfirmationLinkRequest(consent_id=second.consent_id))
    while await pair.worker.step():
        pass
    assert await pair.states() == [("dropped", "superseded"), ("sent", None), ("dropped", "not_waiting")]
    (message,) = pair.delivery.messages.values()
    assert message.recipient.address == "a@example.com"


@pytest.mark.req("CON-57")
async def test_who_is_asked_anew_after_a_withdrawal_gets_a_message_again(
    make_pair: Callable[..., Awaitable[Pair]],
) -> None:
    pair = await make_pair(loops=False)
    staff = pair.consent.person(ConsentServiceStub, tenant_id=pair.campaign.tenant_id)
    withdrawal = pb.RevokeConsentRequest(
        subject=consent_pb2.Subject(address="a@example.com"),
        channel=EMAIL,
        source=consent_pb2.CONSENT_SOURCE_STAFF,
    )
    for sent in (1, 2):
        asked = await pair.grant(address="a@example.com")
        assert asked.confirmation_count == 1
        await pair.announce(asked.consent_id, 1, times=2)
        assert await pair.worker.step()
        assert not await pair.worker.step()
        assert len(pair.delivery.messages) == sent
        newest = list(pair.delivery.messages.values())[-1]
        assert (await pair.confirm(newest)).state == consent_pb2.Consent.STATE_GRANTED
        await staff.RevokeConsent(withdrawal)
        pair.clock.advance(timedelta(hours=1))


@pytest.mark.req("CON-57")
async def test_while_a_neighbour_is_away_the_message_waits_and_after_72_hours_it_is_dropped(
    make_pair: Callable[..., Awaitable[Pair]],
) -> None:
    pair = await make_pair(loops=False)
    pending = await pair.grant(address="a@example.com")
    await pair.announce(pending.consent_id, 1)
    pair.delivery.error = unavailable("database")
    assert await pair.worker.step()
    assert await pair.states() == [("waiting", None)]
    assert not await pair.worker.step()
    pair.clock.advance(timedelta(hours=73))
    pair.delivery.error = None
    assert await pair.worker.step()
    assert await pair.states() == [("dropped", "expired")]
    assert not pair.delivery.messages


@pytest.mark.req("CON-57", "CAM-52")
async def test_a_tenants_own_wording_is_taken_unless_it_advertises(
    make_pair: Callable[..., Awaitable[Pair]],
) -> None:
    pair = await make_pair(loops=False)
    drafted = version(
        content(subject="Ours", body_html="<p><a href='{{ confirmation_url }}'>Yes</a></p>"),
        variables=[variable("confirmation_url", kind=6, sample="https://example.com/c")],
    )
    own = await active_template(
        pair.campaign,
        "consent-confirmation",
        template_type=template_pb.TEMPLATE_TYPE_TRANSACTIONAL,
        category=enums_pb2.CATEGORY_ACCOUNT,
        version=drafted,
    )
    pending = await pair.grant(address="a@example.com")
    await pair.announce(pending.consent_id, 1)
    assert await pair.worker.step()
    (message,) = pair.delivery.messages.values()
    assert message.content.template_version_id == own.active_version_id
    await active_template(
        pair.campaign,
        "consent-confirmation",
        channel=SMS,
        version=version(
            template_pb.TemplateContent(
                language_code="en", body_text="{{ confirmation_url }} and 20% off. Reply STOP to end"
            ),
            variables=[variable("confirmation_url", kind=6, sample="https://example.com/c")],
        ),
    )
    texted = await pair.grant(SMS, address="+4915112345678")
    await pair.announce(texted.consent_id, 1)
    assert await pair.worker.step()
    assert ("dropped", "marketing_template") in await pair.states()
    assert len(pair.delivery.messages) == 1
