"""The events of End User Messaging, published to the topic of a configuration set."""

from typing import Any

import orjson

from sandbox.aws.notices import Notices
from sandbox.aws_sns.texts import price_of
from sandbox.store.mail import Message
from sandbox.twilio.segments import segments_of

FALLEN = {
    30003: ("TEXT_UNREACHABLE", "UNREACHABLE", "Phone is currently unreachable/unavailable"),
    30004: ("TEXT_BLOCKED", "BLOCKED", "Phone has blocked SMS"),
    30005: ("TEXT_INVALID", "INVALID", "Invalid phone number"),
    30006: ("TEXT_INVALID", "INVALID", "Invalid phone number"),
    30007: ("TEXT_SPAM", "SPAM", "Blocked as spam by phone carrier"),
}
UNKNOWN = ("TEXT_UNKNOWN", "UNKNOWN", "Unknown error attempting to reach phone")
SENT = ("TEXT_SENT", "SENT", "Message has been sent to the carrier")
DELIVERED = ("TEXT_DELIVERED", "DELIVERED", "Message has been accepted by phone")


class Events(Notices):
    """How End User Messaging tells its events, given in Twilio's words."""

    def event(
        self,
        message: Message,
        mail: dict[str, Any],  # noqa: ARG002 - each text is whole
        data: dict[str, Any],
        at: float,
    ) -> dict[str, Any] | None:
        """Returns a notification with an event in its shape."""
        kept = orjson.loads(message.personal)
        if not kept["topic"] or "status" not in data:
            return None
        kind, status, words = {"sent": SENT, "delivered": DELIVERED}.get(
            data["status"], FALLEN.get(data.get("error", 0), UNKNOWN)
        )
        event = {
            "eventType": kind,
            "eventVersion": "1.0",
            "eventTimestamp": int(at * 1000),
            "isFinal": data["status"] != "sent",
            "originationPhoneNumber": kept["sender"],
            "destinationPhoneNumber": kept["number"],
            "isoCountryCode": "US",
            "messageId": kept["name"],
            "messageRequestTimestamp": int(message.accepted_at * 1000),
            "messageEncoding": "GSM",
            "messageType": kept.get("type") or "TRANSACTIONAL",
            "messageStatus": status,
            "messageStatusDescription": words,
            "context": kept["context"],
            "totalMessageParts": segments_of(kept["text"]),
            "totalMessagePrice": price_of(kept),
            "totalCarrierFee": 0.003,
        }
        return {"topic": kept["topic"], "base": kept["base"], "message": orjson.dumps(event).decode()}
