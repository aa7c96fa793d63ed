"""Mailgun's webhooks, normalised (DEL-86); one event per call."""

from collections.abc import Mapping
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
from services.delivery.providers.reading import digest_of, event_list, part_of, text_of

EVENT: Final = "event-data"
KINDS: Final = {
    "accepted": ReceiptKind.SENT,
    "delivered": ReceiptKind.DELIVERED,
    "failed": ReceiptKind.BOUNCED,
    "rejected": ReceiptKind.FAILED,
    "opened": ReceiptKind.OPENED,
    "clicked": ReceiptKind.CLICKED,
    "complained": ReceiptKind.COMPLAINED,
    "unsubscribed": ReceiptKind.UNSUBSCRIBED,
}
SUPPRESSED: Final = {
    "suppress-bounce": "bounce",
    "suppress-complaint": "complaint",
    "suppress-unsubscribe": "opt_out",
}
# Failures for good that say nothing of the address: tried too long, or the sender is not wanted there.
SOFT_REASONS: Final = frozenset({"old", "espblock", "greylisted"})
SOFT_CODES: Final = ("4.", "5.2.2", "5.3.", "5.4.", "5.7.")


def parse_events(raw: bytes) -> list[Receipt]:
    """The receipts of a callback body; unknown kinds are ignored ones, and items that are no events are left out."""
    return [_receipt(part_of(one, EVENT)) for one in event_list(raw, EVENT) if part_of(one, EVENT)]


def _receipt(event: Mapping[str, Any]) -> Receipt:
    kind = KINDS.get(text_of(event, "event"), ReceiptKind.IGNORED)
    status, variables = part_of(event, "delivery-status"), part_of(event, "user-variables")
    bounce = suppression = ""
    if kind is ReceiptKind.BOUNCED:
        kind, bounce, suppression = _failure(event, status)
    elif kind is ReceiptKind.COMPLAINED:
        suppression = "complaint"
    elif kind is ReceiptKind.UNSUBSCRIBED:
        suppression = "opt_out"
    message_id = part_of(part_of(event, "message"), "headers").get("message-id")
    return Receipt(
        provider_event_id=_key(event),
        kind=kind,
        occurred_at=moment(event.get("timestamp")),
        message_id=reference(variables.get(MESSAGE_ARGUMENT)),
        provider_message_id=message_id[:200] if isinstance(message_id, str) else "",
        bounce_type=bounce,
        code=(text_of(status, "enhanced-code") or str(status.get("code") or ""))[:50],
        reason=masked(
            text_of(status, "message") or text_of(status, "description") or text_of(event, "reason")
        ),
        suppression=suppression,
        link_url=text_of(event, "url")[:2048] if kind is ReceiptKind.CLICKED else "",
        is_machine=bool(text_of(part_of(event, "client-info"), "bot")),
        tenant_id=reference(variables.get(TENANT_ARGUMENT)),
    )


def _failure(event: Mapping[str, Any], status: Mapping[str, Any]) -> tuple[ReceiptKind, str, str]:
    """What a failure is: one that will be tried again, an address that is bad, or one Mailgun does not write to."""
    if text_of(event, "severity") != "permanent":
        return ReceiptKind.DEFERRED, "", ""
    reason = text_of(event, "reason")
    if reason in SUPPRESSED:
        return ReceiptKind.FAILED, "", SUPPRESSED[reason]
    if reason in SOFT_REASONS or text_of(status, "enhanced-code").startswith(SOFT_CODES):
        return ReceiptKind.BOUNCED, "soft", ""
    return ReceiptKind.BOUNCED, "hard", "bounce"


def _key(event: Mapping[str, Any]) -> str:
    """Its own id is unique within a day only; with its time it is for good."""
    own = text_of(event, "id")
    return f"{own}:{event.get('timestamp')}"[:200] if own else digest_of(event)
