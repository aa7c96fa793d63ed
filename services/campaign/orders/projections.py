"""Order references and what they add to their buyers (CAM-18, CAM-80)."""

from typing import Final
from uuid import UUID

from services.campaign.contacts import announce, counters, people
from services.campaign.contacts.counters import Gain
from services.campaign.intake.steps import InboundEvent
from services.campaign.orders import store
from services.campaign.orders.convert import TYPES, key_of, told_of
from services.campaign.orders.domain import OrderReference, folded
from services.campaign.tenants import handlers as tenants
from services.common.db.uow import UnitOfWork
from services.common.security.keys import KeySet

_CHANGES: Final = ("purchase_count", "total_spend_minor", "last_purchase_at")


class OrderStep:
    """Keeps order references, and the purchases and spend of their buyers; contacts are kept before it."""

    name: Final = "orders"
    types: Final = TYPES

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Folds an event into its order; however often and in whatever order events come, the sums are the same."""
        key = key_of(event)
        if key is None:
            return
        currency = (await tenants.tenant(uow, event.tenant_id)).currency_code
        contact_id = await people.known(uow, event.person)
        told = told_of(event, contact_id, currency)
        before = await store.claim(uow, *key)
        after = folded(before, told)
        if after.fold != before.fold:
            await store.save(uow, after)
            await _count(uow, before, after, currency)
            changed = (before.purchases, before.spend_minor(currency)) != (
                after.purchases,
                after.spend_minor(currency),
            )
            if changed or before.contact_id != after.contact_id:
                await announce.touched(uow, {before.contact_id, after.contact_id}, _CHANGES, self._keys)
        # Whoever paid was active, and bought, whoever the buyer turns out to be.
        if contact_id and told.paid_at:
            await counters.add(uow, contact_id, Gain(purchased_at=told.paid_at))


async def _count(uow: UnitOfWork, before: OrderReference, after: OrderReference, currency: str) -> None:
    """Gives the buyer what the order counts for now, and takes what it counted for before."""
    gains: dict[UUID, list[int]] = {}
    for order, sign in ((before, -1), (after, 1)):
        if order.contact_id:
            gain = gains.setdefault(order.contact_id, [0, 0])
            gain[0] += sign * order.purchases
            gain[1] += sign * order.spend_minor(currency)
    # In one order, so that two orders of the same people cannot wait for each other.
    for contact_id in sorted(gains):
        purchases, spend = gains[contact_id]
        paid_at = after.paid_at if contact_id == after.contact_id else None
        await counters.add(
            uow, contact_id, Gain(purchases=purchases, spend_minor=spend, purchased_at=paid_at)
        )
