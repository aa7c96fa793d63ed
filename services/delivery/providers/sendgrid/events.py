"""The Event Webhook of SendGrid, normalised (DEL-86)."""

from typing import Any, Final

from services.delivery.providers.base import (
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    Receipt,
    ReceiptKind,
    masked,
    moment,
    reference,
)
from services.delivery.providers.reading import digest_of, event_list, text_of

KINDS: Final = {
    "processed": ReceiptKind.SENT,
    "delivered": ReceiptKind.DELIVERED,
    "deferred": ReceiptKind.DEFERRED,
    "bounce": ReceiptKind.BOUNCED,
    "dropped": ReceiptKind.FAILED,
    "open": ReceiptKind.OPENED,
    "click": ReceiptKind.CLICKED,
    "spamreport": ReceiptKind.COMPLAINED,
    "unsubscribe": ReceiptKind.UNSUBSCRIBED,
    "group_unsubscribe": ReceiptKind.UNSUBSCRIBED,
}
DROPPED: Final = {
    "Bounced Address": ("bounced_address", "bounce"),
    "Spam Reporting Address": ("spam_reporting_address", "complaint"),
    "Invalid": ("invalid_address", "invalid_address"),
    "Unsubscribed Address": ("unsubscribed_address", "opt_out"),
    "Spam Content": ("content_refused", ""),
    "Invalid SMTPAPI header": ("request_refused", ""),
    "Recipient List over Package Quota": ("quota", ""),
}


def parse_events(raw: bytes) -> list[Receipt]:
    """The receipts of a callback body; unknown kinds are ignored ones, and items that are no events are left out."""
    return [_receipt(event) for event in event_list(raw)]


def _receipt(event: dict[str, Any]) -> Receipt:
    kind = KINDS.get(text_of(event, "event"), ReceiptKind.IGNORED)
    code, bounce, suppression = text_of(event, "status"), "", ""
    if kind is ReceiptKind.BOUNCED:
        bounce = "soft" if text_of(event, "type") == "blocked" or code.startswith("4") else "hard"
        suppression = "bounce" if bounce == "hard" else ""
    elif kind is ReceiptKind.FAILED:
        code, suppression = DROPPED.get(text_of(event, "reason"), ("dropped", ""))
    elif kind is ReceiptKind.COMPLAINED:
        suppression = "complaint"
    elif kind is ReceiptKind.UNSUBSCRIBED:
        suppression = "opt_out"
    return Receipt(
        provider_event_id=text_of(event, "sg_event_id")[:200] or digest_of(event),
        kind=kind,
        occurred_at=moment(event.get("timestamp")),
        message_id=reference(event.get(MESSAGE_ARGUMENT)),
        provider_message_id=text_of(event, "sg_message_id").partition(".")[0][:200],
        bounce_type=bounce,
        code=code[:50],
        reason=masked(text_of(event, "reason") or text_of(event, "response")),
        suppression=suppression,
        link_url=text_of(event, "url")[:2048] if kind is ReceiptKind.CLICKED else "",
        is_machine=event.get("sg_machine_open") is True,
        tenant_id=reference(event.get(TENANT_ARGUMENT)),
    )
