"""Notifications of SNS: what a service publishes to a topic, in a signed envelope."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson

from sandbox.aws.certificate import NoticeSigner, made

TYPE = "x-amz-sns-message-type"
CONFIRMATION = "SubscriptionConfirmation"
VERSION = "2010-03-31"
_SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


def topic_of(region: str, name: str) -> str:
    """Returns the topic to which a configuration set tells its events: the one that is called like it."""
    return f"arn:aws:sns:{region}:000000000000:{name}"


def account_of_topic(topic: str) -> str:
    """Returns the name under which the subscription to a topic is kept."""
    return f"sns:{topic}"


def token_of(seed: str, topic: str, url: str) -> str:
    """Returns what a subscription is confirmed with."""
    return blake2b(f"{seed}\0{topic}\0{url}".encode(), digest_size=32).hexdigest()


def confirmation(topic: str, base: str, token: str) -> bytes:
    """Returns what asks a subscriber whether it wants to be told."""
    words = f"You have chosen to subscribe to the topic {topic}."
    return orjson.dumps(
        {"kind": CONFIRMATION, "topic": topic, "base": base, "message": words, "token": token}
    )


class Notices:
    """How a service tells by notifications; a repetition bears the same name and the same time."""

    most = 1
    max_bytes = 200_000
    keeps: tuple[str, ...] = ()

    def __init__(self, signer: Callable[[], NoticeSigner]) -> None:
        self._signer = signer

    def body(self, events: list[bytes]) -> bytes:
        """Returns the one notification, not signed yet."""
        (event,) = events
        return event

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:  # noqa: ARG002 - the key is the service's
        """Returns the envelope of one attempt."""
        signer = self._signer()
        return _sealed(body, signer if signed else None, signer.path)

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns another event under a stranger's signature that names the service's certificate."""
        lie = orjson.loads(body)
        lie["message"] = str(lie["message"]).replace("Delivery", "Bounce").replace("DELIVERED", "INVALID")
        return _sealed(orjson.dumps(lie), made(), self._signer().path)


def _sealed(body: bytes, signer: NoticeSigner | None, path: str) -> tuple[dict[str, str], bytes]:
    given: dict[str, Any] = orjson.loads(body)
    kind, topic, base = given.get("kind", "Notification"), given["topic"], given["base"]
    name = str(UUID(bytes=blake2b(body, digest_size=16).digest()))
    envelope = {
        "Type": kind,
        "MessageId": name,
        "TopicArn": topic,
        "Message": given["message"],
        "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "SignatureVersion": "2",
        "SigningCertURL": base + path,
    }
    if kind == CONFIRMATION:
        query = {
            "Action": "ConfirmSubscription",
            "TopicArn": topic,
            "Token": given["token"],
            "Version": VERSION,
        }
        envelope |= {"Token": given["token"], "SubscribeURL": f"{base}/?{urlencode(query)}"}
    else:
        query = {"Action": "Unsubscribe", "SubscriptionArn": f"{topic}:{name}", "Version": VERSION}
        envelope["UnsubscribeURL"] = f"{base}/?{urlencode(query)}"
        if given.get("subject"):
            envelope["Subject"] = given["subject"]
    if signer is not None:
        said = "".join(f"{field}\n{envelope[field]}\n" for field in _SIGNED if field in envelope)
        envelope["Signature"] = signer.sign(said.encode())
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
        TYPE: kind,
        "x-amz-sns-message-id": name,
        "x-amz-sns-topic-arn": topic,
    }
    return headers, orjson.dumps(envelope)
