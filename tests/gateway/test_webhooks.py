"""Receipts are taken when the provider signed exactly these bytes, and answered once they are stored."""

import base64
import io
import json

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from sendgrid.helpers.eventwebhook import EventWebhook

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import sendgrid
from services.common.clock import FixedClock
from tests.gateway.conftest import ACCOUNT, Gateway

BODY = b'[{"event":"delivered","sg_event_id":"1"}]\r\n'
# Published in the vendor's own test suites.
VECTOR_KEY = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA=="
VECTOR_SIGNATURE = (
    "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0="
)
VECTOR_TIME = "1588788367"
VECTOR_BODY = json.dumps(
    {"event": "test_event", "category": "example_payload", "message_id": "message_id"},
    sort_keys=True,
    separators=(",", ":"),
).encode()


class Signer:
    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public_key = base64.b64encode(public).decode()

    def headers(self, body: bytes, stamp: int) -> dict[str, str]:
        signature = self._key.sign(str(stamp).encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": str(stamp),
            "Content-Type": "application/json",
        }


def material(public_key: str, tolerance: int = 0) -> delivery_pb2.VerificationMaterial:
    return delivery_pb2.VerificationMaterial(public_key=public_key, tolerance_seconds=tolerance)


@pytest.mark.req("GAT-21", "GAT-37")
def test_the_vendors_published_vector_is_genuine_and_no_other_bytes_are(clock: FixedClock) -> None:
    headers = {sendgrid.SIGNATURE: VECTOR_SIGNATURE, sendgrid.TIMESTAMP: VECTOR_TIME}
    assert sendgrid.is_genuine(material(VECTOR_KEY), headers, VECTOR_BODY, clock.now())
    assert not sendgrid.is_genuine(material(VECTOR_KEY), headers, VECTOR_BODY + b"\r\n", clock.now())


def test_what_we_take_is_what_the_vendors_own_library_takes(clock: FixedClock) -> None:
    signer = Signer()
    stamp = int(clock.now().timestamp())
    headers = {name.lower(): value for name, value in signer.headers(BODY, stamp).items()}
    oracle = EventWebhook(signer.public_key)
    assert oracle.verify_signature(BODY.decode(), headers[sendgrid.SIGNATURE], headers[sendgrid.TIMESTAMP])
    assert sendgrid.is_genuine(material(signer.public_key, 300), headers, BODY, clock.now())


@pytest.mark.req("GAT-20", "GAT-40", "REL-16")
@given(signature=st.text(), stamp=st.text(), key=st.text())
def test_no_header_and_no_key_make_the_check_fall_over(signature: str, stamp: str, key: str) -> None:
    from datetime import UTC, datetime

    headers = {sendgrid.SIGNATURE: signature, sendgrid.TIMESTAMP: stamp}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert not sendgrid.is_genuine(material(key), headers, b"[]", now)
    assert not sendgrid.is_genuine(material(VECTOR_KEY), headers, b"[]", now)


@pytest.mark.req("GAT-1", "GAT-28", "ARC-12")
async def test_a_genuine_webhook_is_stored_byte_for_byte_before_the_answer(gateway: Gateway) -> None:
    signer = Signer()
    gateway.delivery.public_key = signer.public_key
    headers = signer.headers(BODY, int(gateway.clock.now().timestamp()))
    async with gateway.post("/webhooks/sendgrid/known", data=BODY, headers=headers) as answer:
        assert answer.status == 200
    [stored] = gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)
    assert (stored.raw_body, stored.provider_account_id) == (BODY, ACCOUNT)


@pytest.mark.req("GAT-50", "GAT-20", "ARC-12", "REL-13")
async def test_a_forged_stale_or_unknown_webhook_is_refused_without_a_word(gateway: Gateway) -> None:
    signer = Signer()
    gateway.delivery.public_key = signer.public_key
    now = int(gateway.clock.now().timestamp())
    good = signer.headers(BODY, now)
    attempts = [
        ("known", BODY + b" ", good),
        ("known", BODY, signer.headers(BODY, now - 301)),
        ("known", BODY, {}),
        ("known", BODY, {**good, "X-Twilio-Email-Event-Webhook-Timestamp": "yesterday"}),
        ("stranger", BODY, good),
    ]
    for token, body, headers in attempts:
        async with gateway.post(f"/webhooks/sendgrid/{token}", data=body, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (401, b"")
    assert gateway.delivery.of(delivery_pb2.RecordReceiptsRequest) == []


@pytest.mark.req("SEC-109", "GAT-28", "GAT-49")
async def test_when_storing_fails_the_provider_is_asked_to_come_again(gateway: Gateway) -> None:
    signer = Signer()
    gateway.delivery.public_key = signer.public_key
    headers = signer.headers(BODY, int(gateway.clock.now().timestamp()))
    async with gateway.post("/webhooks/sendgrid/known", data=BODY, headers=headers) as answer:
        assert answer.status == 200
    gateway.delivery.is_down = True
    async with gateway.post("/webhooks/sendgrid/known", data=BODY, headers=headers) as answer:
        assert answer.status == 503
        assert (await answer.json())["reason"] == "DEPENDENCY_UNAVAILABLE"


@pytest.mark.req("GAT-20", "GAT-53")
async def test_too_large_a_body_an_unknown_provider_and_a_wrong_method_are_told_apart(
    gateway: Gateway,
) -> None:
    async with gateway.post("/webhooks/sendgrid/known", data=io.BytesIO(b"x" * 1_048_577)) as answer:
        assert answer.status == 413
    async with gateway.post("/webhooks/pigeon/known", data=BODY) as answer:
        assert answer.status == 404
    async with gateway.get("/webhooks/sendgrid/known") as answer:
        assert answer.status == 405
