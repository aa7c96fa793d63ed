"""Status callbacks of Twilio, normalised (DEL-86): forms whose query holds our references."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from services.delivery.providers.base import (
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    MalformedReceiptError,
    Receipt,
    ReceiptKind,
    masked,
    moment,
    reference,
)
from services.delivery.providers.meanings import fallen
from services.delivery.providers.twilio.codes import meaning_of

KINDS: Final = {
    "accepted": ReceiptKind.IGNORED,
    "scheduled": ReceiptKind.IGNORED,
    "queued": ReceiptKind.IGNORED,
    "sending": ReceiptKind.SENT,
    "sent": ReceiptKind.SENT,
    "partially_delivered": ReceiptKind.SENT,
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.READ,
    "undelivered": ReceiptKind.BOUNCED,
    "failed": ReceiptKind.FAILED,
    "canceled": ReceiptKind.FAILED,
}
FIELDS: Final = 200
# No callback tells when it happened, so each is as old as it is heard.
UNTIMED: Final = moment(None)


def parse_callback(raw: bytes) -> list[Receipt]:
    """The receipt of a callback; MalformedReceiptError for a body that is none."""
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        raise MalformedReceiptError("not a form") from None
    # The query stands behind the form, and a name it shares with the form is the form's.
    fields = dict(reversed(pairs))
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    status = fields.get("MessageStatus") or fields.get("SmsStatus") or ""
    if not sid or not status:
        raise MalformedReceiptError("not a status callback")
    return [_receipt(sid, status.lower(), fields)]


def of_message(message: Mapping[str, Any], message_id: UUID) -> Receipt | None:
    """The receipt of a message as it can be fetched, with its price once it has one; None when it is no message."""
    sid, status = message.get("sid"), message.get("status")
    if not isinstance(sid, str) or not isinstance(status, str):
        return None
    number = message.get("error_code")
    found = _receipt(sid, status.lower(), {"ErrorCode": "" if number is None else str(number)})
    price = _price(message.get("price"))
    unit = str(message.get("price_unit") or "").upper()
    if price is None or len(unit) != 3:
        return replace(found, message_id=message_id)
    return replace(found, message_id=message_id, price=price, currency=unit)


def _price(value: object) -> Decimal | None:
    """What Twilio took, as a positive amount; it writes a negative one, or nothing until it is billed."""
    try:
        found = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return abs(found) if found is not None and found.is_finite() else None


def _receipt(sid: str, status: str, fields: Mapping[str, str]) -> Receipt:
    kind = KINDS.get(status, ReceiptKind.IGNORED)
    number = fields.get("ErrorCode", "")
    meaning = meaning_of(number)
    code, bounce, suppression = "", "", ""
    if kind in (ReceiptKind.BOUNCED, ReceiptKind.FAILED):
        code = meaning.code if meaning else f"twilio_{number}" if number else status
        kind, bounce, suppression = fallen(kind, meaning)
    return Receipt(
        provider_event_id=f"{sid}:{status}"[:200],
        kind=kind,
        occurred_at=UNTIMED,
        message_id=reference(fields.get(MESSAGE_ARGUMENT)),
        provider_message_id=sid[:200],
        bounce_type=bounce,
        code=code[:50],
        reason=masked(f"{status} {number}".strip()) if code else "",
        suppression=suppression,
        tenant_id=reference(fields.get(TENANT_ARGUMENT)),
    )
