"""Postmark's webhooks: one event per call, unsigned; who calls is known by what stands before the URL's @."""

from datetime import UTC, datetime
from typing import Any

import orjson

from sandbox.postmark.rendering import message_id
from sandbox.store.mail import Message

SERVER = 23


class Webhooks:
    """How Postmark tells its events, given in SendGrid's words."""

    most = 1
    max_bytes = 1_000_000
    keeps: tuple[str, ...] = ()

    def event(
        self,
        message: Message,
        mail: dict[str, Any],  # noqa: ARG002 - each message is whole
        data: dict[str, Any],
        at: float,
    ) -> dict[str, Any] | None:
        """Returns an event in Postmark's shape; that it took a message, it tells nobody."""
        when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
        sent = orjson.loads(message.personal)
        common = {
            "MessageID": message_id(message.public_id, message.ordinal),
            "ServerID": SERVER,
            "MessageStream": sent.get("MessageStream") or "outbound",
            "Tag": sent.get("Tag") or "",
            "Metadata": sent.get("Metadata") or {},
        }
        kind = data["event"]
        if kind == "delivered":
            return {"RecordType": "Delivery", "Recipient": message.address, "DeliveredAt": when,
                    "Details": "smtp;250 2.0.0 OK", **common}  # fmt: skip
        if kind in ("open", "click"):
            record = {
                "RecordType": kind.capitalize(),
                "Recipient": message.address,
                "ReceivedAt": when,
                **common,
            }
            return record | (
                {"OriginalLink": data.get("url", "")} if kind == "click" else {"FirstOpen": True}
            )
        if kind not in BOUNCES:
            return None
        kind = "blocked" if kind == "bounce" and data.get("type") == "blocked" else kind
        name, code, words = BOUNCES[kind]
        return {
            "RecordType": "SpamComplaint" if kind == "spamreport" else "Bounce",
            "ID": 10 * message.id + code % 10,
            "Type": name,
            "TypeCode": code,
            "Name": words,
            "Description": words,
            "Details": f"smtp;{data.get('reason') or data.get('response') or ''}",
            "Email": message.address,
            "From": message.sender,
            "BouncedAt": when,
            "DumpAvailable": False,
            "Inactive": name in ("HardBounce", "SpamComplaint"),
            "CanActivate": name != "SpamComplaint",
            "Subject": message.subject,
            **common,
        }

    def body(self, events: list[bytes]) -> bytes:
        """Returns the one event."""
        (event,) = events
        return event

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:  # noqa: ARG002 - unsigned
        """Returns the body as it is; user and password stand in the URL."""
        return {"Content-Type": "application/json", "User-Agent": "Postmark"}, body

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns a complaint of a caller that knows the path but not the password."""
        lie = {**orjson.loads(body), "RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 666}
        return {
            "Content-Type": "application/json",
            "Authorization": "Basic Zm9yZ2VkOmZvcmdlZA==",
        }, orjson.dumps(lie)


BOUNCES = {
    "bounce": ("HardBounce", 1, "The server was unable to deliver your message (unknown user)."),
    "blocked": ("SoftBounce", 4096, "The recipient's mailbox is full."),
    "deferred": ("Transient", 2, "The server could not temporarily deliver your message."),
    "spamreport": ("SpamComplaint", 512, "The subscriber explicitly marked this message as spam."),
}
