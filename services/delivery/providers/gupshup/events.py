"""Webhooks of Gupshup, normalised (DEL-86): its own version 2, and version 3, which is Meta's shape with its names.

Its own name for a message is in every event of the first week, later ones bear WhatsApp's only: both are learned.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from services.delivery.providers.base import MalformedReceiptError, Receipt, ReceiptKind, moment
from services.delivery.providers.gupshup.codes import meaning_of
from services.delivery.providers.meta import events as meta
from services.delivery.providers.reading import part_of, text_of

KINDS: Final = {
    "sent": ReceiptKind.SENT,
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.READ,
    "failed": ReceiptKind.FAILED,
}
MILLISECONDS: Final = 10**11
"""Times above this are in milliseconds: as seconds they would lie thousands of years ahead."""


def parse_webhook(raw: bytes) -> list[Receipt]:
    """The receipts of a webhook call; MalformedReceiptError when it is none of Gupshup's."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise MalformedReceiptError("not JSON") from None
    if isinstance(body, dict) and "entry" in body:
        return [one for status in meta.statuses(raw) if (one := _as_meta(status)) is not None]
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise MalformedReceiptError("not an event of Gupshup")
    if body["type"] != "message-event":
        return []
    event = part_of(body, "payload")
    receipt = _receipt(event, body)
    return [] if receipt is None else [receipt]


def _receipt(event: Mapping[str, Any], body: Mapping[str, Any]) -> Receipt | None:
    word, own, other = text_of(event, "type"), text_of(event, "gsId"), text_of(event, "id")
    if not word or not other:
        return None
    kind = KINDS.get(word, ReceiptKind.IGNORED)
    details = part_of(event, "payload")
    code, reason, suppression = "", "", ""
    if kind is ReceiptKind.FAILED:
        code, reason, suppression = _failure(details.get("code"))
    return Receipt(
        provider_event_id=f"{own or other}:{word}"[:200],
        kind=kind,
        occurred_at=_instant(details.get("ts") or body.get("timestamp")),
        provider_message_id=(own or other)[:200],
        code=code,
        reason=reason,
        suppression=suppression,
        also_named=other[:200] if own else "",
    )


def _as_meta(status: Mapping[str, Any]) -> Receipt | None:
    receipt = meta.receipt_of(status)
    if receipt is None:
        return None
    own = text_of(status, "gs_id")
    code, reason, suppression = receipt.code, receipt.reason, receipt.suppression
    if receipt.kind is ReceiptKind.FAILED:
        number = next(
            (error.get("code") for error in status.get("errors") or () if isinstance(error, dict)), None
        )
        code, reason, suppression = _failure(number)
    return replace(
        receipt,
        occurred_at=_instant(status.get("timestamp")),
        provider_message_id=(own or receipt.provider_message_id)[:200],
        provider_event_id=f"{own or receipt.provider_message_id}:{text_of(status, 'status')}"[:200],
        also_named=receipt.provider_message_id if own else "",
        code=code,
        reason=reason,
        suppression=suppression,
    )


def _failure(number: object) -> tuple[str, str, str]:
    meaning = meaning_of(number)
    shown = str(number)[:20] if isinstance(number, int | str) else ""
    code = meaning.code if meaning else f"gupshup_{shown}" if shown else "failed"
    return code[:50], f"failed {shown}".strip(), meaning.suppression if meaning else ""


def _instant(value: object) -> Any:
    """An instant from seconds or milliseconds, as number or text."""
    try:
        number = float(str(value))
    except ValueError:
        return moment(None)
    return moment(number / 1000 if number > MILLISECONDS else number)
