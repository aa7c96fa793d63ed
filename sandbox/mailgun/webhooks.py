"""Mailgun's webhooks: one event per call, with a signature over time and token in the body."""

import hashlib
import hmac
from typing import Any

import orjson

from sandbox.store.mail import Message

DROPPED = {
    "Bounced Address": "suppress-bounce",
    "Unsubscribed Address": "suppress-unsubscribe",
    "Spam Reporting Address": "suppress-complaint",
    "Invalid": "suppress-bounce",
}
WORDS = {
    "processed": "accepted", "delivered": "delivered", "deferred": "failed", "bounce": "failed", "dropped": "failed",
    "spamreport": "complained", "open": "opened", "click": "clicked",
}  # fmt: skip


def default_key(seed: str) -> str:
    """Returns the signing key of accounts that were not given their own."""
    return hashlib.blake2b(f"mailgun {seed}".encode(), digest_size=16).hexdigest()


class Webhooks:
    """How Mailgun tells its events, given in SendGrid's words."""

    most = 1
    max_bytes = 1_000_000
    keeps: tuple[str, ...] = ()

    def __init__(self, seed: str) -> None:
        self._key = default_key(seed)

    def event(
        self,
        message: Message,
        mail: dict[str, Any],  # noqa: ARG002 - the plan's note and the recipient's own say all
        data: dict[str, Any],
        at: float,
    ) -> dict[str, Any] | None:
        """Returns an event in Mailgun's shape."""
        kind = data["event"]
        if kind not in WORDS:
            return None
        own = orjson.loads(message.personal)
        event: dict[str, Any] = {
            "event": WORDS[kind],
            "id": hashlib.blake2b(f"{message.id} {kind}".encode(), digest_size=11).hexdigest(),
            "timestamp": at,
            "log-level": "info",
            "recipient": message.address,
            "recipient-domain": message.address.rpartition("@")[2],
            "message": {
                "headers": {
                    "message-id": message.public_id, "to": own["to"], "from": message.sender,
                    "subject": message.subject,
                }
            },
            "user-variables": own["v"],
            "tags": own["tags"],
            "flags": {"is-test-mode": False, "is-routed": False, "is-authenticated": True},
        }  # fmt: skip
        if kind == "click":
            event["url"] = data.get("url", "")
        return event | _failure(kind, data)

    def body(self, events: list[bytes]) -> bytes:
        """Returns the one event, not signed yet."""
        (event,) = events
        return event

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:
        """Returns the event beside its signature; a repetition bears the same."""
        return self._headers(), _signed(body, (secret or self._key) if signed else "")

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns a complaint under a signature of another key."""
        lie = orjson.dumps({**orjson.loads(body), "event": "complained", "id": "forged"})
        return self._headers(), _signed(lie, "stranger")

    @staticmethod
    def _headers() -> dict[str, str]:
        return {"Content-Type": "application/json", "User-Agent": "mailgun/treq-1.0"}


def _signed(event: bytes, key: str) -> bytes:
    stamp = str(int(orjson.loads(event)["timestamp"]))
    token = hashlib.sha256(event).hexdigest()[:50]
    signature = hmac.new(key.encode(), (stamp + token).encode(), hashlib.sha256).hexdigest()
    parts = orjson.dumps({"timestamp": stamp, "token": token, "signature": signature})
    return b'{"signature":' + parts + b',"event-data":' + event + b"}"


def _failure(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    if kind == "delivered":
        return {"delivery-status": {"code": 250, "message": "OK", "tls": True, "enhanced-code": "2.0.0"}}
    if kind not in ("deferred", "bounce", "dropped"):
        return {}
    words = str(data.get("reason") or data.get("response") or "")
    if kind == "dropped":
        status = {"code": 605, "message": "", "description": "Not delivering to previously bounced address"}
        return {
            "severity": "permanent",
            "reason": DROPPED.get(words, "suppress-bounce"),
            "delivery-status": status,
        }
    code, _, rest = words.partition(" ")
    status = {"code": int(code), "message": words, "description": "", "enhanced-code": rest.partition(" ")[0]}
    severity = "temporary" if kind == "deferred" else "permanent"
    return {
        "severity": severity,
        "reason": "greylisted" if kind == "deferred" else "bounce",
        "delivery-status": status,
    }
