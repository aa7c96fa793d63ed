"""What invoices of neighbours say of coupons: codes they name are redeemed, what was given back whole is reversed."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from services.campaign.coupons import accounting, codes, records, store
from services.campaign.coupons.domain import Order
from services.campaign.intake.steps import InboundEvent
from services.campaign.orders import store as orders
from services.campaign.orders.convert import key_of
from services.campaign.orders.domain import REFUNDED, OrderReference
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import Tenant
from services.common.db.uow import UnitOfWork
from services.common.money import Money

_UNDONE: Final = frozenset({REFUNDED, "cancelled"})
_REASON: Final = "full refund or cancelled invoice"


class CouponStep:
    """Redeems the codes of invoices that nobody redeemed by call (EVT-75), and reverses those of undone ones (EVT-76).

    It goes by the order reference, which is folded before, so a refund that comes before its invoice leaves nothing
    redeemed, and a partial refund reverses nothing (LIF-78).
    """

    name: Final = "coupons"
    types: Final = frozenset(
        {"invoice.finalized", "invoice.refunded", "invoice.cancelled", "refund.completed"}
    )

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Brings the redemptions on one invoice or order to where its reference stands."""
        key = key_of(event)
        if key is None:
            return
        reference = await orders.claim(uow, *key)
        if reference.status in _UNDONE:
            await accounting.reverse(uow, await records.on_invoice(uow, reference.order_ref), _REASON)
        elif event.type == "invoice.finalized" and reference.contact_id:
            owner = await tenants.tenant(uow, event.tenant_id)
            await _redeem(uow, owner, reference, event, reference.contact_id)


async def _redeem(
    uow: UnitOfWork, owner: Tenant, reference: OrderReference, event: InboundEvent, contact_id: UUID
) -> None:
    currency = event.data.get("currency") or owner.currency_code
    if currency != owner.currency_code:
        return
    lines = event.data["lines"]
    order = Order(
        contact_id=contact_id,
        amount=Money.of_minor(currency, event.data["total"]).amount,
        branch_id=reference.branch_id,
        service_ids=_named(lines, "service"),
        category_ids=_named(lines, "category"),
    )
    found = await store.codes(uow, [codes.canonical(str(code)) for code in event.data["coupon_codes"]])
    for text in sorted(found, key=lambda one: found[one].coupon.percentage is None):
        others = [one for one in found if one != text]
        # The discount was granted; whoever granted it asked for consent where the coupon wants it.
        await accounting.redeem_on_invoice(uow, owner, text, order, reference.order_ref, others, agrees=True)


def _named(lines: Iterable[dict[str, object]], field: str) -> frozenset[str]:
    return frozenset(str(line[field]) for line in lines if line.get(field))
