"""Push messages from acceptance to the devices of simulated people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
import pytest_asyncio

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2
from angarium.delivery.v1 import message_pb2
from services.common.db.uow import UnitOfWork
from services.common.security.jwt import issue_person
from services.delivery.providers import Device
from tests.delivery.devices.kit import APP, PUSH, Shop
from tests.delivery.kit import House, recipient
from tests.delivery.providers.rigs.pushing import RIGS, Pushing, pushing

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = message_pb2.ATTEMPT_OUTCOME_ACCEPTED
RETRYABLE = message_pb2.ATTEMPT_OUTCOME_RETRYABLE
PERMANENT = message_pb2.ATTEMPT_OUTCOME_PERMANENT


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pushing]:
    async with pushing(tmp_path_factory.mktemp("sandbox")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def working(served: House) -> AsyncIterator[House]:
    async with served.worker():
        yield served


@pytest.fixture
def shop(working: House) -> Shop:
    return Shop(working)


class Street:
    """A shop's people and their devices."""

    def __init__(self, shop: Shop, sandbox: Pushing) -> None:
        self.shop, self.sandbox = shop, sandbox

    async def accounts(self, *names: str, **config: Any) -> list[UUID]:
        return [
            await self.shop.account(
                name,
                {**RIGS[name].config(self.sandbox.url, self.sandbox.apns_url), **config},
                RIGS[name].credentials(),
            )
            for name in names
        ]

    async def person(self, *kinds: str) -> tuple[str, list[Device]]:
        """A contact with devices, each named `service` or `service:behaviour`."""
        contact_id, devices = str(uuid4()), []
        for kind in kinds:
            service, _, behaviour = kind.partition(":")
            device = await self.sandbox.device(service, f"device_{behaviour or 'healthy'}")
            await self.shop.register_for(contact_id, device)
            devices.append(device)
        return contact_id, devices

    def shown(self, message_id: str) -> list[str]:
        """The tokens of the devices that showed a message."""
        rows = self.sandbox.running.sandbox.database.query(
            "SELECT address FROM message WHERE reference = ? ORDER BY id", (message_id,)
        )
        return [address for (address,) in rows]

    async def devices(self, message_id: str, attempt: int = -1) -> list[tuple[str, int, str]]:
        """What came of each device in a try: service, outcome, code."""
        answer = await self.shop.message(message_id)
        return sorted((one.provider, one.outcome, one.code) for one in answer.attempts[attempt].devices)


@pytest.fixture
def street(shop: Shop, sandbox: Pushing) -> Street:
    return Street(shop, sandbox)


def tokens(devices: list[Device]) -> list[str]:
    return sorted(one.token.rpartition("/")[2] for one in devices)


@pytest.mark.req("DEL-97", "DEL-106", "DEL-128")
@pytest.mark.parametrize("service", ["fcm", "apns", "webpush"])
async def test_a_block_reaches_every_person_over_each_service(street: Street, service: str) -> None:
    await street.accounts(service)
    people = [await street.person(service) for _ in range(25)]
    ids = await street.shop.send(*(contact for contact, _ in people))
    assert await street.shop.settled(*ids) == [("sent", "")] * 25
    for message_id, (_, devices) in zip(ids, people, strict=True):
        assert street.shown(message_id) == tokens(devices)


@pytest.mark.req("DEL-97")
async def test_a_message_goes_to_all_devices_of_its_contact_over_all_services(street: Street) -> None:
    await street.accounts("fcm", "apns", "webpush")
    contact, devices = await street.person("fcm", "fcm", "apns", "webpush")
    (message_id,) = await street.shop.send(contact)
    assert await street.shop.settled(message_id) == [("sent", "")]
    assert sorted(street.shown(message_id)) == tokens(devices)
    assert await street.devices(message_id) == [
        ("apns", ACCEPTED, ""),
        ("fcm", ACCEPTED, ""),
        ("fcm", ACCEPTED, ""),
        ("webpush", ACCEPTED, ""),
    ]
    answer = await street.shop.message(message_id)
    assert (len(answer.attempts), answer.message.attempt_count) == (1, 1)


@pytest.mark.req("DEL-97", "LIF-84")
async def test_a_message_to_staff_goes_to_the_devices_they_registered_themselves(street: Street) -> None:
    await street.accounts("fcm")
    shop = street.shop
    shop.house.neighbours.people.add_staff("mia")
    device = await street.sandbox.device("fcm", "device_healthy")
    token = issue_person(shop.house.settings, shop.tenant_id, "mia", ("receptionist",))
    mine = (("authorization", f"Bearer {token}"),)
    await shop.devices.RegisterDevice(shop.asked_for(device), metadata=mine)
    content = shop.content(category=enums_pb2.CATEGORY_STAFF_ALERT)
    content.is_staff = True
    people = [recipient(0, contact_id="", staff_id="mia", address="", language_code="en")]
    answer = await shop.house.send_block(content, people)
    assert not answer.errors, answer.errors
    (message_id,) = answer.message_ids
    assert await shop.settled(message_id) == [("sent", "")]
    assert street.shown(message_id) == tokens([device])


@pytest.mark.req("DEL-97", "DEL-86", "CON-66")
async def test_it_is_sent_when_one_device_takes_it_and_dead_tokens_are_disabled(street: Street) -> None:
    await street.accounts("fcm", "apns", "webpush")
    contact, devices = await street.person(
        "fcm:unregistered", "apns:invalid", "apns:unregistered", "webpush:unregistered", "webpush"
    )
    (message_id,) = await street.shop.send(contact)
    assert await street.shop.settled(message_id) == [("sent", "")]
    assert street.shown(message_id) == tokens(devices[-1:])
    listed = {one.disabled_reason: one.HasField("disable_time") for one in await street.shop.listed(contact)}
    assert listed == {"unregistered": True, "invalid_token": True, "": False}
    (again,) = await street.shop.send(contact)
    assert await street.shop.settled(again) == [("sent", "")]
    assert await street.devices(again) == [("webpush", ACCEPTED, "")]


@pytest.mark.req("DEL-97", "DEL-86", "DEL-83", "CON-66")
async def test_it_fails_when_no_device_is_left_and_consent_is_told_nothing(street: Street) -> None:
    await street.accounts("fcm", "apns")
    contact, _ = await street.person("fcm:unregistered", "apns:wrong_app")
    (message_id,) = await street.shop.send(contact)
    assert await street.shop.settled(message_id) == [("failed", "no_device")]
    house = street.shop.house
    assert await house.value("SELECT count(*) FROM dead_letter WHERE message_id = %s", UUID(message_id)) == 0
    told = await house.rows("SELECT DISTINCT type FROM outbox WHERE tenant_id = %s", street.shop.tenant_id)
    assert not {"recipient.invalid", "recipient.opted_out"} & {type for (type,) in told}
    (again,) = await street.shop.send(contact)
    assert await street.shop.settled(again) == [("skipped", "no_address")]


@pytest.mark.req("DEL-97")
async def test_a_device_that_was_registered_anew_meanwhile_stays(street: Street) -> None:
    await street.accounts("apns")
    contact, (device,) = await street.person("apns:unregistered")
    await street.shop.house.rows(
        "UPDATE push_device SET last_seen_at = now() + interval '1 minute' WHERE tenant_id = %s",
        street.shop.tenant_id,
    )
    (message_id,) = await street.shop.send(contact)
    assert await street.shop.settled(message_id) == [("failed", "no_device")]
    (listed,) = await street.shop.listed(contact)
    assert listed.disabled_reason == ""
    assert street.shown(message_id) == []
    del device


@pytest.mark.req("DEL-73", "DEL-97")
async def test_a_contact_without_a_device_is_skipped(street: Street) -> None:
    await street.accounts("fcm")
    with_one, _ = await street.person("fcm")
    ids = await street.shop.send(str(uuid4()), with_one)
    assert await street.shop.settled(*ids) == [("skipped", "no_address"), ("sent", "")]


@pytest.mark.req("DEL-97", "DEL-110")
async def test_push_needs_a_contact_and_takes_no_address(street: Street) -> None:
    content = street.shop.content()
    for person in (
        recipient(contact=False, address="fcm-token-of-somebody"),
        recipient(contact=False, address=""),
        recipient(address="fcm-token-of-somebody", language_code="en"),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await street.shop.house.send_one(content, person)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.req("DEL-97", "DEL-72")
async def test_more_than_four_kilobytes_are_refused_at_rendering_with_the_reason(street: Street) -> None:
    await street.accounts("fcm", "webpush")
    phone, _ = await street.person("fcm")
    browser, _ = await street.person("webpush")
    small, between, large = ("{{ name }}" + "x" * size for size in (3500, 3850, 4100))
    first = await street.shop.send(phone, browser, text=small)
    second = await street.shop.send(phone, browser, text=between)
    third = await street.shop.send(phone, browser, text=large)
    assert await street.shop.settled(*first) == [("sent", "")] * 2
    # What a browser gets must fit once it is encrypted.
    assert await street.shop.settled(*second) == [("sent", ""), ("failed", "template_render_failed")]
    assert await street.shop.settled(*third) == [("failed", "template_render_failed")] * 2
    answer = await street.shop.message(third[0])
    assert answer.message.failure_code == "payload_too_large"
    assert [street.shown(one) for one in third] == [[], []]


@pytest.mark.req("DEL-81", "DEL-82", "DEL-97")
async def test_it_is_tried_again_while_no_device_took_it_and_only_then(street: Street) -> None:
    await street.accounts("fcm", "apns")
    waiting, _ = await street.person("fcm", "apns")
    served, _ = await street.person("fcm:unavailable", "apns")
    await street.sandbox.fault("server_error", count=2)
    first = (await street.shop.send(waiting))[0]
    assert await street.shop.settled(first) == [("sent", "")]
    assert await street.devices(first, 0) == [
        ("apns", RETRYABLE, "unavailable"),
        ("fcm", RETRYABLE, "unavailable"),
    ]
    assert await street.devices(first, 1) == [("apns", ACCEPTED, ""), ("fcm", ACCEPTED, "")]
    second = (await street.shop.send(served))[0]
    assert await street.shop.settled(second) == [("sent", "")]
    assert await street.devices(second) == [("apns", ACCEPTED, ""), ("fcm", RETRYABLE, "unavailable")]
    assert (await street.shop.message(second)).message.attempt_count == 1


@pytest.mark.req("DEL-88", "DEL-97")
async def test_a_message_costs_once_however_many_devices_it_goes_to(street: Street) -> None:
    await street.accounts("fcm")
    await street.shop.house.rows(
        "INSERT INTO rate_card (tenant_id, rate_card_id, provider, channel, unit, cost, currency, valid_from)"
        " VALUES (%s, %s, 'fcm', 4, 1, 0.0005, 'EUR', now() - interval '1 day')",
        street.shop.tenant_id,
        uuid4(),
    )
    contact, _ = await street.person("fcm", "fcm", "fcm")
    (message_id,) = await street.shop.send(contact)
    assert await street.shop.settled(message_id) == [("sent", "")]
    cost = (await street.shop.message(message_id)).message.cost
    assert (cost.currency_code, cost.units, cost.nanos) == ("EUR", 0, 500_000)


@pytest.mark.req("DEL-75")
async def test_an_account_for_other_apps_carries_nothing_and_a_kind_without_account_fails(
    street: Street,
) -> None:
    await street.accounts("fcm", app_ids=["com.example.other"])
    phone, _ = await street.person("fcm")
    (message_id,) = await street.shop.send(phone)
    assert await street.shop.settled(message_id) == [("failed", "provider_not_configured")]
    assert APP != "com.example.other"


@pytest.mark.req("DEL-76")
async def test_each_account_answers_for_its_own_devices_only(street: Street) -> None:
    fcm, apns = await street.accounts("fcm", "apns")
    person, _ = await street.person("fcm", "apns:unavailable")
    for _ in range(3):
        assert await street.shop.settled(*await street.shop.send(person)) == [("sent", "")]
    house = street.shop.house

    async def counted() -> Any:
        rows = await house.rows(
            "SELECT account_id, circuit FROM provider_account WHERE tenant_id = %s", street.shop.tenant_id
        )
        found = dict(rows)
        return found if found[apns] != 1 else None

    assert (await house.until(counted))[fcm] == 1


@pytest.mark.req("CON-66", "DEL-66")
async def test_consent_is_asked_about_the_contact_and_no_address(street: Street) -> None:
    await street.accounts("fcm")
    contact, _ = await street.person("fcm")
    consent = street.shop.house.neighbours.consent
    consent.requests.clear()
    (message_id,) = await street.shop.send(contact)
    await street.shop.settled(message_id)
    asked = [item for request in consent.requests for item in request.items]
    assert {(one.contact_id, one.address) for one in asked} == {(contact, "")}
    channels = {request.context.channel for request in consent.requests}
    assert channels == {enums_pb2.CHANNEL_PUSH} == {PUSH}
    assert compliance_service_pb2.EVALUATION_PURPOSE_SEND in {
        request.context.purpose for request in consent.requests
    }


@pytest.mark.req("DEL-97")
async def test_the_devices_of_a_block_are_read_in_one_statement(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    await street.accounts("fcm")
    people = [(await street.person("fcm"))[0] for _ in range(60)]
    read: list[int] = []
    fetch_all = UnitOfWork.fetch_all

    async def watched(self: UnitOfWork, query: Any, *arguments: Any, **named: Any) -> Any:
        rows = await fetch_all(self, query, *arguments, **named)
        if isinstance(query, str) and "FROM push_device" in query and "LATERAL" in query:
            read.append(len(rows))
        return rows

    monkeypatch.setattr(UnitOfWork, "fetch_all", watched)
    ids = await street.shop.send(*people)
    assert await street.shop.settled(*ids) == [("sent", "")] * 60
    assert read == [60]
