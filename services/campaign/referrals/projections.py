"""What events of neighbours do to referrals: visits and invoices make them count, refunds undo them, points reward them."""

from decimal import Decimal
from typing import Final
from uuid import UUID

from services.campaign.contacts import facts, people
from services.campaign.contacts import store as contacts
from services.campaign.contacts.facts import FactKind
from services.campaign.intake.steps import InboundEvent
from services.campaign.notices.notices import Notices
from services.campaign.orders import store as orders
from services.campaign.orders.convert import key_of
from services.campaign.orders.domain import REFUNDED, OrderReference
from services.campaign.referrals import conversion, rewards, store, terms
from services.campaign.referrals.domain import REFUND, Act, ReferralState, RewardOn, is_clawed_back
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import Tenant
from services.common.db.uow import UnitOfWork
from services.common.money import Money

_UNDONE: Final = frozenset({REFUNDED, "cancelled"})
_REFUNDS: Final = frozenset({"invoice.refunded", "invoice.cancelled", "refund.completed"})


class ReferralStep:
    """Goes by what was folded before: a visit cancelled already, and an invoice refunded, make nothing count."""

    name: Final = "referrals"
    types: Final = frozenset({"visit.completed", "invoice.finalized", "loyalty.points_credited"}) | _REFUNDS

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Does what one event means for the referral of its person."""
        if event.type == "loyalty.points_credited":
            await self._acknowledge(uow, event)
        elif event.type == "visit.completed":
            fact = await facts.claim(uow, FactKind.VISIT, event.data["visit_id"])
            if fact.data.get("state") == "completed":
                act = Act(RewardOn.FIRST_VISIT, event.time("completed_at") or event.occurred_at)
                await self._act(uow, event, fact.contact_id, act)
        elif (key := key_of(event)) is not None:
            reference = await orders.claim(uow, *key)
            if event.type in _REFUNDS:
                await self._undo(uow, event, reference)
            elif reference.status not in _UNDONE:
                owner = await tenants.tenant(uow, event.tenant_id)
                act = Act(
                    RewardOn.FIRST_PAID_VISIT,
                    reference.paid_at or event.occurred_at,
                    reference.order_ref,
                    _paid(reference, owner),
                )
                await self._act(uow, event, reference.contact_id, act)

    async def _act(self, uow: UnitOfWork, event: InboundEvent, contact_id: UUID | None, act: Act) -> None:
        contact = await contacts.by_key(uow, contact_id=contact_id) if contact_id else None
        if contact is None or contact.contact_id is None:
            return
        referral = await store.pending_of(uow, contact.contact_id, contact.phone)
        if referral is not None:
            owner = await tenants.tenant(uow, event.tenant_id)
            rules = await terms.current(uow)
            await conversion.convert_by(uow, self._notices, owner, rules, referral, act)

    async def _undo(self, uow: UnitOfWork, event: InboundEvent, reference: OrderReference) -> None:
        """Takes the rewards of a fully refunded first invoice back (LIF-83)."""
        if reference.status not in _UNDONE:
            return
        referral = await store.by_invoice(uow, reference.order_ref)
        rules = await terms.current(uow)
        if referral is not None and is_clawed_back(referral, event.occurred_at, rules.clawback_days):
            await rewards.take_back(uow, self._notices, referral, REFUND)

    async def _acknowledge(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Notes that the loyalty system credited the points of a referral (EVT-82)."""
        reference = str(event.data["reference"])
        try:
            referral_id = UUID(reference.partition("/")[0])
        except ValueError:
            return
        referral = await store.by_id(uow, referral_id, lock=True)
        if referral is None or referral.state is not ReferralState.CONVERTED:
            return
        referrer = await people.known(uow, event.person)
        if referral.credits and reference == referral.credit_id and referrer == referral.referrer_contact_id:
            await rewards.settle(uow, self._notices, referral)


def _paid(reference: OrderReference, owner: Tenant) -> Decimal | None:
    """Returns what was paid, net of coupons; None in another currency than the tenant's."""
    if reference.amount_minor is None or reference.currency_code != owner.currency_code:
        return None
    return Money.of_minor(owner.currency_code, reference.amount_minor).amount
