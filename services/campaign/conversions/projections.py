"""Sales and visits that neighbours tell of, passed on as conversions (ANA-66); who has the credit is decided there."""

from datetime import datetime
from typing import Final
from uuid import UUID

from google.protobuf.message import Message

from angarium.analytics.v1 import analytics_events_pb2 as pb
from services.campaign.contacts import people
from services.campaign.coupons import codes, pool
from services.campaign.coupons import store as coupons
from services.campaign.intake.steps import InboundEvent
from services.campaign.orders import store as orders
from services.campaign.orders.convert import key_of
from services.campaign.orders.domain import OrderKind, OrderReference
from services.campaign.tenants import handlers as tenants
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event
from services.common.money import Money

_SALES: Final = frozenset({"payment.succeeded", "order.paid", "order.completed", "invoice.finalized"})
_VISITS: Final = {"visit.completed": "visit_id", "ticket.admitted": "ticket_ref"}
_REFUNDS: Final = frozenset({"refund.completed", "invoice.refunded", "invoice.cancelled"})


class ConversionStep:
    """Tells of sales once they are paid, of visits, and of what was given back.

    It goes by the order reference, which is folded before: however many events tell of one sale, they tell the same,
    and the first that is measured is the only one.
    """

    name: Final = "conversions"
    types: Final = _SALES | frozenset(_VISITS) | _REFUNDS

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Emits what one event adds to what is known."""
        if event.type in _VISITS:
            await _visit(uow, event)
        elif (key := key_of(event)) is not None:
            reference = await orders.claim(uow, *key)
            if event.type in _REFUNDS:
                await _refund(uow, event, reference)
            else:
                await _sale(uow, event, reference)


async def _sale(uow: UnitOfWork, event: InboundEvent, reference: OrderReference) -> None:
    if reference.paid_at is None and not (event.type == "order.completed" and reference.amount_minor == 0):
        # Its payment is told of later, with what was paid; only an order that is known to cost nothing has none.
        return
    conversion = pb.ConversionObserved(
        contact_id=str(reference.contact_id or ""), order_ref=reference.order_ref
    )
    conversion.occur_time.FromDatetime(reference.paid_at or event.occurred_at)
    if reference.paid_at and reference.amount_minor is not None and reference.currency_code:
        price = Money.of_minor(reference.currency_code, reference.amount_minor)
        conversion.value.CopyFrom(price.to_proto())
    await _name_coupon(uow, conversion, reference)
    kind = "invoice.finalized" if reference.kind is OrderKind.INVOICE else "payment.succeeded"
    _emit(uow, kind, reference.order_ref, pb.ConversionsObserved(conversions=[conversion]), event.occurred_at)


async def _name_coupon(uow: UnitOfWork, conversion: pb.ConversionObserved, reference: OrderReference) -> None:
    """Names the first code that a coupon of ours has, and the campaign that brought it."""
    texts = [codes.canonical(one) for one in reference.coupon_codes]
    found = await coupons.codes(uow, texts) if texts else {}
    for text in sorted(found):
        campaign_id: UUID | None = found[text].coupon.campaign_id
        if found[text].message_id is not None:
            campaign_id = await pool.campaign_of(uow, text) or campaign_id
        conversion.coupon_code = text
        conversion.coupon_campaign_id = str(campaign_id or "")
        return


async def _visit(uow: UnitOfWork, event: InboundEvent) -> None:
    contact_id = await people.known(uow, event.person)
    ref = str(event.data[_VISITS[event.type]])
    conversion = pb.ConversionObserved(contact_id=str(contact_id or ""), order_ref=ref)
    conversion.occur_time.FromDatetime(
        event.time("completed_at") or event.time("admitted_at") or event.occurred_at
    )
    if event.data.get("amount"):
        owner = await tenants.tenant(uow, event.tenant_id)
        currency = event.data.get("currency") or owner.currency_code
        conversion.value.CopyFrom(Money.of_minor(currency, event.data["amount"]).to_proto())
    _emit(uow, "visit.completed", ref, pb.ConversionsObserved(conversions=[conversion]), event.occurred_at)


async def _refund(uow: UnitOfWork, event: InboundEvent, reference: OrderReference) -> None:
    owner = await tenants.tenant(uow, event.tenant_id)
    currency = event.data.get("currency") or reference.currency_code or owner.currency_code
    whole = event.type == "invoice.cancelled"
    taken = pb.ConversionReversed(
        order_ref=reference.order_ref,
        reversal_ref=str(event.data.get("refund_id") or ("cancelled" if whole else event.event_id)),
        value=Money.of_minor(currency, event.data["amount"]).to_proto(),
    )
    _emit(uow, event.type, reference.order_ref, pb.ConversionsReversed(reversals=[taken]), event.occurred_at)


def _emit(uow: UnitOfWork, kind: str, ref: str, payload: Message, at: datetime) -> None:
    uow.emit(Event(kind, "conversion", ref, payload, occurred_at=at))
