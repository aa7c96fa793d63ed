"""Events of the Event Webhook, in SendGrid's shape."""

import base64
from hashlib import blake2b
from typing import Any

import orjson

from sandbox.sendgrid.rendering import smtp_id
from sandbox.store.mail import Message

_IP = "192.0.2.25"


def sg_message_id(public_id: str, number: int, ordinal: int) -> str:
    """Returns the id of one recipient's copy: it starts with X-Message-Id and a dot."""
    return f"{public_id}.recvd-6f4d8c9b7-sbx01-1-{number:X}-{ordinal}.0"


def message_id(sg_id: str) -> int:
    """Returns the row that an sg_message_id names; 0 when it is none of ours."""
    try:
        return int(sg_id.rsplit("-", 2)[-2], 16)
    except (ValueError, IndexError):
        return 0


def sg_event_id(message: int, kind: str, number: str) -> str:
    """Returns the event's id: the same for every delivery of the same event."""
    digest = blake2b(f"{message}\0{kind}\0{number}".encode(), digest_size=16).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def build(message: Message, mail: dict[str, Any], data: dict[str, Any], at: float) -> dict[str, Any]:
    """Returns one event as it is posted; `data` is what the plan noted for it."""
    kind = data["event"]
    block = orjson.loads(message.personal)
    event: dict[str, Any] = {
        "email": message.address,
        "timestamp": int(at),
        "smtp-id": smtp_id(message.public_id, message.ordinal),
        "event": kind,
    }
    if mail.get("categories"):
        event["category"] = mail["categories"]
    event["sg_event_id"] = sg_event_id(message.id, kind, str(data.get("number", 0)))
    event["sg_message_id"] = sg_message_id(message.public_id, message.id, message.ordinal)
    event.update(_DETAILS.get(kind, {}))
    event.update({name: value for name, value in data.items() if name not in ("event", "number")})
    # custom arguments stand beside SendGrid's own keys, and lose against them
    return {**(mail.get("custom_args") or {}), **(block.get("custom_args") or {}), **event}


_DETAILS: dict[str, dict[str, Any]] = {
    "delivered": {"response": "250 2.0.0 OK", "ip": _IP, "tls": 1},
    "deferred": {"response": "451 4.7.1 Try again later", "attempt": "1"},
    "bounce": {"ip": _IP, "tls": 1},
    "dropped": {},
    "spamreport": {},
    "open": {"ip": _IP},
    "click": {"ip": _IP},
}
