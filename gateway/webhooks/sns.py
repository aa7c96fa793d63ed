"""Notifications of Amazon SNS (GAT-23): who may be told by them, and over what their signatures go.

A stranger's topic has perfectly good signatures of Amazon's, so the topic is looked at before anything else.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2

NOTIFICATION: Final = "Notification"
SUBSCRIPTION: Final = "SubscriptionConfirmation"
END: Final = "UnsubscribeConfirmation"
TYPE: Final = "x-amz-sns-message-type"
RAW: Final = "x-amz-sns-rawdelivery"
_CONFIRMATION: Final = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED: Final = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: _CONFIRMATION,
    END: _CONFIRMATION,
}
"""What is signed of each kind, in its order; only a subject may be missing."""

FUTURE: Final = 300
_TOPIC: Final = re.compile(
    r"arn:aws(?:-cn|-us-gov)?:sns:([a-z]{2}(?:-[a-z]+){1,2}-[0-9]{1,2}):[0-9]{12}:[A-Za-z0-9_-]{1,256}"
)
_CERTIFICATE: Final = re.compile(r"/SimpleNotificationService-[0-9a-f]{32}\.pem")
_VERSION: Final = "2010-03-31"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A call that is for the account as far as it says itself; its signature is still to be checked."""

    kind: str
    topic: str
    token: str
    origin: str
    certificate_url: str
    signature: bytes
    signed: bytes
    algorithm: HashAlgorithm

    @property
    def confirmation_url(self) -> str:
        """Returns where the subscription is confirmed: made here, nothing of the call chooses the host."""
        query = {
            "Action": "ConfirmSubscription",
            "TopicArn": self.topic,
            "Token": self.token,
            "Version": _VERSION,
        }
        return f"{self.origin}/?{urlencode(query)}"

    def is_signed_with(self, key: RSAPublicKey) -> bool:
        """Returns whether the holder of a key signed what counts of the call."""
        try:
            key.verify(self.signature, self.signed, PKCS1v15(), self.algorithm)
        except InvalidSignature:
            return False
        return True


def read(
    verification: delivery_pb2.VerificationMaterial,
    headers: Mapping[str, str],
    raw_body: bytes,
    now: datetime,
    *,
    production: bool,
) -> Envelope | None:
    """Returns a call that may be the account's, None for any other: another topic, another host, too old, or raw."""
    if headers.get(RAW, "").lower() == "true":
        return None
    body = _object(raw_body)
    kind, topic = body.get("Type"), verification.topic
    if kind not in SIGNED or headers.get(TYPE) != kind or not topic or body.get("TopicArn") != topic:
        return None
    algorithm = _algorithm(body.get("SignatureVersion"), allow_sha1=verification.allow_sha1)
    origin = _origin(topic, "" if production else verification.stand_in_origin)
    url, signed = body.get("SigningCertURL"), _signed(kind, body)
    if algorithm is None or not origin or signed is None or not isinstance(url, str):
        return None
    if not url.startswith(origin) or not _CERTIFICATE.fullmatch(url[len(origin) :]):
        return None
    if not _is_recent(body["Timestamp"], verification.tolerance_seconds, now):
        return None
    try:
        signature = base64.b64decode(str(body.get("Signature") or ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    return Envelope(kind, topic, str(body.get("Token") or ""), origin, url, signature, signed, algorithm)


def _object(raw_body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(raw_body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _algorithm(version: object, *, allow_sha1: bool) -> HashAlgorithm | None:
    if version == "2":
        return SHA256()
    return SHA1() if version == "1" and allow_sha1 else None  # noqa: S303 - an account's own word that it is taken


def _signed(kind: str, body: Mapping[str, Any]) -> bytes | None:
    """Returns what is signed; None for a call that lacks some of it."""
    lines: list[str] = []
    for name in SIGNED[kind]:
        value = body.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            return None
        lines += (name, value)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _origin(topic: str, stand_in: str) -> str:
    """Returns where the topic's service is: in its own region, unless another server stands in for it."""
    found = _TOPIC.fullmatch(topic)
    if found is None or stand_in:
        return stand_in.rstrip("/")
    suffix = ".cn" if found[1].startswith("cn-") else ""
    return f"https://sns.{found[1]}.amazonaws.com{suffix}"


def _is_recent(stamp: str, tolerance_seconds: int, now: datetime) -> bool:
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return False
    age = (now - (at if at.tzinfo else at.replace(tzinfo=UTC))).total_seconds()
    return age >= -FUTURE and (not tolerance_seconds or age <= tolerance_seconds)
