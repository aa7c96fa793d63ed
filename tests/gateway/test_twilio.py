"""Callbacks of Twilio are taken when it signed exactly this call to exactly this public URL."""

import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import twilio
from tests.gateway.conftest import ACCOUNT, Gateway

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TOKEN = "f" * 32
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
URL = "https://m.example/webhooks/twilio/known?angarium_message_id=1"
STATUS = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+12025550143", "From": "+12025550100"}
TEXT = {
    "MessageSid": "SM2",
    "SmsStatus": "received",
    "From": "+12025550143",
    "To": "+12025550100",
    "Body": "STOP",
}


def genuine(url: str, body: bytes, signature: str, *, token: str = TOKEN, **headers: str) -> bool:
    material = delivery_pb2.VerificationMaterial(shared_secret=token)
    return twilio.is_genuine(material, {**FORM, **headers, twilio.SIGNATURE: signature}, body, NOW, url)


def sign(url: str, fields: Any, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, fields))


@pytest.mark.req("GAT-22")
def test_the_vendors_published_vector_is_genuine_and_nothing_else_is() -> None:
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    body, signature = urlencode(fields).encode(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert genuine(url, body, signature, token="12345")
    assert not genuine(url, body + b"&x=1", signature, token="12345")
    assert not genuine(url + "&x=1", body, signature, token="12345")
    assert not genuine(url, body, signature, token="12346")
    assert not genuine(url, body, signature, token="")


@pytest.mark.req("GAT-22")
@given(
    pairs=st.lists(st.tuples(st.text(max_size=8), st.text(max_size=12)), max_size=8),
    query=st.dictionaries(st.text("abc", min_size=1), st.text("xyz+ %", max_size=5), max_size=3),
)
def test_what_we_take_is_what_the_vendors_own_library_signs(
    pairs: list[tuple[str, str]], query: dict[str, str]
) -> None:
    url = f"https://m.example/webhooks/twilio/t?angarium_message_id=1&{urlencode(query)}".rstrip("&")
    try:
        body = urlencode(pairs).encode()
    except UnicodeEncodeError:
        return
    fields = parse_qs(body.decode(), keep_blank_values=True)
    signature = sign(url, _Many(fields))
    assert RequestValidator(TOKEN).validate(url, _Many(fields), signature)
    assert genuine(url, body, signature)


class _Many(dict[str, list[str]]):
    """Parameters as web frameworks give them to the library: several values for a name."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


@pytest.mark.req("GAT-22")
@pytest.mark.parametrize("signed", ["https://m.example/x?a=1", "https://m.example:443/x?a=1"])
@pytest.mark.parametrize("known", ["https://m.example/x?a=1", "https://m.example:443/x?a=1"])
def test_the_default_port_may_be_named_or_not(signed: str, known: str) -> None:
    body = urlencode(STATUS).encode()
    assert genuine(known, body, sign(signed, STATUS))
    assert not genuine("https://m.example:8443/x?a=1", body, sign(signed, STATUS))


@pytest.mark.req("GAT-22")
def test_a_json_body_is_vouched_for_by_its_hash_only() -> None:
    body = b'{"a": 1}'
    headers = {"content-type": "application/json"}
    url = f"https://m.example/x?bodySHA256={hashlib.sha256(body).hexdigest()}"
    assert RequestValidator(TOKEN).validate(url, body.decode(), sign(url, {}))
    assert genuine(url, body, sign(url, {}), **headers)
    assert not genuine(url, body + b" ", sign(url, {}), **headers)
    bare = "https://m.example/x"
    assert not genuine(bare, body, sign(bare, {}), **headers)


@pytest.mark.req("GAT-20", "REL-16")
@given(signature=st.text(), kind=st.text(max_size=20), body=st.binary(max_size=200), url=st.text(max_size=40))
def test_nothing_makes_the_check_fall_over(signature: str, kind: str, body: bytes, url: str) -> None:
    assert not genuine(url, body, signature, **{"content-type": kind})
    twilio.inbound(body)


def headers_of(gateway: Gateway, path: str, fields: dict[str, str]) -> dict[str, str]:
    gateway.delivery.shared_secret = TOKEN
    return {"X-Twilio-Signature": sign(gateway.url + path, fields)}


@pytest.mark.req("GAT-28")
async def test_a_status_is_stored_with_the_query_that_names_the_message(gateway: Gateway) -> None:
    path = "/webhooks/twilio/known?angarium_message_id=0192f0c1"
    async with gateway.post(path, data=STATUS, headers=headers_of(gateway, path, STATUS)) as answer:
        assert (answer.status, answer.content_type) == (200, "text/xml")
        assert (await answer.text()).endswith("<Response></Response>")
    [stored] = gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)
    assert (stored.raw_body, stored.query) == (urlencode(STATUS).encode(), "angarium_message_id=0192f0c1")
    assert gateway.delivery.of(delivery_pb2.RecordInboundMessageRequest) == []


@pytest.mark.req("DEL-33")
@pytest.mark.parametrize(
    ("more", "text", "is_answered", "channel"),
    [
        ({}, "STOP", False, enums_pb2.CHANNEL_SMS),
        ({"Body": "Arret", "OptOutType": "STOP"}, "STOP", True, enums_pb2.CHANNEL_SMS),
        ({"From": "whatsapp:+12025550143"}, "STOP", False, enums_pb2.CHANNEL_WHATSAPP),
    ],
)
async def test_a_text_of_a_person_goes_to_whoever_reads_texts(
    gateway: Gateway, more: dict[str, str], text: str, is_answered: bool, channel: int
) -> None:
    path, fields = "/webhooks/twilio/known", {**TEXT, **more}
    async with gateway.post(path, data=fields, headers=headers_of(gateway, path, fields)) as answer:
        assert (answer.status, answer.content_type) == (200, "text/xml")
    [told] = gateway.delivery.of(delivery_pb2.RecordInboundMessageRequest)
    assert (told.text, told.is_answered, told.channel) == (text, is_answered, channel)
    assert (told.provider_account_id, told.from_address, told.provider_message_id) == (
        ACCOUNT,
        "+12025550143",
        "SM2",
    )


@pytest.mark.req("GAT-22", "GAT-38", "GAT-50")
async def test_a_call_to_another_host_than_ours_is_refused_whatever_its_headers_say(gateway: Gateway) -> None:
    path = "/webhooks/twilio/known"
    gateway.delivery.shared_secret = TOKEN
    forged = {
        "X-Twilio-Signature": sign(f"https://elsewhere.example{path}", STATUS),
        "Host": "elsewhere.example",
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Proto": "https",
    }
    for headers in (forged, {}, {"X-Twilio-Signature": "x"}):
        async with gateway.post(path, data=STATUS, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (401, b"")
    assert gateway.delivery.of(delivery_pb2.RecordReceiptsRequest) == []


@pytest.mark.req("GAT-28", "GAT-49")
async def test_when_a_text_cannot_be_stored_it_is_asked_for_again(gateway: Gateway) -> None:
    path = "/webhooks/twilio/known"
    headers = headers_of(gateway, path, TEXT)
    async with gateway.post(path, data=TEXT, headers=headers) as answer:
        assert answer.status == 200
    gateway.delivery.is_down = True
    async with gateway.post(path, data=TEXT, headers=headers) as answer:
        assert answer.status == 503


@pytest.mark.req("GAT-2", "GAT-22")
async def test_status_and_texts_may_come_to_addresses_of_their_own(gateway: Gateway) -> None:
    for part, fields in (("status", STATUS), ("inbound", TEXT)):
        path = f"/webhooks/twilio/known/{part}"
        async with gateway.post(path, data=fields, headers=headers_of(gateway, path, fields)) as answer:
            assert (answer.status, answer.content_type) == (200, "text/xml")
            assert (await answer.text()).endswith("<Response></Response>")
        # Signed for one address, a call is not genuine at another.
        headers = headers_of(gateway, "/webhooks/twilio/known", fields)
        async with gateway.post(path, data=fields, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (401, b"")
        async with gateway.post(path.replace("known", "other"), data=fields, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (401, b"")
    assert len(gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)) == 1
    assert len(gateway.delivery.of(delivery_pb2.RecordInboundMessageRequest)) == 1
    gateway.delivery.is_down = True
    path = "/webhooks/twilio/known/status"
    async with gateway.post(path, data=STATUS, headers=headers_of(gateway, path, STATUS)) as answer:
        assert answer.status == 503
    for path in ("/webhooks/twilio/known/else", "/webhooks/sendgrid/known/status"):
        async with gateway.post(path, data=STATUS) as answer:
            assert answer.status == 404
