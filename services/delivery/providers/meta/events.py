"""Statuses of WhatsApp messages as Meta tells them, normalised (DEL-86); its partners hand on the same shape."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from services.delivery.providers.base import (
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    MalformedReceiptError,
    Receipt,
    ReceiptKind,
    moment,
    reference,
)
from services.delivery.providers.meta.codes import meaning_of
from services.delivery.providers.reading import part_of, text_of

KINDS: Final = {
    "sent": ReceiptKind.SENT,
    "delivered": ReceiptKind.DELIVERED,
    # Whoever reads at once sends no `delivered`.
    "read": ReceiptKind.READ,
    "played": ReceiptKind.READ,
    "failed": ReceiptKind.FAILED,
}


def parse_webhook(raw: bytes) -> list[Receipt]:
    """The receipts of a webhook call, none for what tells of no message; MalformedReceiptError when it is no call."""
    return [receipt for status in statuses(raw) if (receipt := receipt_of(status)) is not None]


def statuses(raw: bytes) -> Iterator[Mapping[str, Any]]:
    """The statuses of every change of every entry of a call."""
    for _, value in values_of(raw):
        yield from _objects(value.get("statuses"))


def values_of(raw: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What each change of each entry of a call is about, and what it says; MalformedReceiptError when it is no call."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise MalformedReceiptError("not JSON") from None
    if not isinstance(body, dict) or not isinstance(body.get("entry"), list):
        raise MalformedReceiptError("not a webhook call of WhatsApp")
    for entry in _objects(body["entry"]):
        for change in _objects(entry.get("changes")):
            yield text_of(change, "field"), part_of(change, "value")


def receipt_of(status: Mapping[str, Any]) -> Receipt | None:
    """The receipt of a status, None when it names no message."""
    name, word = text_of(status, "id"), text_of(status, "status")
    if not name or not word:
        return None
    kind = KINDS.get(word, ReceiptKind.IGNORED)
    echo = dict(parse_qsl(text_of(status, "biz_opaque_callback_data")[:512]))
    code, reason, suppression = "", "", ""
    if kind is ReceiptKind.FAILED:
        code, reason, suppression = failure(_first_code(status))
    return Receipt(
        provider_event_id=f"{name}:{word}"[:200],
        kind=kind,
        occurred_at=moment(status.get("timestamp")),
        message_id=reference(echo.get(MESSAGE_ARGUMENT)),
        provider_message_id=name[:200],
        code=code,
        reason=reason,
        suppression=suppression,
        tenant_id=reference(echo.get(TENANT_ARGUMENT)),
    )


def failure(number: object) -> tuple[str, str, str]:
    """Our code, the provider's, and why the number is closed, of a message that WhatsApp let fall."""
    meaning = meaning_of(number)
    shown = str(number)[:20] if isinstance(number, int | str) else ""
    code = meaning.code if meaning else f"meta_{shown}" if shown else "failed"
    return code[:50], f"failed {shown}".strip(), meaning.suppression if meaning else ""


def _first_code(status: Mapping[str, Any]) -> object:
    return next((error.get("code") for error in _objects(status.get("errors"))), None)


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())
