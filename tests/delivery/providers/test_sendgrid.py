import time
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import orjson
import pytest

from services.delivery.providers import Account, Attachment, Code, Outgoing, Presence, Result
from services.delivery.providers.sendgrid.adapter import SendGrid
from services.delivery.providers.sendgrid.body import BodyBuilder, partition
from tests.delivery.providers.blocks import CONTENT, TRAIL, block, message, outcomes
from tests.delivery.providers.fake_sendgrid import FakeSendGrid


@pytest.fixture
async def server() -> AsyncIterator[FakeSendGrid]:
    async with FakeSendGrid() as running:
        yield running


@pytest.fixture
async def provider(server: FakeSendGrid) -> AsyncIterator[SendGrid]:
    made = SendGrid(account(server))
    yield made
    await made.close()


def account(server: FakeSendGrid, key: str = "good", **config: object) -> Account:
    config = {"base_url": server.url, "from_address": "news@acme.example"} | config
    return Account(
        uuid.uuid4(), "sendgrid", config, {"api_key": key}, timedelta(seconds=0.5), production=False
    )


@pytest.mark.req("DEL-109", "DEL-72", "DEL-152")
async def test_a_request_carries_references_tags_the_way_out_and_no_tracking(
    server: FakeSendGrid, provider: SendGrid
) -> None:
    sent = message(
        custom_args={"angarium_kind": "x"}, headers={"X-Own": "y"}, unsubscribe_mailto="mailto:u@acme.example"
    )
    await outcomes(provider, [sent], attachments=[Attachment("a.txt", "text/plain", b"abc")])
    (body,) = server.requests
    (one,) = body["personalizations"]
    assert one["custom_args"] == {
        "angarium_message_id": str(sent.message_id), "angarium_campaign_id": "c-1", "angarium_kind": "x",
    }  # fmt: skip
    assert one["headers"] == {
        "X-Own": "y",
        "List-Unsubscribe": "<https://m.example/u/1>, <mailto:u@acme.example>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert body["categories"] == ["offers", "autumn"]
    assert body["from"] == {"email": "news@acme.example", "name": "Acme"}
    assert body["reply_to"] == {"email": "help@acme.example"}
    assert not any(setting["enable"] for setting in body["tracking_settings"].values())
    assert body["attachments"][0]["content"] == "YWJj"
    assert not any("ada@example.com" in value for value in one["substitutions"].values())


async def test_an_address_twice_travels_in_two_requests(server: FakeSendGrid, provider: SendGrid) -> None:
    sent = [
        message("a@example.com"),
        message("A@Example.com"),
        message("b@example.com"),
        message("a@example.com"),
    ]
    results = await outcomes(provider, sent)
    assert {one.result for one in results} == {Result.ACCEPTED}
    assert sorted(len(body["personalizations"]) for body in server.requests) == [1, 1, 2]


async def test_more_than_a_thousand_recipients_are_split(server: FakeSendGrid, provider: SendGrid) -> None:
    await outcomes(provider, [message(f"r{n}@example.com") for n in range(1001)])
    assert sorted(len(body["personalizations"]) for body in server.requests) == [1, 1000]


async def test_a_recipient_whose_values_are_too_large_gets_a_request_with_its_own_content(
    server: FakeSendGrid, provider: SendGrid
) -> None:
    large = message("large@example.com", note="é" * 4500)
    await outcomes(provider, [message("a@example.com"), large])
    whole = {
        body["personalizations"][0]["to"][0]["email"]: "substitutions" not in body["personalizations"][0]
        for body in server.requests
    }
    assert whole == {"a@example.com": False, "large@example.com": True}
    (received,) = (one for one in server.received() if one["to"] == large.address)
    assert received["html"] == CONTENT.parts["html"].join(large.slots)


def test_values_that_look_like_tags_are_left_alone() -> None:
    builder = BodyBuilder(block([]))
    assert len(set(builder.tags)) == CONTENT.slot_count
    assert not any(
        tag in constant
        for tag in builder.tags
        for part in CONTENT.parts.values()
        for constant in part.constants
    )


async def test_arguments_over_the_limit_and_foreign_headers_are_refused_before_sending(
    server: FakeSendGrid, provider: SendGrid
) -> None:
    results = await outcomes(
        provider,
        [
            message(custom_args={"x": "y" * 10_000}),
            message(headers={"Subject": "x"}),
            message(headers={"X-SG-ID": "x"}),
        ],
    )
    assert {(one.result, one.code) for one in results} == {(Result.PERMANENT, Code.REQUEST_REFUSED)}
    assert server.requests == []


@pytest.mark.req("DEL-81", "DEL-82")
async def test_too_many_requests_wait_until_the_reset(server: FakeSendGrid, provider: SendGrid) -> None:
    server.faults, server.reset = ["429"], int(time.time()) + 30
    (outcome,) = await outcomes(provider, [message()])
    assert (outcome.result, outcome.code) == (Result.RETRYABLE, Code.RATE_LIMITED)
    assert outcome.retry_after is not None
    assert timedelta(seconds=25) < outcome.retry_after <= timedelta(seconds=30)


@pytest.mark.req("DEL-82")
@pytest.mark.parametrize(
    ("status", "result", "code", "provider_fault"),
    [
        ("500", Result.RETRYABLE, Code.UNAVAILABLE, True),
        ("503", Result.RETRYABLE, Code.UNAVAILABLE, True),
        ("408", Result.RETRYABLE, Code.UNAVAILABLE, True),
        ("504", Result.UNKNOWN, Code.TIMEOUT, True),
        ("400", Result.PERMANENT, Code.REQUEST_REFUSED, False),
        ("403", Result.RETRYABLE, Code.CREDENTIALS, True),
        ("413", Result.PERMANENT, Code.TOO_LARGE, False),
        ("404", Result.PERMANENT, "http_404", True),
    ],
)
async def test_answers_are_judged_by_status(
    server: FakeSendGrid, provider: SendGrid, status: str, result: Result, code: str, provider_fault: bool
) -> None:
    server.faults = [status]
    (outcome,) = await outcomes(provider, [message()])
    assert (outcome.result, outcome.code, outcome.provider_fault) == (result, code, provider_fault)
    assert "@" not in outcome.reason


@pytest.mark.req("DEL-77")
async def test_a_bad_key_marks_the_account(server: FakeSendGrid) -> None:
    provider = SendGrid(account(server, key="bad"))
    (outcome,) = await outcomes(provider, [message()])
    assert (outcome.result, outcome.code, outcome.provider_fault) == (
        Result.RETRYABLE,
        Code.CREDENTIALS,
        True,
    )
    assert not (await provider.verify()).ok
    await provider.close()


@pytest.mark.req("DEL-36")
async def test_a_key_without_the_scope_does_not_verify(server: FakeSendGrid, provider: SendGrid) -> None:
    server.scopes = ["stats.read"]
    assert not (await provider.verify()).ok


@pytest.mark.req("DEL-78")
async def test_a_provider_that_cannot_be_reached_is_retryable() -> None:
    provider = SendGrid(
        Account(
            uuid.uuid4(),
            "sendgrid",
            {"base_url": "http://127.0.0.1:1"},
            {"api_key": "x"},
            timedelta(seconds=1),
        )
    )
    (outcome,) = await outcomes(provider, [message()])
    assert (outcome.result, outcome.code, outcome.provider_fault) == (Result.RETRYABLE, Code.CONNECTION, True)
    await provider.close()


async def test_a_look_up_needs_the_product_and_an_answer(server: FakeSendGrid, provider: SendGrid) -> None:
    asked = uuid.uuid4()
    assert (await provider.look_up([asked]))[asked].presence is Presence.UNKNOWABLE
    with_activity = SendGrid(account(server, email_activity=True))
    server.faults = ["429"]
    assert (await with_activity.look_up([asked]))[asked].presence is Presence.UNKNOWABLE
    assert (await with_activity.look_up([asked]))[asked].presence is Presence.NOT_FOUND
    await with_activity.close()


def test_building_a_body_says_what_it_costs() -> None:
    values = [{"name": f"Ada {n}", "note": "a few words of a personal kind"} for n in range(1000)]
    sent = [
        Outgoing(
            uuid.uuid4(),
            f"r{n}@example.com",
            CONTENT.render_slots(value, TRAIL),
            "Ada",
            "https://m.example/u/1",
        )
        for n, value in enumerate(values)
    ]
    started = time.process_time()
    whole = block(sent)
    builder = BodyBuilder(whole)
    _, requests = partition(builder, whole, 1000)
    bodies = [builder.body(request) for request in requests]
    print(
        f"\n{(time.process_time() - started) * 1e6 / len(sent):.1f} µs per recipient, {sum(map(len, bodies))} bytes"
    )
    assert len(orjson.loads(bodies[0])["personalizations"]) == 1000


@pytest.mark.req("CAM-2", "DEL-36")
async def test_a_sender_is_verified_by_a_request_that_is_not_sent(
    server: FakeSendGrid, provider: SendGrid
) -> None:
    assert (await provider.verify_sender("news@bazaar.example")).ok
    server.faults = ["403"]
    refused = await provider.verify_sender("news@other.example")
    server.faults = ["500"]
    unknown = await provider.verify_sender("news@other.example")
    assert [(one.ok, one.provider_fault) for one in (refused, unknown)] == [(False, False), (False, True)]
    assert server.received() == []
