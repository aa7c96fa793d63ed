"""Events of SES, normalised (DEL-86), as a configuration set or an identity publishes them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from services.delivery.providers.aws.notifications import published
from services.delivery.providers.base import (
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    Receipt,
    ReceiptKind,
    masked,
    reference,
)
from services.delivery.providers.reading import digest_of, instant, part_of, text_of


class Meaning(NamedTuple):
    """What an event says of the message and of its address."""

    kind: ReceiptKind
    bounce_type: str = ""
    suppression: str = ""


IGNORED: Final = Meaning(ReceiptKind.IGNORED)
HARD: Final = Meaning(ReceiptKind.BOUNCED, "hard", "bounce")
SOFT: Final = Meaning(ReceiptKind.BOUNCED, "soft")
BLOCK: Final = Meaning(ReceiptKind.BOUNCED, "block")
COMPLAINED: Final = Meaning(ReceiptKind.COMPLAINED, "", "complaint")

# The detail of each event, and what it means unless the detail says more.
KINDS: Final = {
    "Send": ("send", Meaning(ReceiptKind.SENT)),
    "Delivery": ("delivery", Meaning(ReceiptKind.DELIVERED)),
    "DeliveryDelay": ("deliveryDelay", Meaning(ReceiptKind.DEFERRED)),
    "Bounce": ("bounce", SOFT),
    "Complaint": ("complaint", COMPLAINED),
    "Reject": ("reject", Meaning(ReceiptKind.FAILED)),
    "Rendering Failure": ("failure", Meaning(ReceiptKind.FAILED)),
    "Open": ("open", Meaning(ReceiptKind.OPENED)),
    "Click": ("click", Meaning(ReceiptKind.CLICKED)),
    "Subscription": ("subscription", IGNORED),
}
# SES kept these back by what it knew before: no fresh bounce, and the address is none to write to.
KEPT_BACK: Final = {
    "Suppressed": Meaning(ReceiptKind.FAILED, "", "bounce"),
    "OnAccountSuppressionList": Meaning(ReceiptKind.FAILED, "", "bounce"),
    "UnsubscribedRecipient": Meaning(ReceiptKind.FAILED, "", "opt_out"),
}
REFUSED_CONTENT: Final = frozenset({"ContentRejected", "AttachmentRejected"})
NO_DOMAIN: Final = "5.4.4"
POLICY: Final = "5.7."


def parse_notification(raw: bytes) -> list[Receipt]:
    """The receipt of a notification, none for one that tells of no message; MalformedReceiptError otherwise."""
    event = published(raw)
    if event is None:
        return []
    name = text_of(event, "eventType") or text_of(event, "notificationType")
    return [_receipt(name, event)] if name and part_of(event, "mail") else []


def _receipt(name: str, event: Mapping[str, Any]) -> Receipt:
    mail, (field, meaning) = part_of(event, "mail"), KINDS.get(name, ("", IGNORED))
    detail = part_of(event, field)
    status, words = "", ""
    if name == "Bounce":
        status, words = _recipient(detail, "bouncedRecipients")
        meaning = _bounce(detail, status)
    elif name == "Complaint":
        meaning = _complaint(detail)
    elif name == "DeliveryDelay":
        status, words = _recipient(detail, "delayedRecipients")
    elif name == "Subscription":
        is_over = part_of(detail, "newTopicPreferences").get("unsubscribeAll") is True
        meaning = Meaning(ReceiptKind.UNSUBSCRIBED, "", "opt_out") if is_over else IGNORED
    tags = part_of(mail, "tags")
    return Receipt(
        provider_event_id=_key(name, mail, detail),
        kind=meaning.kind,
        occurred_at=instant(detail.get("timestamp") or mail.get("timestamp")),
        message_id=reference(_tag(tags, MESSAGE_ARGUMENT)),
        provider_message_id=text_of(mail, "messageId")[:200],
        bounce_type=meaning.bounce_type,
        code=_code(name, detail, status)[:50],
        reason=masked(words or text_of(detail, "reason") or text_of(detail, "errorMessage")),
        suppression=meaning.suppression,
        link_url=text_of(detail, "link")[:2048] if meaning.kind is ReceiptKind.CLICKED else "",
        tenant_id=reference(_tag(tags, TENANT_ARGUMENT)),
    )


def _bounce(detail: Mapping[str, Any], status: str) -> Meaning:
    kind, subtype = text_of(detail, "bounceType"), text_of(detail, "bounceSubType")
    if kind == "Permanent":
        # A policy speaks of the sender, whatever SES calls it.
        return KEPT_BACK.get(subtype) or (BLOCK if status.startswith(POLICY) else HARD)
    if kind == "Transient" and status == NO_DOMAIN:
        return HARD
    return BLOCK if subtype in REFUSED_CONTENT else SOFT


def _complaint(detail: Mapping[str, Any]) -> Meaning:
    if text_of(detail, "complaintSubType") == "OnAccountSuppressionList":
        return Meaning(ReceiptKind.FAILED, "", "complaint")
    return IGNORED if text_of(detail, "complaintFeedbackType") == "not-spam" else COMPLAINED


def _recipient(detail: Mapping[str, Any], field: str) -> tuple[str, str]:
    """Status and words of the one recipient that each of our messages has."""
    listed = detail.get(field)
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    return text_of(first, "status"), text_of(first, "diagnosticCode")


def _code(name: str, detail: Mapping[str, Any], status: str) -> str:
    """The enhanced status, else SES's own word for what happened."""
    if name == "Bounce":
        return status or text_of(detail, "bounceSubType")
    if name == "DeliveryDelay":
        return status or text_of(detail, "delayType")
    if name == "Complaint":
        return text_of(detail, "complaintSubType") or text_of(detail, "complaintFeedbackType")
    return {"Reject": "rejected", "Rendering Failure": "rendering_failed"}.get(name, "")


def _tag(tags: Mapping[str, Any], name: str) -> object:
    values = tags.get(name)
    return values[0] if isinstance(values, Sequence) and not isinstance(values, str) and values else None


def _key(name: str, mail: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    """The same event has the same key, whichever topic brings it and however often."""
    message, own = text_of(mail, "messageId"), text_of(detail, "feedbackId")
    return f"{message}:{name}:{own or digest_of(detail)}"[:200]
