"""Notifications of SNS: believed of the account's own topic, under a signature of the service's own certificate."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import sns
from gateway.webhooks.certificates import CertificateError, checked
from tests.gateway.conftest import Gateway, open_door

TOPIC = "arn:aws:sns:eu-central-1:123456789012:angarium"
NOW = datetime.now(UTC)
KEY = rsa.generate_private_key(65537, 2048)
STRANGER = rsa.generate_private_key(65537, 2048)
PEM = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}


def certificate(
    key: Any = KEY, name: str = "sns.amazonaws.com", days: int = 1, issuer: Any = None, issuer_name: str = ""
) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer_name or name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=2))
        .not_valid_after(NOW + timedelta(days=days))
        .sign(issuer or key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def envelope(origin: str, kind: str = "Notification", *, key: Any = KEY, **change: Any) -> dict[str, Any]:
    """A call as SNS makes it; `change` comes before the signature."""
    body = {
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": '{"eventType":"Delivery"} é\n',
        "Timestamp": NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": "2",
        "SigningCertURL": origin + PEM,
    }
    if kind != "Notification":
        body |= {"Token": "2336412f37", "SubscribeURL": "https://attacker.example/confirm"}
    body |= change
    body = {name: value for name, value in body.items() if value is not None}
    names = SIGNED.get(kind, SIGNED["SubscriptionConfirmation"])
    said = "".join(f"{name}\n{body[name]}\n" for name in names if name in body)
    algorithm = SHA1() if body["SignatureVersion"] == "1" else SHA256()  # noqa: S303 - what version 1 is
    body["Signature"] = base64.b64encode(key.sign(said.encode(), padding.PKCS1v15(), algorithm)).decode()
    return body


class Amazon:
    """Where certificates are kept and subscriptions confirmed."""

    def __init__(self) -> None:
        self.pem, self.asked, self.status, self.url = certificate(), list[str](), 200, ""

    async def certificate(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.Response(body=self.pem, status=self.status)

    async def confirm(self, request: web.Request) -> web.Response:
        self.asked.append(request.query_string)
        return web.Response(status=self.status)


@pytest.fixture
async def amazon(gateway: Gateway) -> AsyncIterator[Amazon]:
    made = Amazon()
    app = web.Application()
    app.router.add_get("/", made.confirm)
    app.router.add_get("/{file}", made.certificate)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}"
    gateway.delivery.more = {"topic": TOPIC, "stand_in_origin": made.url}
    gateway.delivery.tolerance_seconds = 3600
    yield made
    await runner.cleanup()


async def call(gateway: Gateway, body: dict[str, Any] | bytes, provider: str = "ses", **headers: str) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = body["Type"] if isinstance(body, dict) else "Notification"
    sent = {"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": kind} | headers
    async with gateway.post(f"/webhooks/{provider}/known", data=raw, headers=sent) as answer:
        return answer.status


@pytest.mark.req("GAT-3", "GAT-20", "GAT-23", "GAT-28")
@pytest.mark.parametrize("provider", ["ses", "aws_sns"])
async def test_a_signed_notification_of_the_topic_is_stored_as_it_came(
    gateway: Gateway, amazon: Amazon, provider: str
) -> None:
    gateway.clock.set(NOW)
    for body in (envelope(amazon.url), envelope(amazon.url, Subject="Amazon SES")):
        assert await call(gateway, body, provider) == 200
        stored = gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)[-1]
        assert json.loads(stored.raw_body) == body
    assert amazon.asked == [PEM]  # the certificate is remembered


@pytest.mark.req("GAT-20", "GAT-23")
async def test_nothing_else_is_believed(gateway: Gateway, amazon: Amazon) -> None:
    gateway.clock.set(NOW)
    good = envelope(amazon.url)
    old = (NOW - timedelta(minutes=61)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    early = (NOW + timedelta(minutes=6)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    refused: list[tuple[dict[str, Any] | bytes, dict[str, str]]] = [
        (envelope(amazon.url, TopicArn=TOPIC + "2"), {}),
        (envelope(amazon.url, key=STRANGER), {}),
        (good | {"Message": "other"}, {}),
        (good | {"Subject": "added"}, {}),
        (good | {"Signature": "AAAA"}, {}),
        (good | {"Signature": "é"}, {}),
        (envelope(amazon.url, SignatureVersion="1"), {}),
        (envelope(amazon.url, SignatureVersion="3"), {}),
        (envelope(amazon.url, Timestamp=old), {}),
        (envelope(amazon.url, Timestamp=early), {}),
        (envelope(amazon.url, Timestamp="yesterday"), {}),
        (envelope(amazon.url, MessageId=None), {}),
        (good, {"x-amz-sns-message-type": "SubscriptionConfirmation"}),
        (good, {"x-amz-sns-rawdelivery": "true"}),
        (b'{"eventType":"Delivery"}', {}),
        (b"[]", {}),
        (b"\xff", {}),
    ]
    for body, headers in refused:
        assert await call(gateway, body, **headers) == 401, body
    gateway.delivery.more["topic"] = ""  # an account without a topic believes none
    assert await call(gateway, good, "aws_sns") == 401
    assert gateway.delivery.of(delivery_pb2.RecordReceiptsRequest) == []
    assert set(amazon.asked) == {PEM}


@pytest.mark.req("GAT-23")
@pytest.mark.parametrize(
    "url",
    [
        "https://attacker.example" + PEM,
        "https://sns.eu-central-1.amazonaws.com.attacker.example" + PEM,
        "https://sns.s3.amazonaws.com" + PEM,
        "https://sns.s3-us-west-2.amazonaws.com" + PEM,
        "https://sns.us-east-1.amazonaws.com" + PEM,
        "http://sns.eu-central-1.amazonaws.com" + PEM,
        "https://user@sns.eu-central-1.amazonaws.com" + PEM,
        "https://sns.eu-central-1.amazonaws.com:8443" + PEM,
        "https://sns.eu-central-1.amazonaws.com/x/.." + PEM,
        "https://sns.eu-central-1.amazonaws.com" + PEM + "?x=y",
        "https://sns.eu-central-1.amazonaws.com" + PEM + "#x",
        "http://169.254.169.254" + PEM,
        "http://127.0.0.1:1" + PEM,
    ],
)
def test_certificates_are_read_at_the_service_of_the_topics_region_only(url: str) -> None:
    material = delivery_pb2.VerificationMaterial(
        topic=TOPIC, tolerance_seconds=3600, stand_in_origin="http://127.0.0.1:1"
    )
    headers = {sns.TYPE: "Notification"}

    def read(where: str) -> sns.Envelope | None:
        body = json.dumps(envelope("", SigningCertURL=where)).encode()
        return sns.read(material, headers, body, NOW, production=True)

    good = read("https://sns.eu-central-1.amazonaws.com" + PEM)
    assert good is not None
    assert good.confirmation_url.startswith(
        "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&"
    )
    assert read(url) is None


@pytest.mark.req("GAT-34")
async def test_calls_of_one_event_each_have_room_for_a_campaign(gateway: Gateway, amazon: Amazon) -> None:
    gateway.clock.set(NOW)
    async with open_door(gateway.clock, **gateway.behind, receipts_per_minute=1) as (url, session):
        narrow = replace(gateway, url=url, session=session)
        body = envelope(amazon.url)
        assert [await call(narrow, body) for _ in range(61)] == [200] * 60 + [429]


@pytest.mark.req("GAT-23")
async def test_version_1_is_taken_where_the_account_allows_it(gateway: Gateway, amazon: Amazon) -> None:
    gateway.clock.set(NOW)
    gateway.delivery.more["allow_sha1"] = True
    assert await call(gateway, envelope(amazon.url, SignatureVersion="1")) == 200
    assert await call(gateway, envelope(amazon.url, SignatureVersion="1", key=STRANGER)) == 401


@pytest.mark.req("GAT-23")
async def test_a_subscription_to_the_topic_is_confirmed_without_looking_at_the_url_it_names(
    gateway: Gateway, amazon: Amazon
) -> None:
    gateway.clock.set(NOW)
    body = envelope(amazon.url, "SubscriptionConfirmation")
    assert await call(gateway, body) == 200
    assert amazon.asked[1:] == [
        f"Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37&Version=2010-03-31"
    ]
    stranger = envelope(amazon.url, "SubscriptionConfirmation", TopicArn=TOPIC + "2")
    forged = envelope(amazon.url, "SubscriptionConfirmation", key=STRANGER)
    assert [await call(gateway, one) for one in (stranger, forged)] == [401, 401]
    amazon.status = 503  # it is told again
    assert await call(gateway, body) == 503
    amazon.status = 200
    assert await call(gateway, envelope(amazon.url, "UnsubscribeConfirmation")) == 200
    assert len(amazon.asked) == 3
    assert gateway.delivery.of(delivery_pb2.RecordReceiptsRequest) == []


@pytest.mark.req("GAT-28")
async def test_while_the_certificate_cannot_be_fetched_the_caller_comes_again(
    gateway: Gateway, amazon: Amazon
) -> None:
    gateway.clock.set(NOW)
    amazon.status = 503
    assert await call(gateway, envelope(amazon.url)) == 503
    amazon.status = 200
    assert await call(gateway, envelope(amazon.url)) == 200
    amazon.status = 404
    other = PEM.replace("0123", "4567")
    assert await call(gateway, envelope(amazon.url, SigningCertURL=amazon.url + other)) == 401


async def test_nobody_makes_the_gateway_fetch_without_end(gateway: Gateway, amazon: Amazon) -> None:
    gateway.clock.set(NOW)
    amazon.pem = b"x" * 100_000
    answers = [
        await call(
            gateway,
            envelope(amazon.url, SigningCertURL=f"{amazon.url}/SimpleNotificationService-{n:032x}.pem"),
        )
        for n in range(40)
    ]
    assert (answers[:30], answers[30:]) == ([401] * 30, [503] * 10)
    assert len(amazon.asked) == 30


@pytest.mark.req("GAT-23")
def test_only_a_good_certificate_of_the_service_gives_a_key() -> None:
    assert checked(certificate(), NOW, "")[0].key_size == 2048
    root = rsa.generate_private_key(65537, 2048)
    chain = certificate(issuer=root, issuer_name="Root") + certificate(root, "Root")
    assert checked(chain, NOW, "")[0].key_size == 2048
    other = rsa.generate_private_key(65537, 2048)
    for bad in (
        certificate(name="attacker.example"),
        certificate(days=-1),
        certificate(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - too short on purpose
        certificate(ec.generate_private_key(ec.SECP256R1())),
        certificate(issuer=root, issuer_name="Root") + certificate(other, "Root"),
        certificate(issuer=root, issuer_name="Root") + certificate(root, "Root", days=-1),
        b"",
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    ):
        with pytest.raises((CertificateError, ValueError, InvalidSignature)):
            checked(bad, NOW, "")


@pytest.mark.req("REL-16")
@given(
    st.binary(max_size=300)
    | st.dictionaries(st.text(max_size=20), st.text(max_size=20)).map(lambda one: json.dumps(one).encode())
)
def test_no_body_makes_the_check_fall_over(raw: bytes) -> None:
    material = delivery_pb2.VerificationMaterial(topic=TOPIC)
    assert sns.read(material, {sns.TYPE: "Notification"}, raw, NOW, production=False) is None
