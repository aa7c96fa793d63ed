"""What every adapter of a push service must do, proved for each of them against the sandbox."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from services.delivery.providers import Code, MalformedReceiptError, Presence, Provider, Result
from tests.delivery.providers.pushes import CONTENT, outcomes, push
from tests.delivery.providers.rigs.pushing import Pushing, pushing

SERVICES = ("fcm", "apns", "webpush")


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pushing]:
    """One for all tests here: each has devices of its own, and uses up the faults it orders."""
    async with pushing(tmp_path_factory.mktemp("sandbox")) as made:
        yield made


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def provider(sandbox: Pushing, service: str) -> Provider:
    return sandbox.provider(service)


@pytest.mark.req("DEL-106", "DEL-109", "DEL-128")
async def test_each_device_shows_exactly_its_own_message(
    sandbox: Pushing, service: str, provider: Provider
) -> None:
    sent = [
        push(await sandbox.device(service), name=f'R{n} "<&>" é', note=f"line {n}\n😀") for n in range(40)
    ]
    results = await outcomes(provider, sent)
    assert {one.result for one in results} == {Result.ACCEPTED}
    assert len({one.provider_message_id for one in results}) == 40
    for one, shown in zip(sent, await sandbox.taken(sent), strict=True):
        assert one.device is not None
        assert shown["token"] == one.device.token.rpartition("/")[2]
        assert shown["title"] == CONTENT.join(one.slots, "subject")
        assert shown["body"] == CONTENT.join(one.slots, "text")


@pytest.mark.req("DEL-97")
async def test_what_goes_along_are_ids_and_no_value_of_a_person(
    sandbox: Pushing, service: str, provider: Provider
) -> None:
    sent = push(await sandbox.device(service), name="Ada Lovelace", note="4 pm")
    await outcomes(provider, [sent])
    (shown,) = await sandbox.taken([sent])
    assert shown["data"] == {
        "angarium_message_id": str(sent.message_id),
        "angarium_campaign_id": "c-1",
        "category": "order",
        "template": "hello",
    }


@pytest.mark.req("DEL-86", "DEL-97")
@pytest.mark.parametrize("behaviour", ["device_unregistered", "device_invalid"])
async def test_a_token_that_is_dead_says_so_of_its_device_only(
    sandbox: Pushing, service: str, provider: Provider, behaviour: str
) -> None:
    sent = [push(await sandbox.device(service, behaviour)), push(await sandbox.device(service))]
    dead, well = await outcomes(provider, sent)
    assert (dead.result, dead.code, dead.recipient_fault, dead.provider_fault) == (
        Result.PERMANENT,
        Code.INVALID_RECIPIENT,
        True,
        False,
    )
    assert dead.gone in ("unregistered", "invalid_token")
    assert (well.result, well.gone) == (Result.ACCEPTED, "")
    assert len(await sandbox.taken(sent)) == 1
    assert sent[0].device is not None
    assert sent[0].device.token not in dead.reason


@pytest.mark.req("DEL-86")
async def test_a_device_whose_app_was_removed_is_gone_from_then_on(
    sandbox: Pushing, service: str, provider: Provider
) -> None:
    device = await sandbox.device(service)
    assert (await outcomes(provider, [push(device)]))[0].result is Result.ACCEPTED
    await sandbox.remove(device)
    (outcome,) = await outcomes(provider, [push(device)])
    assert outcome.gone == "unregistered"


@pytest.mark.req("DEL-82", "DEL-76")
@pytest.mark.parametrize("named", ["fcm", "webpush"])
async def test_a_service_that_names_a_wait_is_heeded(sandbox: Pushing, named: str) -> None:
    await sandbox.fault("rate_limit", seconds=7)
    (outcome,) = await outcomes(sandbox.provider(named), [push(await sandbox.device(named))])
    assert outcome.retry_after is not None
    assert 1 <= outcome.retry_after.total_seconds() <= 7


@pytest.mark.req("DEL-82")
async def test_what_is_no_token_never_leaves(sandbox: Pushing, service: str, provider: Provider) -> None:
    known = await sandbox.device(service)
    other = await sandbox.device("apns" if service != "apns" else "fcm")
    bad: list[Any] = [replace(known, token=token) for token in ("", "a b", "x\r\ny", "é" * 40)]
    results = await outcomes(provider, [push(device) for device in (*bad, other)])
    assert {(one.result, one.gone) for one in results} == {(Result.PERMANENT, "invalid_token")}


@pytest.mark.req("DEL-97")
async def test_a_message_that_is_too_large_is_refused_before_it_leaves(
    sandbox: Pushing, service: str, provider: Provider
) -> None:
    fits, too_large = (
        push(await sandbox.device(service), note="x" * 3500),
        push(await sandbox.device(service), note="x" * 4100),
    )
    first, second = await outcomes(provider, [fits, too_large])
    assert first.result is Result.ACCEPTED
    assert (second.result, second.code) == (Result.PERMANENT, Code.TOO_LARGE)
    assert len(await sandbox.taken([fits, too_large])) == 1


@pytest.mark.req("DEL-78")
async def test_nobody_can_be_asked_for_a_message(provider: Provider) -> None:
    message_id = uuid.uuid4()
    assert (await provider.look_up([message_id]))[message_id].presence is Presence.UNKNOWABLE


@pytest.mark.req("DEL-36")
async def test_verifying_a_good_account_sends_nothing(sandbox: Pushing, provider: Provider) -> None:
    before = sandbox.shown()
    found = await provider.verify()
    assert found.ok, found.details
    assert sandbox.shown() == before


async def test_an_empty_block_has_no_outcomes(provider: Provider) -> None:
    assert await outcomes(provider, []) == []


async def test_a_push_service_calls_nobody(provider: Provider) -> None:
    with pytest.raises(MalformedReceiptError):
        provider.parse_receipts(b"{}", {})
