"""Receipts of providers as rows: what the adapters say, bounded and with an id of their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Final
from uuid import UUID

from services.delivery.providers import Receipt, ReceiptKind
from services.delivery.receipts.domain import BounceType, Item, Kind, effective

NO_MESSAGE: Final = bytes(16)
"""Stands for the message of a receipt that names none."""

_KINDS: Final = {kind: Kind[kind.name] for kind in ReceiptKind}
_BOUNCES: Final = {"hard": BounceType.HARD, "soft": BounceType.SOFT, "block": BounceType.BLOCK}
# Months that surely have a partition: the one before, this one, the next.
_PAST: Final = timedelta(days=28)
_FUTURE: Final = timedelta(days=1)
_NUL: Final = "\x00"


@dataclass(frozen=True, slots=True)
class Row:
    """One receipt as it is stored."""

    receipt_id: bytes
    message_id: bytes
    provider_event_id: str
    provider_message_id: str
    item: Item
    reason: str
    link_url: str
    is_machine: bool
    tenant_id: UUID | None = None
    """Whose message it is by the provider's echo; looked at for accounts of the platform only."""
    also_named: str = ""
    price: Decimal | None = None
    currency: str = ""
    """A second name of the provider's for the message."""


def rows(
    receipts: Iterable[Receipt], account_id: UUID, received_at: datetime, *, message_id: UUID | None = None
) -> list[Row]:
    """Returns the receipts of one body, each event once; `message_id` overrules what they say of themselves."""
    found: dict[bytes, Row] = {}
    for receipt in receipts:
        row = _row(receipt, account_id, received_at, message_id)
        found.setdefault(row.receipt_id, row)
    return list(found.values())


def _row(receipt: Receipt, account_id: UUID, received_at: datetime, message_id: UUID | None) -> Row:
    reference = message_id or receipt.message_id
    item = Item(
        _KINDS[receipt.kind],
        effective(receipt.occurred_at, received_at),
        _BOUNCES.get(receipt.bounce_type, BounceType.NONE),
        _clean(receipt.code, 50),
        receipt.suppression,
    )
    event_id = _clean(receipt.provider_event_id, 200)
    return Row(
        receipt_id(account_id, event_id, receipt.occurred_at, received_at),
        reference.bytes if reference else NO_MESSAGE,
        event_id,
        _clean(receipt.provider_message_id, 200),
        item,
        _clean(receipt.reason, 500),
        _clean(receipt.link_url, 2048),
        receipt.is_machine,
        receipt.tenant_id,
        _clean(receipt.also_named, 200),
        receipt.price,
        _clean(receipt.currency, 3),
    )


def receipt_id(account_id: UUID, event_id: str, occurred_at: datetime, received_at: datetime) -> bytes:
    """Returns the id of a provider's event: a UUIDv7 of its time, always the same for the same event."""
    if not received_at - _PAST <= occurred_at <= received_at + _FUTURE:
        occurred_at = datetime(received_at.year, received_at.month, 1, tzinfo=UTC)
    milliseconds = int(occurred_at.timestamp() * 1000)
    key = blake2b(event_id.encode("utf-8", "replace"), digest_size=10, key=account_id.bytes).digest()
    version = bytes((0x70 | key[0] & 0x0F, key[1], 0x80 | key[2] & 0x3F))
    return milliseconds.to_bytes(6, "big") + version + key[3:]


def _clean(text: str, limit: int) -> str:
    """Returns a text the database takes."""
    return text[:limit].replace(_NUL, "") if _NUL in text else text[:limit]
