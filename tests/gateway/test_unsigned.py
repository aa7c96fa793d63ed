"""Webhooks of those who sign nothing: known by the account's token, its secret where it has one, and its networks."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import gupshup, unsigned, wati
from tests.gateway.conftest import Gateway

SECRET = "secret"
PROVIDERS = ["gupshup", "wati", "msg91"]
BODY = b'{"type": "message-event", "eventType": "sentMessageREAD_v2"}'


@pytest.mark.req("GAT-4", "GAT-5", "GAT-24", "GAT-28")
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_accounts_token_is_enough_where_no_secret_is_set(gateway: Gateway, provider: str) -> None:
    async with gateway.post(f"/webhooks/{provider}/known", data=BODY) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    [stored] = gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)
    assert stored.raw_body == BODY
    async with gateway.post(f"/webhooks/{provider}/other", data=BODY) as answer:
        assert (answer.status, await answer.read()) == (401, b"")
    async with gateway.post("/webhooks/nobody/known", data=BODY) as answer:
        assert answer.status == 404


@pytest.mark.req("GAT-24", "GAT-50")
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_where_a_secret_is_set_it_must_be_named(gateway: Gateway, provider: str) -> None:
    gateway.delivery.shared_secret = "user:pässword"
    path = f"/webhooks/{provider}/known"
    basic = "Basic " + base64.b64encode("user:pässword".encode()).decode()
    for headers in ({}, {"X-Angarium-Webhook-Secret": "other"}, {"Authorization": "Basic x"}):
        async with gateway.post(path, data=BODY, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (401, b"")
    async with gateway.post(path, data=BODY, headers={"Authorization": basic}) as answer:
        assert answer.status == 200


def signed(stamp: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.digest(secret.encode(), stamp.encode() + b"." + body, "sha256").hex()
    return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": digest}


@pytest.mark.req("GAT-5", "GAT-20", "GAT-25", "GAT-39", "GAT-40")
async def test_a_signature_over_time_and_body_shows_the_accounts_secret_too(gateway: Gateway) -> None:
    gateway.delivery.shared_secret = "secret"
    now = int(gateway.clock.now().timestamp())
    path = "/webhooks/msg91/known"
    for stamp in (str(now), str(now * 1000), str(now - 299), str((now + 299) * 1000)):
        async with gateway.post(path, data=BODY, headers=signed(stamp, BODY)) as answer:
            assert answer.status == 200, stamp
    stale = [str(now - 301), str((now + 301) * 1000), "", "-1", "now", f"{now}.5", "9" * 40]
    for headers in (
        *(signed(stamp, BODY) for stamp in stale),
        signed(str(now), BODY + b" "),
        signed(str(now), BODY, "other"),
        {"X-Webhook-Signature": signed(str(now), BODY)["X-Webhook-Signature"]},
        {"X-Webhook-Timestamp": str(now)},
        {**signed(str(now), BODY, "other"), "X-Angarium-Webhook-Secret": "secret"},
    ):
        async with gateway.post(path, data=BODY, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (401, b""), headers
    assert len(gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)) == 4


@pytest.mark.req("GAT-20", "GAT-40", "REL-16")
@given(stamp=st.text(max_size=20), said=st.text(max_size=80), body=st.binary(max_size=50))
def test_nothing_makes_the_check_fall_over(stamp: str, said: str, body: bytes) -> None:
    material = delivery_pb2.VerificationMaterial(shared_secret="secret", tolerance_seconds=300)
    headers = {unsigned.TIMESTAMP: stamp, unsigned.SIGNATURE: said}
    assert not unsigned.is_genuine(material, headers, body, datetime(2026, 11, 21, tzinfo=UTC))


@pytest.mark.req("GAT-24", "GAT-27")
@pytest.mark.parametrize("provider", ["gupshup", "meta"])
@pytest.mark.parametrize(
    ("networks", "status"),
    [
        (["203.0.113.0/24"], 200),
        (["198.51.100.0/24", "203.0.113.7/32"], 200),
        (["127.0.0.0/8", "2001:db8::/32"], 401),
    ],
)
async def test_calls_come_from_the_accounts_networks_only(
    gateway: Gateway, provider: str, networks: list[str], status: int
) -> None:
    gateway.delivery.more = {"networks": networks}
    # The test's own peer is a trusted proxy.
    headers = {"X-Forwarded-For": "203.0.113.7"}
    async with gateway.post(f"/webhooks/{provider}/known", data=BODY, headers=headers) as answer:
        assert answer.status == (401 if provider == "meta" else status)


def text_of_gupshup(kind: str = "text", **payload: Any) -> dict[str, Any]:
    return {
        "app": "Salon", "timestamp": 1580227766370, "version": 2, "type": "message",
        "payload": {
            "id": "ABEG", "source": "12025550143", "type": kind, "payload": payload or {"text": "STOP"},
            "sender": {"phone": "12025550143", "name": "Ada"},
        },
    }  # fmt: skip


def text_of_wati(**fields: Any) -> dict[str, Any]:
    return {
        "eventType": "message", "id": "6928", "whatsappMessageId": "wamid.1", "type": "text", "owner": False,
        "text": "STOP", "waId": "12025550143", "channelPhoneNumber": "17435002445", **fields,
    }  # fmt: skip


IN_METAS_SHAPE = {
    "entry": [
        {"changes": [{"value": {"messages": [{"from": "12025550143", "id": "w", "text": {"body": "STOP"}}]}}]}
    ]
}


@pytest.mark.req("DEL-33")
@pytest.mark.parametrize(
    ("provider", "body", "is_answered"),
    [
        ("gupshup", text_of_gupshup(), False),
        ("gupshup", text_of_gupshup("quick_reply", text="STOP", type="button"), False),
        ("gupshup", text_of_gupshup("list_reply", title="STOP"), False),
        ("gupshup", IN_METAS_SHAPE, False),
        (
            "gupshup",
            {"type": "user-event", "timestamp": 1, "payload": {"phone": "12025550143", "type": "opted-out"}},
            True,
        ),
        ("wati", text_of_wati(), False),
        ("wati", text_of_wati(text=None, buttonReply={"text": "STOP"}), False),
        ("wati", text_of_wati(text=None, interactiveButtonReply={"title": "STOP"}), False),
        ("wati", text_of_wati(text=None, listReply={"title": "STOP"}, whatsappMessageId=None), False),
        ("wati", [text_of_wati()], False),
    ],
)
async def test_a_text_of_a_person_goes_to_whoever_reads_texts(
    gateway: Gateway, provider: str, body: Any, is_answered: bool
) -> None:
    async with gateway.post(f"/webhooks/{provider}/known", data=orjson.dumps(body)) as answer:
        assert answer.status == 200
    [told] = gateway.delivery.of(delivery_pb2.RecordInboundMessageRequest)
    assert (told.from_address, told.text, told.is_answered, told.channel) == (
        "+12025550143",
        "STOP",
        is_answered,
        enums_pb2.CHANNEL_WHATSAPP,
    )
    assert told.provider_message_id
    assert gateway.delivery.of(delivery_pb2.RecordReceiptsRequest) == []


@pytest.mark.req("DEL-33")
@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("wati", text_of_wati(owner=True)),
        ("wati", text_of_wati(text=None)),
        ("wati", text_of_wati(waId=None)),
        ("gupshup", text_of_gupshup("image", url="https://x.example/1")),
        ("gupshup", {"type": "user-event", "payload": {"phone": "12025550143", "type": "opted-in"}}),
    ],
)
async def test_what_is_no_word_of_a_person_is_none(gateway: Gateway, provider: str, body: Any) -> None:
    async with gateway.post(f"/webhooks/{provider}/known", data=orjson.dumps(body)) as answer:
        assert answer.status == 200
    assert gateway.delivery.of(delivery_pb2.RecordInboundMessageRequest) == []
    assert len(gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)) == 1


@pytest.mark.req("GAT-20", "REL-16")
@given(body=st.binary(max_size=200) | st.recursive(st.none() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "payload", "eventType", "entry", "text"]), inner, max_size=4)).map(orjson.dumps))  # fmt: skip
def test_nothing_makes_reading_fall_over(body: bytes) -> None:
    gupshup.told(body)
    wati.told(body)
