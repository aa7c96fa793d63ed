"""What became of texts, normalised (DEL-86): events of End User Messaging and lines of SNS's delivery logs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from services.delivery.providers.aws.notifications import published
from services.delivery.providers.aws_sns.codes import EVENTS, SENTENCES
from services.delivery.providers.base import (
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    Receipt,
    ReceiptKind,
    masked,
    moment,
    reference,
)
from services.delivery.providers.meanings import Meaning, fallen
from services.delivery.providers.reading import part_of, text_of

CURRENCY: Final = "USD"
SUCCESS: Final = "SUCCESS"


def parse_notification(raw: bytes) -> list[Receipt]:
    """The receipt of a notification, none for one that tells of no text; MalformedReceiptError otherwise.

    Whoever forwards the delivery log of SNS to the topic, line by line, is understood too.
    """
    event = published(raw)
    if event is None:
        return []
    if not text_of(event, "messageId"):
        line = of_log(event)
        return [line] if line is not None else []
    word, name, context = text_of(event, "eventType"), text_of(event, "messageId"), part_of(event, "context")
    kind, meaning = EVENTS.get(word, (ReceiptKind.IGNORED, None))
    is_final = event.get("isFinal") is True
    if kind is ReceiptKind.DELIVERED and not is_final:
        kind = ReceiptKind.SENT  # the carrier has it; whether the phone has is still to be told
    prices = [_amount(event.get(field)) for field in ("totalMessagePrice", "totalCarrierFee")]
    known = [price for price in prices if price is not None]
    return [
        _receipt(
            f"{name}:{word}",
            name,
            moment(_seconds(event.get("eventTimestamp"))),
            (kind, meaning),
            text_of(event, "messageStatusDescription"),
            price=sum(known, Decimal()) if is_final and known else None,
            message_id=reference(context.get(MESSAGE_ARGUMENT)),
            tenant_id=reference(context.get(TENANT_ARGUMENT)),
        )
    ]


def of_log(line: Mapping[str, Any]) -> Receipt | None:
    """The receipt of a line of SNS's delivery log; None for any other line."""
    notification, delivery = part_of(line, "notification"), part_of(line, "delivery")
    name, status = text_of(notification, "messageId"), text_of(line, "status")
    if not name or not status:
        return None
    words = text_of(delivery, "providerResponse")
    found: tuple[ReceiptKind, Meaning | None] = (ReceiptKind.DELIVERED, None)
    if status != SUCCESS:
        found = SENTENCES.get(words, (ReceiptKind.BOUNCED, None))
    at = _stamp(text_of(notification, "timestamp"))
    return _receipt(f"{name}:{status}", name, at, found, words, price=_amount(delivery.get("priceInUSD")))


def _receipt(
    key: str,
    name: str,
    at: datetime,
    found: tuple[ReceiptKind, Meaning | None],
    words: str,
    *,
    price: Decimal | None,
    **whose: Any,
) -> Receipt:
    kind, meaning = found
    bounce = suppression = code = ""
    if kind in (ReceiptKind.BOUNCED, ReceiptKind.FAILED):
        code = meaning.code if meaning else "carrier_unknown"
        kind, bounce, suppression = fallen(kind, meaning)
    return Receipt(
        provider_event_id=key[:200],
        kind=kind,
        occurred_at=at,
        provider_message_id=name[:200],
        bounce_type=bounce,
        code=code[:50],
        reason=masked(words) if code else "",
        suppression=suppression,
        price=price,
        currency=CURRENCY if price is not None else "",
        **whose,
    )


def _amount(value: object) -> Decimal | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return abs(Decimal(str(value)))
    except InvalidOperation:
        return None


def _seconds(value: object) -> object:
    return value / 1000 if isinstance(value, int | float) else None


def _stamp(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return moment(None)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
