"""From events of neighbours to what they say of orders (EVT-14 to EVT-33, EVT-75, EVT-76)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from services.campaign.intake.steps import InboundEvent
from services.campaign.orders.domain import PAID, OrderKind, Told

_STATUSES: Final = {
    "order.created": "created",
    "order.paid": PAID,
    "payment.succeeded": PAID,
    "order.completed": "completed",
    "order.shipped": "shipped",
    "order.delivered": "delivered",
    "order.expired": "expired",
    "order.cancelled": "cancelled",
    "invoice.finalized": PAID,
    "invoice.cancelled": "cancelled",
}
# Whose word weighs more about the buyer: the order's own, its payment's, its tickets'.
_CONTACT_RANKS: Final = {"order": 3, "invoice": 3, "payment": 2, "ticket": 1}
# Whose word weighs more about the amount: what was paid, then what was to be paid.
_AMOUNT_RANKS: Final = {"payment.succeeded": 3, "invoice.finalized": 3, "order.paid": 2, "order.created": 1}
_PAID: Final = frozenset({"order.paid", "payment.succeeded", "invoice.finalized"})
_REFUNDS: Final = frozenset({"refund.completed", "invoice.refunded", "invoice.cancelled"})
TYPES: Final = frozenset(
    {
        *_STATUSES,
        *_REFUNDS,
        "payment.intent_created",
        "payment.processing",
        "payment.failed",
        "payment.action_required",
        "order.mint_failed",
        "ticket.purchased",
    }
)
"""Types that say something of an order."""


def key_of(event: InboundEvent) -> tuple[OrderKind, str] | None:
    """Returns the order an event is about; None when it names none."""
    if event.type.startswith("invoice."):
        return OrderKind.INVOICE, event.data["invoice_id"]
    order_ref = event.data.get("order_id")
    return (OrderKind.ORDER, order_ref) if order_ref else None


def told_of(event: InboundEvent, contact_id: UUID | None, currency_code: str) -> Told:
    """Returns what an event says of its order; amounts without a currency are the tenant's."""
    data, area = event.data, event.type.partition(".")[0]
    told = Told(
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        contact_id=contact_id,
        contact_rank=_CONTACT_RANKS.get(area, 0),
        branch_id=_uuid(data.get("branch")) or _uuid(event.branch_ref),
        event_ref=_event_ref(data),
        order_number=data.get("order_number"),
        status=_STATUSES.get(event.type),
        coupon_codes=tuple(str(code) for code in data.get("coupon_codes") or ()),
        message_id=_uuid(data.get("message_id")),
        campaign_id=_uuid(data.get("campaign_id")),
    )
    if event.type in _AMOUNT_RANKS:
        minor = data["paid_amount"] if event.type == "invoice.finalized" else data["amount"]
        told = replace(
            told,
            amount=(minor, data.get("currency") or currency_code),
            amount_rank=_AMOUNT_RANKS[event.type],
        )
    if event.type in _PAID:
        told = replace(told, paid_at=event.time("finalized_at") or event.occurred_at)
    if event.type in _REFUNDS:
        # Refunds of invoices have no ids: each event is one, and a cancelled invoice is given back once.
        refund_id = data.get("refund_id") or (
            "cancelled" if event.type == "invoice.cancelled" else str(event.event_id)
        )
        told = replace(told, refund=(refund_id, data["amount"]))
    return told


def _event_ref(data: Mapping[str, Any]) -> str | None:
    event = data.get("event")
    return data.get("event_ref") or (event.get("ref") if isinstance(event, Mapping) else None)


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) and value else None
    except ValueError:
        return None
