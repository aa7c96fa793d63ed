"""Webhooks of WATI, normalised (DEL-86); they name our message where WATI took our name for it, else WATI's."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from services.delivery.providers.base import Receipt, ReceiptKind, moment, reference
from services.delivery.providers.meta.events import failure
from services.delivery.providers.reading import digest_of, event_list, instant, text_of

TIMED: Final = 7
KINDS: Final = {
    "templatemessagesent": ReceiptKind.SENT,
    "sessionmessagesent": ReceiptKind.SENT,
    "sentmessagedelivered": ReceiptKind.DELIVERED,
    "sentmessageread": ReceiptKind.READ,
    "templatemessagefailed": ReceiptKind.FAILED,
    "sessionmessagefailed": ReceiptKind.FAILED,
}


def parse_webhook(raw: bytes) -> list[Receipt]:
    """The receipts of a webhook call, none for what tells of no message; MalformedReceiptError when it is no call."""
    return [one for event in event_list(raw, "eventType") if (one := _receipt(event)) is not None]


def kind_of(word: str) -> ReceiptKind | None:
    """The kind of an event, whatever version of it (`_v2`, `_bsuid`) is told."""
    return KINDS.get(word.lower().replace("_v2", "").replace("_bsuid", ""))


def _receipt(event: Mapping[str, Any]) -> Receipt | None:
    kind = kind_of(text_of(event, "eventType"))
    local, other = text_of(event, "localMessageId"), text_of(event, "whatsappMessageId")
    if kind is None or not (local or other):
        return None
    code, reason, suppression = "", "", ""
    if kind is ReceiptKind.FAILED:
        code, reason, suppression = failure(event.get("failedCode"))
    name = local or other
    at = instant(event["created"]) if text_of(event, "created") else moment(event.get("timestamp"))
    return Receipt(
        provider_event_id=f"{name}:{kind}"[:200] or digest_of(event),
        kind=kind,
        occurred_at=at,
        message_id=_ours(local),
        provider_message_id=name[:200],
        code=code,
        reason=reason,
        suppression=suppression,
        also_named=other[:200] if local else "",
    )


def _ours(name: str) -> UUID | None:
    """Our message id; WATI's own names are random UUIDs, ours bear their time."""
    found = reference(name)
    return found if found is not None and found.version == TIMED else None
