"""Gupshup's webhooks in version 2: one event per call, unsigned; who calls is known by what stands before the URL's @."""

from hashlib import blake2b
from typing import Any

import orjson

from sandbox.meta.errors import CODES
from sandbox.store.mail import Message

OWN = {21610: (1012, "User opted out"), 63016: (1005, "Message sending failed as user is inactive")}
FORGED = {"Content-Type": "application/json", "Authorization": "Basic Zm9yZ2VkOmZvcmdlZA=="}


class Webhooks:
    """How Gupshup tells what became of messages, and what people write."""

    most = 1
    max_bytes = 64_000
    keeps: tuple[str, ...] = ()

    def event(
        self,
        message: Message,
        mail: dict[str, Any],  # noqa: ARG002 - each message is whole
        data: dict[str, Any],
        at: float,
    ) -> dict[str, Any] | None:
        """Returns an event in Gupshup's shape."""
        kept = orjson.loads(message.personal)
        common = {"app": kept["app"], "timestamp": int(at * 1000), "version": 2}
        if "text" in data:
            name = blake2b(f"{message.id} {data['text']}".encode(), digest_size=16).hexdigest()
            person = {"phone": kept["to"], "name": "Somebody", "country_code": "", "dial_code": kept["to"]}
            text = {
                "id": name,
                "source": kept["to"],
                "type": "text",
                "payload": {"text": data["text"]},
                "sender": person,
            }
            return {**common, "type": "message", "payload": text}
        status = data["status"]
        event: dict[str, Any] = {"type": status, "destination": kept["to"]}
        if status == "failed":
            code, reason = OWN.get(data["error"]) or CODES[data["error"]]
            event |= {"id": kept["id"], "payload": {"code": code, "reason": reason}}
        else:
            event |= {"id": kept["wamid"], "gsId": kept["id"], "payload": {"ts": int(at)}}
        return {**common, "type": "message-event", "payload": event}

    def body(self, events: list[bytes]) -> bytes:
        """Returns the one event."""
        (event,) = events
        return event

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:  # noqa: ARG002 - unsigned
        """Returns the body as it is; user and password stand in the URL."""
        return {"Content-Type": "application/json"}, body

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns a failure told by a caller that knows the path but not the password."""
        call = orjson.loads(body)
        call["payload"] |= {"type": "failed", "payload": {"code": 1012}}
        return FORGED, orjson.dumps(call)
