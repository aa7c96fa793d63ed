"""Mailgun's signature says nothing of the body: a token is taken with the body it first came with, and no other."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import mailgun
from gateway.webhooks.once import OneTimeTokens
from services.common.errors import ServiceError
from tests.gateway.conftest import Gateway
from tests.ports import free_port

KEY = "3ca1b2f0c5d4e6978a"
TWELVE_HOURS = 12 * 3600


def body(stamp: object, *, token: str = "t" * 50, event: str = "delivered", key: str = KEY) -> bytes:
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return json.dumps(
        {
            "signature": {"timestamp": stamp, "token": token, "signature": signature},
            "event-data": {"event": event},
        }
    ).encode()


@pytest.fixture
def ready(gateway: Gateway) -> Gateway:
    gateway.delivery.shared_secret = KEY
    gateway.delivery.tolerance_seconds = TWELVE_HOURS
    return gateway


async def status(gateway: Gateway, raw: bytes, token: str = "known") -> int:  # noqa: S107
    async with gateway.post(f"/webhooks/mailgun/{token}", data=raw) as answer:
        assert answer.status != 401 or await answer.read() == b""
        return int(answer.status)


def stored(gateway: Gateway) -> list[Any]:
    return [one.raw_body for one in gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)]


@pytest.mark.req("GAT-20", "GAT-28")
async def test_a_genuine_call_is_stored_and_so_is_its_repetition_hours_later(ready: Gateway) -> None:
    now = int(ready.clock.now().timestamp())
    late = body(str(now - 8 * 3600))
    assert await status(ready, late) == 200
    assert await status(ready, late) == 200
    assert stored(ready) == [late, late]


@pytest.mark.req("GAT-20")
async def test_a_captured_signature_carries_no_other_body(ready: Gateway) -> None:
    now = str(int(ready.clock.now().timestamp()))
    genuine = body(now)
    assert await status(ready, genuine) == 200
    assert await status(ready, body(now, event="complained")) == 401
    assert await status(ready, genuine + b" ") == 401
    assert stored(ready) == [genuine]


@pytest.mark.req("GAT-28")
async def test_a_call_that_could_not_be_stored_may_come_again(ready: Gateway) -> None:
    raw = body(str(int(ready.clock.now().timestamp())), token="again")
    async with ready.post("/webhooks/mailgun/known", data=body(str(int(ready.clock.now().timestamp())))):
        ready.delivery.is_down = True  # the account is remembered by now
    assert await status(ready, raw) == 503
    ready.delivery.is_down = False
    assert await status(ready, raw) == 200


async def test_while_nobody_can_say_whether_a_token_is_new_no_call_is_let_through() -> None:
    async with Redis(host="127.0.0.1", port=free_port()) as away:
        with pytest.raises(ServiceError) as refused:
            await OneTimeTokens(away).claim("token", b"content", 60)
    assert refused.value.reason == "DEPENDENCY_UNAVAILABLE"


@pytest.mark.req("GAT-20")
async def test_forged_stale_and_malformed_calls_are_refused_without_a_word(ready: Gateway) -> None:
    now = int(ready.clock.now().timestamp())
    attempts = [
        (body(str(now), key="stranger"), "known"),
        (body(str(now - TWELVE_HOURS - 1)), "known"),
        (body(str(now + TWELVE_HOURS + 1)), "known"),
        (body("yesterday"), "known"),
        (body(str(now), token=""), "known"),
        (b"{}", "known"),
        (b"[1]", "known"),
        (b"not json", "known"),
        (b'{"signature": {"timestamp": null, "token": 3, "signature": []}}', "known"),
        (body(str(now)), "stranger"),
    ]
    for raw, token in attempts:
        assert await status(ready, raw, token) == 401, raw
    ready.delivery.shared_secret = ""
    assert stored(ready) == []


@pytest.mark.req("GAT-20")
def test_without_a_key_of_ours_nobody_is_genuine() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    stamp = str(int(now.timestamp()))
    for key in ("", KEY):
        material = delivery_pb2.VerificationMaterial(shared_secret=key, tolerance_seconds=300)
        assert mailgun.is_genuine(material, {}, body(stamp, key=key), now) is bool(key)
    material = delivery_pb2.VerificationMaterial(shared_secret=KEY, tolerance_seconds=300)
    assert mailgun.is_genuine(
        material, {}, body(int(stamp)), now
    )  # a number, as some of its products send it


@pytest.mark.req("REL-16")
@given(
    st.dictionaries(
        st.sampled_from(["timestamp", "token", "signature"]), st.none() | st.text() | st.integers()
    )
)
def test_no_signature_makes_the_check_fall_over(signature: dict[str, Any]) -> None:
    material = delivery_pb2.VerificationMaterial(shared_secret=KEY)
    raw = json.dumps({"signature": signature}).encode()
    assert not mailgun.is_genuine(material, {}, raw, datetime(2026, 11, 21, tzinfo=UTC))
