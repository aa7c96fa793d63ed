"""Status callbacks of Twilio, normalised (DEL-86): forms whose query holds our references."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

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
