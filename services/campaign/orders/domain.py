"""What events say of one order, folded into its reference in whatever order they come (CAM-18). Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final
from uuid import UUID

PAID: Final = "paid"
REFUNDED: Final = "refunded"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class OrderKind(IntEnum):
    """What a reference stands for; invoices have ids of their own."""

    ORDER = 1
    INVOICE = 2


@dataclass(frozen=True, slots=True)
class Told:
    """What one event says of an order; None where it says nothing.

    `rank` tells how much its word weighs: that of the order itself more than that of its payment, for who the buyer is.
    """

    event_id: UUID
    occurred_at: datetime
    contact_id: UUID | None = None
    contact_rank: int = 0
    branch_id: UUID | None = None
    event_ref: str | None = None
    order_number: str | None = None
    amount: tuple[int, str] | None = None
    """Minor units, and the currency."""
    amount_rank: int = 0
    status: str | None = None
    paid_at: datetime | None = None
    refund: tuple[str, int] | None = None
    """Id of the refund, and minor units."""
    coupon_codes: tuple[str, ...] = ()
    message_id: UUID | None = None
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OrderReference:
    """Who bought what, what was paid, and what went back."""

    kind: OrderKind
    order_ref: str
    contact_id: UUID | None = None
    branch_id: UUID | None = None
    event_ref: str | None = None
    order_number: str | None = None
    amount_minor: int | None = None
    currency_code: str | None = None
    status: str | None = None
    coupon_codes: tuple[str, ...] = ()
    message_id: UUID | None = None
    campaign_id: UUID | None = None
    paid_at: datetime | None = None
    refunded_minor: int = 0
    fold: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What was said, each value with its weight, its time and its event, as JSON."""

    def spend_minor(self, currency_code: str) -> int:
        """Returns what of it counts as spent in a currency, net of refunds; amounts of others are not added (GEN-20)."""
        if self.paid_at is None or self.amount_minor is None or self.currency_code != currency_code:
            return 0
        return max(0, self.amount_minor - self.refunded_minor)

    @property
    def purchases(self) -> int:
        """Returns how many purchases it counts for: one, however many events say that it was paid."""
        return int(self.paid_at is not None)


def folded(order: OrderReference, told: Told) -> OrderReference:
    """Returns a reference after one more event; the order and number of events do not matter.

    Each value is that of the weightiest, then latest, event; refunds are kept by their ids, codes as a set.
    """
    fold = dict(order.fold)
    at = (told.occurred_at - _EPOCH) // _MICROSECOND

    def say(name: str, value: Any, rank: int = 0) -> None:
        if value is not None:
            said = [rank, at, str(told.event_id), value]
            if name not in fold or fold[name][:3] < said[:3]:
                fold[name] = said

    say("contact", _text(told.contact_id), told.contact_rank)
    say("branch", _text(told.branch_id))
    say("event", told.event_ref)
    say("number", told.order_number)
    say("amount", list(told.amount) if told.amount else None, told.amount_rank)
    say("status", told.status)
    say("message", _text(told.message_id))
    say("campaign", _text(told.campaign_id))
    if told.paid_at:
        fold["paid"] = max(fold.get("paid", 0), (told.paid_at - _EPOCH) // _MICROSECOND)
    if told.refund:
        refunds = dict(fold.get("refunds", {}))
        refund_id, amount = told.refund
        refunds[refund_id] = max(refunds.get(refund_id, 0), amount)
        fold["refunds"] = refunds
    if told.coupon_codes:
        fold["coupons"] = sorted({*fold.get("coupons", ()), *told.coupon_codes})
    return _reference(order.kind, order.order_ref, fold)


def _reference(kind: OrderKind, order_ref: str, fold: Mapping[str, Any]) -> OrderReference:
    said = {name: fold[name][3] for name in _REGISTERS if name in fold}
    amount, currency = said.get("amount") or (None, None)
    refunded = sum(fold.get("refunds", {}).values())
    status = said.get("status")
    if amount and refunded >= amount and "paid" in fold:
        status = REFUNDED
    return OrderReference(
        kind=kind,
        order_ref=order_ref,
        contact_id=_uuid(said.get("contact")),
        branch_id=_uuid(said.get("branch")),
        event_ref=said.get("event"),
        order_number=said.get("number"),
        amount_minor=amount,
        currency_code=currency,
        status=status,
        coupon_codes=tuple(fold.get("coupons", ())),
        message_id=_uuid(said.get("message")),
        campaign_id=_uuid(said.get("campaign")),
        paid_at=_EPOCH + fold["paid"] * _MICROSECOND if "paid" in fold else None,
        refunded_minor=refunded,
        fold=fold,
    )


_REGISTERS: Final = ("contact", "branch", "event", "number", "amount", "status", "message", "campaign")


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None


def _uuid(value: str | None) -> UUID | None:
    return UUID(value) if value else None
