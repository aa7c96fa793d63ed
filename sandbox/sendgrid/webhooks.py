"""The Event Webhook: batches of events, signed with ECDSA over the time and the body."""

import time
from typing import Any

import orjson

from sandbox import signing
from sandbox.sendgrid.events import build
from sandbox.store.mail import Message

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


class EventWebhook:
    """How SendGrid tells its events."""

    most = 500
    max_bytes = 768_000
    keeps: tuple[str, ...] = ("categories", "custom_args")

    def __init__(self, signer: signing.Signer) -> None:
        self._signer = signer
        self._stranger = signing.stranger()

    def event(
        self, message: Message, mail: dict[str, Any], data: dict[str, Any], at: float
    ) -> dict[str, Any] | None:
        """Returns an event in SendGrid's shape."""
        return build(message, mail, data, at)

    def body(self, events: list[bytes]) -> bytes:
        """Returns the array of events, its bytes as SendGrid sends them."""
        return b"[" + b",\r\n".join(events) + b"]\r\n"

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:  # noqa: ARG002 - a key signs
        """Returns headers and body of one attempt, signed when the account wants it so."""
        return self._headers(body, self._signer if signed else None), body

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns complaints under a stranger's signature."""
        lies = orjson.dumps(
            [
                {**event, "event": "spamreport", "sg_event_id": "forged" + event["sg_event_id"]}
                for event in orjson.loads(body)
            ]
        )
        return self._headers(lies, self._stranger), lies

    def _headers(self, body: bytes, signer: signing.Signer | None) -> dict[str, str]:
        headers = {"Content-Type": "application/json;charset=utf-8", "User-Agent": "SendGrid Event API"}
        if signer is not None:
            # stamped anew on every attempt: a receiver with a window of minutes still takes late repetitions
            timestamp = str(int(time.time()))
            headers[TIMESTAMP] = timestamp
            headers[SIGNATURE] = signer.sign(timestamp, body)
        return headers
