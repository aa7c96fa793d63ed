"""The events of SES, published to the topic of a configuration set."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from sandbox.aws.notices import Notices
from sandbox.ses.rendering import message_id
from sandbox.store.mail import Message

KEPT_BACK = {
    "Bounced Address": ("Bounce", "OnAccountSuppressionList"),
    "Invalid": ("Bounce", "Suppressed"),
    "Unsubscribed Address": ("Bounce", "UnsubscribedRecipient"),
    "Spam Reporting Address": ("Complaint", "OnAccountSuppressionList"),
}


class Events(Notices):
    """How SES tells its events, given in SendGrid's words."""

    def event(
        self,
        message: Message,
        mail: dict[str, Any],  # noqa: ARG002 - what is kept of the recipient says all
        data: dict[str, Any],
        at: float,
    ) -> dict[str, Any] | None:
        """Returns a notification with an event in SES's shape."""
        told = _event(message.address, data, _iso(at), f"{message.id}")
        if told is None:
            return None
        name, field, detail = told
        kept = orjson.loads(message.personal)
        event = {
            "eventType": name,
            "mail": {
                "timestamp": _iso(message.accepted_at),
                "source": message.sender,
                "sendingAccountId": "000000000000",
                "messageId": message_id(message.public_id, message.ordinal),
                "destination": kept["to"],
                "headersTruncated": False,
                "headers": [],
                "commonHeaders": {"from": [message.sender], "to": kept["to"], "subject": message.subject},
                "tags": {
                    "ses:configuration-set": [kept["topic"].rpartition(":")[2]],
                    **{name: [value] for name, value in kept["tags"].items()},
                },
            },
            field: detail,
        }
        return {
            "topic": kept["topic"],
            "base": kept["base"],
            "subject": "Amazon SES Email Event Notification",
            "message": orjson.dumps(event).decode() + "\n",
        }


def _event(address: str, data: dict[str, Any], at: str, name: str) -> tuple[str, str, dict[str, Any]] | None:
    kind = data["event"]
    words = str(data.get("reason") or data.get("response") or "")
    if kind == "processed":
        return "Send", "send", {}
    if kind == "delivered":
        detail = {"timestamp": at, "processingTimeMillis": 500, "recipients": [address], "smtpResponse": "250 2.0.0 OK",
                  "reportingMTA": "a8-70.smtp-out.amazonses.com"}  # fmt: skip
        return "Delivery", "delivery", detail
    if kind == "deferred":
        late = {"emailAddress": address, "status": words.split()[1], "diagnosticCode": f"smtp; {words}"}
        return "DeliveryDelay", "deliveryDelay", {
            "timestamp": at, "delayType": "TransientCommunicationFailure", "delayedRecipients": [late],
        }  # fmt: skip
    if kind == "bounce":
        kinds = ("Transient", "MailboxFull") if data.get("type") == "blocked" else ("Permanent", "General")
        return "Bounce", "bounce", _bounce(address, kinds, words, at, name)
    if kind == "dropped":
        event, why = KEPT_BACK.get(words, ("Bounce", "OnAccountSuppressionList"))
        if event == "Bounce":
            return event, "bounce", _bounce(address, ("Permanent", why), "", at, name)
        return event, "complaint", _complaint(address, why, "", at, name)
    if kind == "spamreport":
        return "Complaint", "complaint", _complaint(address, None, "abuse", at, name)
    if kind in ("open", "click"):
        detail = {"timestamp": at, "ipAddress": "192.0.2.1", "userAgent": "Mozilla/5.0"}
        return kind.capitalize(), kind, detail | ({"link": data.get("url", "")} if kind == "click" else {})
    return None


def _bounce(address: str, kinds: tuple[str, str], words: str, at: str, name: str) -> dict[str, Any]:
    person = {"emailAddress": address}
    if words:
        person |= {"action": "failed", "status": words.split()[1], "diagnosticCode": f"smtp; {words}"}
    return {
        "feedbackId": _feedback(f"bounce {name}"),
        "bounceType": kinds[0],
        "bounceSubType": kinds[1],
        "bouncedRecipients": [person],
        "timestamp": at,
        "reportingMTA": "dns; a8-70.smtp-out.amazonses.com",
    }


def _complaint(address: str, subtype: str | None, feedback: str, at: str, name: str) -> dict[str, Any]:
    found = {
        "feedbackId": _feedback(f"complaint {name}"),
        "complaintSubType": subtype,
        "complainedRecipients": [{"emailAddress": address}],
        "timestamp": at,
    }
    return found | ({"complaintFeedbackType": feedback, "userAgent": "Sandbox-FBL/1.0"} if feedback else {})


def _feedback(what: str) -> str:
    return "0107" + blake2b(what.encode(), digest_size=16).hexdigest()


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
