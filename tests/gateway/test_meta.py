"""Webhooks of Meta: confirmed to whoever knows the token, taken when the app's secret signed these very bytes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import gupshup, meta
from tests.gateway.conftest import ACCOUNT, Gateway

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SECRET = "app-secret"
PATH = "/webhooks/meta/known"
STATUS = {"id": "wamid.1", "status": "delivered", "timestamp": "1795255200"}


def call(*values: dict[str, Any]) -> bytes:
    changes = [{"field": "messages", "value": {"metadata": {"display_phone_number": "15550001"}, **value}} for value in values]  # fmt: skip
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]})


def written(text: str, name: str = "wamid.in", sender: str = "12025550143") -> dict[str, Any]:
    return {"from": sender, "id": name, "timestamp": "1795255200", "type": "text", "text": {"body": text}}


def sign(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


def genuine(body: bytes, signature: str, secret: str) -> bool:
    material = delivery_pb2.VerificationMaterial(shared_secret=secret)
    return meta.is_genuine(material, {meta.SIGNATURE: signature}, body, NOW)


@pytest.mark.req("GAT-24")
def test_the_known_vector_is_genuine_and_nothing_else_is() -> None:
    signature = "sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914"
    assert genuine(b"test", signature, "secret")
    assert not genuine(b"test ", signature, "secret")
    assert not genuine(b"test", signature, "other")
    assert not genuine(b"test", signature, "")
    assert not genuine(b"test", signature.removeprefix("sha256="), "secret")
    assert not genuine(b"test", signature.replace("sha256", "sha1"), "secret")
    assert not genuine(b"test", "sha256=", "secret")


@pytest.mark.req("GAT-20", "REL-16")
@given(signature=st.text(), body=st.binary(max_size=200))
def test_nothing_makes_the_check_or_the_reading_fall_over(signature: str, body: bytes) -> None:
    assert not genuine(body, signature, SECRET)
    assert not genuine(body, f"sha256={signature}", SECRET)
    assert meta.told(body).has_receipts


@pytest.mark.req("GAT-24")
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"hub.verify_token": "other"}, 403),
        ({"hub.verify_token": ""}, 403),
        ({"hub.mode": "unsubscribe"}, 403),
        ({"hub.challenge": "<script>"}, 403),
        ({"hub.challenge": ""}, 403),
        ({"hub.challenge": "1" * 300}, 403),
    ],
)
async def test_whoever_sets_the_webhook_up_is_answered_when_they_know_the_token(
    gateway: Gateway, changes: dict[str, str], status: int
) -> None:
    gateway.delivery.more = {"challenge_token": "our token"}
    query = {
        "hub.mode": "subscribe",
        "hub.verify_token": "our token",
        "hub.challenge": "1158201444",
        **changes,
    }
    async with gateway.get(PATH, params=query) as answer:
        body = await answer.text()
        assert (answer.status, body) == (status, "1158201444" if status == 200 else "")
    if status == 200:
        assert answer.content_type == "text/plain"
    assert gateway.delivery.of(delivery_pb2.RecordReceiptsRequest) == []


@pytest.mark.req("GAT-24", "GAT-50")
async def test_an_account_without_a_token_or_unknown_confirms_nothing(gateway: Gateway) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    for path, status in ((PATH, 403), ("/webhooks/meta/unknown", 403), ("/webhooks/twilio/known", 405)):
        async with gateway.get(path, params=query) as answer:
            assert answer.status == status


@pytest.mark.req("GAT-4", "GAT-24", "GAT-28")
async def test_statuses_are_stored_as_they_came(gateway: Gateway) -> None:
    gateway.delivery.shared_secret = SECRET
    body = call({"statuses": [STATUS]})
    async with gateway.post(PATH, data=body, headers=sign(body)) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    [stored] = gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)
    assert stored.raw_body == body
    assert gateway.delivery.of(delivery_pb2.RecordInboundMessageRequest) == []


@pytest.mark.req("DEL-33", "GAT-28")
async def test_one_call_may_bring_texts_wishes_and_statuses(gateway: Gateway) -> None:
    gateway.delivery.shared_secret = SECRET
    button = {"from": "12025550144", "id": "wamid.b", "type": "button", "button": {"text": "Stop promotions"}}
    listed = {"from": "12025550145", "id": "wamid.l", "interactive": {"list_reply": {"title": "STOP"}}}
    picture = {"from": "12025550146", "id": "wamid.p", "type": "image", "image": {"id": "1"}}
    named = {"from": "US.123", "id": "wamid.u", "text": {"body": "STOP"}}
    wish = {"wa_id": "12025550147", "category": "marketing_messages", "value": "stop", "timestamp": "1"}
    back = {**wish, "value": "resume"}
    body = call(
        {"messages": [written("STOP"), button, listed, picture, named, "x"]},
        {"user_preferences": [wish, back, {"value": "other"}]},
        {"statuses": [STATUS]},
    )
    async with gateway.post(PATH, data=body, headers=sign(body)) as answer:
        assert answer.status == 200
    told = gateway.delivery.of(delivery_pb2.RecordInboundMessageRequest)
    assert [(one.from_address, one.text, one.is_answered) for one in told] == [
        ("+12025550143", "STOP", False),
        ("+12025550144", "Stop promotions", False),
        ("+12025550145", "STOP", False),
        ("+12025550147", "STOP", True),
        ("+12025550147", "START", True),
    ]
    assert {(one.channel, one.provider_account_id) for one in told} == {(enums_pb2.CHANNEL_WHATSAPP, ACCOUNT)}
    assert told[0].to_address == "+15550001"
    names = [one.provider_message_id for one in told]
    assert len(set(names)) == 5
    assert not any("2025550147" in name for name in names)
    assert len(gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)) == 1


@pytest.mark.req("GAT-28")
async def test_a_text_that_nobody_can_read_does_not_refuse_the_others(gateway: Gateway) -> None:
    gateway.delivery.shared_secret = SECRET
    gateway.delivery.unreadable = {"bad"}
    body = call({"messages": [written("bad", "wamid.1"), written("STOP", "wamid.2")]})
    async with gateway.post(PATH, data=body, headers=sign(body)) as answer:
        assert answer.status == 200
    told = gateway.delivery.of(delivery_pb2.RecordInboundMessageRequest)
    assert [one.text for one in told] == ["bad", "STOP"]


@pytest.mark.req("GAT-50", "GAT-49")
async def test_a_call_that_is_not_signed_or_cannot_be_stored_is_not_taken(gateway: Gateway) -> None:
    gateway.delivery.shared_secret = SECRET
    body = call({"statuses": [STATUS]})
    for headers in (
        {},
        sign(body, "other"),
        {"X-Hub-Signature-256": "sha256=\u00e9".encode().decode("latin-1")},
    ):
        async with gateway.post(PATH, data=body, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (401, b"")
    assert gateway.delivery.of(delivery_pb2.RecordReceiptsRequest) == []
    async with gateway.post(PATH, data=body, headers=sign(body)) as answer:
        assert answer.status == 200
    gateway.delivery.is_down = True
    async with gateway.post(PATH, data=body, headers=sign(body)) as answer:
        assert answer.status == 503


@pytest.mark.req("CAM-50", "GAT-4")
@pytest.mark.parametrize(
    ("event", "state"),
    [("APPROVED", "APPROVED"), ("REINSTATED", "APPROVED"), ("REJECTED", "REJECTED"), ("LOCKED", "PAUSED"),
     ("PENDING_DELETION", "DISABLED")],
)  # fmt: skip
def test_what_is_decided_about_a_template_is_no_receipt(event: str, state: str) -> None:
    value = {
        "event": event,
        "message_template_id": 594425479261596,
        "message_template_name": "order_v2",
        "message_template_language": "pt_BR",
        "reason": "NONE" if state == "APPROVED" else "ABUSIVE_CONTENT",
    }
    change = {"field": "message_template_status_update", "value": value}
    told = meta.told(orjson.dumps({"entry": [{"id": "102290129340398", "changes": [change]}]}))
    (decided,) = told.decisions
    assert not told.has_receipts
    assert (decided.business_account, decided.whatsapp_template_id) == (
        "meta:102290129340398",
        "594425479261596",
    )
    assert (decided.whatsapp_template_name, decided.language_code) == ("order_v2", "pt_BR")
    assert enums_pb2.WhatsAppApprovalState.Name(decided.state) == f"WHATS_APP_APPROVAL_STATE_{state}"
    assert decided.reason == ("" if state == "APPROVED" else "ABUSIVE_CONTENT")


@pytest.mark.req("CAM-50", "GAT-4")
def test_gupshup_tells_of_templates_in_its_own_words_and_others_tell_nothing() -> None:
    payload = {"id": "c6aecef6", "status": "rejected", "elementName": "order_v2", "languageCode": "en",
               "rejectedReason": "INVALID_FORMAT"}  # fmt: skip
    told = gupshup.told(orjson.dumps({"type": "template-event", "payload": payload}))
    (decided,) = told.decisions
    assert (decided.whatsapp_template_id, decided.reason) == ("c6aecef6", "INVALID_FORMAT")
    unknown = gupshup.told(orjson.dumps({"type": "template-event", "payload": {"status": "odd"}}))
    assert (unknown.decisions, unknown.has_receipts) == ((), True)
