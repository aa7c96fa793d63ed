"""WATI's webhooks: one event per call, unsigned; who calls is known by what stands before the URL's @."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from sandbox.meta.errors import CODES
from sandbox.store.mail import Message

EVENTS = {
    "sent": ("MessageSent_v2", "SENT"),
    "delivered": ("sentMessageDELIVERED_v2", "Delivered"),
    "read": ("sentMessageREAD_v2", "Read"),
    "failed": ("MessageFailed", "Failed"),
}
FORGED = {"Content-Type": "application/json", "Authorization": "Basic Zm9yZ2VkOmZvcmdlZA=="}


class Webhooks:
    """How WATI tells what became of messages, and what people write."""

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
        """Returns an event in WATI's shape."""
        kept = orjson.loads(message.personal)
        common = {"conversationId": f"c{message.id}", "ticketId": f"t{message.id}", "timestamp": str(int(at))}
        if "text" in data:
            name = blake2b(f"{message.id} {data['text']}".encode(), digest_size=12).hexdigest()
            return {
                **common, "eventType": "message", "id": name, "whatsappMessageId": f"wamid.{name}", "type": "text",
                "text": data["text"], "owner": False, "statusString": "SENT", "waId": kept["to"],
                "senderName": "Somebody", "created": datetime.fromtimestamp(at, UTC).isoformat(),
            }  # fmt: skip
        word, shown = EVENTS[data["status"]]
        kind = "session" if kept["session"] else "template"
        event = {
            **common,
            "eventType": kind + word if word.startswith("Message") else word,
            "statusString": shown,
            "localMessageId": kept["id"],
            "id": f"{message.id:024x}",
            "whatsappMessageId": kept["wamid"],
            "type": kind,
        }
        if data["status"] == "failed":
            code, title = CODES[data["error"]]
            event |= {"failedCode": str(code), "failedDetail": title}
        return event

    def body(self, events: list[bytes]) -> bytes:
        """Returns the one event."""
        (event,) = events
        return event

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:  # noqa: ARG002 - unsigned
        """Returns the body as it is; user and password stand in the URL."""
        return {"Content-Type": "application/json"}, body

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns a failure told by a caller that knows the path but not the password."""
        lie = {**orjson.loads(body), "eventType": "templateMessageFailed", "failedCode": "131050"}
        return FORGED, orjson.dumps(lie)
