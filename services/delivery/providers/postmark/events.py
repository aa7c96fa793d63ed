"""Postmark's webhooks, normalised (DEL-86); one event per call."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from services.delivery.providers.base import (
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    Receipt,
    ReceiptKind,
    masked,
    reference,
)
from services.delivery.providers.reading import digest_of, event_list, instant, part_of, text_of

RECORD: Final = "RecordType"


class Meaning(NamedTuple):
    """What a kind of bounce says of the message and of its address."""

    kind: ReceiptKind
    bounce_type: str = ""
    suppression: str = ""


BOUNCES: Final = {
    "HardBounce": Meaning(ReceiptKind.BOUNCED, "hard", "bounce"),
    "BadEmailAddress": Meaning(ReceiptKind.BOUNCED, "hard", "invalid_address"),
    "SoftBounce": Meaning(ReceiptKind.BOUNCED, "soft"),
    "Undeliverable": Meaning(ReceiptKind.BOUNCED, "soft"),
    "Unknown": Meaning(ReceiptKind.BOUNCED, "soft"),
    "Transient": Meaning(ReceiptKind.DEFERRED),
    "DnsError": Meaning(ReceiptKind.DEFERRED),
    "SpamComplaint": Meaning(ReceiptKind.COMPLAINED, "", "complaint"),
    "SpamNotification": Meaning(ReceiptKind.COMPLAINED, "", "complaint"),
    "Unsubscribe": Meaning(ReceiptKind.UNSUBSCRIBED, "", "opt_out"),
    "Blocked": Meaning(ReceiptKind.FAILED),
    "SMTPApiError": Meaning(ReceiptKind.FAILED),
    "VirusNotification": Meaning(ReceiptKind.FAILED),
    "DMARCPolicy": Meaning(ReceiptKind.FAILED),
    "TemplateRenderingFailed": Meaning(ReceiptKind.FAILED),
    "ManuallyDeactivated": Meaning(ReceiptKind.FAILED),
}
# Named first is the field that tells when it happened.
KINDS: Final = {
    "Delivery": ("DeliveredAt", Meaning(ReceiptKind.DELIVERED)),
    "Bounce": ("BouncedAt", Meaning(ReceiptKind.IGNORED)),
    "SpamComplaint": ("BouncedAt", BOUNCES["SpamComplaint"]),
    "Open": ("ReceivedAt", Meaning(ReceiptKind.OPENED)),
    "Click": ("ReceivedAt", Meaning(ReceiptKind.CLICKED)),
    "SubscriptionChange": ("ChangedAt", Meaning(ReceiptKind.IGNORED)),
}
IGNORED: Final = Meaning(ReceiptKind.IGNORED)


def parse_events(raw: bytes) -> list[Receipt]:
    """The receipts of a callback body; unknown kinds are ignored ones, and items that are no events are left out."""
    return [_receipt(event) for event in event_list(raw, RECORD) if RECORD in event]


def _receipt(event: dict[str, Any]) -> Receipt:
    record = text_of(event, RECORD)
    when, meaning = KINDS.get(record, ("", IGNORED))
    if record == "Bounce":
        meaning = BOUNCES.get(text_of(event, "Type"), IGNORED)
    elif record == "SubscriptionChange":
        meaning = _change(event)
    metadata = part_of(event, "Metadata")
    return Receipt(
        provider_event_id=_key(record, event),
        kind=meaning.kind,
        occurred_at=instant(event.get(when)),
        message_id=reference(metadata.get(MESSAGE_ARGUMENT)),
        provider_message_id=text_of(event, "MessageID")[:200],
        bounce_type=meaning.bounce_type,
        code=text_of(event, "Type")[:50] if record == "Bounce" else "",
        reason=masked(text_of(event, "Details") or text_of(event, "Description")),
        suppression=meaning.suppression,
        link_url=text_of(event, "OriginalLink")[:2048] if meaning.kind is ReceiptKind.CLICKED else "",
        tenant_id=reference(metadata.get(TENANT_ARGUMENT)),
    )


def _change(event: Mapping[str, Any]) -> Meaning:
    """Only the recipient's own word is an opt-out; nothing a provider says alone lets us write again."""
    if event.get("SuppressSending") is not True:
        return IGNORED
    reason = text_of(event, "SuppressionReason")
    if reason == "SpamComplaint":
        return BOUNCES["SpamComplaint"]
    if reason == "ManualSuppression" and text_of(event, "Origin") == "Recipient":
        return BOUNCES["Unsubscribe"]
    return IGNORED


def _key(record: str, event: Mapping[str, Any]) -> str:
    """Bounces have a number; of the others the same words are the same event."""
    number = event.get("ID")
    if isinstance(number, int) and not isinstance(number, bool):
        return f"{record}:{number}"
    return f"{record[:40]}:{digest_of(event)}"
