"""What one use of a coupon means: judged by all rules, counted under the coupon's lock, told and audited."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.coupons import codes, convert, eligibility, pool, records, store
from services.campaign.coupons.domain import (
    ZERO,
    Code,
    Coupon,
    CouponRefusedError,
    Order,
    Refusal,
    ReservationInvalidError,
    ReservationState,
)
from services.campaign.coupons.records import Redemption, Reservation
from services.campaign.coupons.rules import discounts, refusal
from services.campaign.tenants.domain import Tenant
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event
from services.common.ids import uuid7
from services.common.money import exponent


@dataclass(frozen=True, slots=True)
class Judged:
    """A code on an order: what stands against it, and what it takes off when nothing does."""

    code: Code | None
    refusal: Refusal | None
    discount: Decimal = ZERO

    def allowed(self) -> Code:
        """Returns the code; CouponRefusedError when something stands against it."""
        if self.refusal is not None or self.code is None:
            raise CouponRefusedError(self.refusal or Refusal.INVALID_CODE)
        return self.code


async def reverse(uow: UnitOfWork, redemptions: Sequence[Redemption], reason: str) -> list[Redemption]:
    """Gives uses back, each once; returns the redemptions as they now stand."""
    coupons = await store.lock(uow, [one.coupon_id for one in redemptions])
    after = []
    for one in redemptions:
        # Read again under the lock: another call may have been first.
        standing = await records.redemption(uow, one.redemption_id, lock=True)
        if standing is None or standing.reversed_at is not None:
            after.append(standing or one)
            continue
        await records.reverse(uow, one.redemption_id, reason)
        await store.count(uow, one.coupon_id, current=-1)
        await pool.mark(uow, one.code, is_redeemed=False)
        now = replace(standing, reversed_at=uow.now(), reversal_reason=reason)
        _tell(uow, "coupon.reversed", now, coupons[one.coupon_id])
        await _record(uow, "coupon.reverse", now)
        after.append(now)
    return after


async def redeem_on_invoice(
    uow: UnitOfWork,
    owner: Tenant,
    text: str,
    order: Order,
    invoice_id: str,
    other_codes: Sequence[str],
    *,
    agrees: bool,
) -> Redemption | None:
    """Redeems a code that an invoice names, unless it was redeemed on it before; None when the rules refuse it."""
    code = await locked(uow, codes.canonical(text))
    if code is None or await records.on_invoice(uow, invoice_id, coupon_id=code.coupon.coupon_id):
        return None
    judged = await judge(uow, owner, code.text, order, other_codes, agrees=agrees, code=code)
    if judged.refusal is not None:
        return None
    return await redeemed(uow, code, order, invoice_id, judged.discount)


async def expire_holds(uow: UnitOfWork, coupon_id: UUID) -> int:
    """Gives the uses of holds whose time is over back (JOB-19)."""
    await store.lock(uow, [coupon_id])
    ended = await records.expire(uow, coupon_id)
    if ended:
        await store.count(uow, coupon_id, reserved=-ended)
    return ended


async def judge(
    uow: UnitOfWork,
    owner: Tenant,
    text: str,
    order: Order,
    other_codes: Sequence[str],
    *,
    agrees: bool,
    code: Code | None = None,
) -> Judged:
    """Looks at all rules for a code on an order; `code` when it was read under lock before."""
    others = [one for one in map(codes.canonical, other_codes) if one != text]
    found = await store.codes(uow, [*others, *([] if code else [text])])
    code = code or found.pop(text, None)
    known = await eligibility.facts(uow, code, order, owner, agrees=agrees)
    together = [one.coupon for one in found.values()]
    if len(together) < len(others):
        # A code that is none cannot be one that stacks.
        return Judged(code, refusal(code, order, known) or Refusal.NOT_STACKABLE)
    refused = refusal(code, order, known, together)
    if refused is not None or code is None:
        return Judged(code, refused)
    each = discounts(order.amount, [code.coupon, *together], exponent(owner.currency_code))
    return Judged(code, None, each[code.coupon.coupon_id])


async def locked(uow: UnitOfWork, text: str) -> Code | None:
    """Returns a code whose coupon is locked and has its overdue holds back."""
    found = (await store.codes(uow, [text])).get(text)
    if found is None:
        return None
    await expire_holds(uow, found.coupon.coupon_id)
    # What was read before the lock may be another's by now.
    return (await store.codes(uow, [text])).get(text)


async def held(uow: UnitOfWork, reservation_id: UUID) -> Reservation:
    """Returns a hold whose coupon is locked; ReservationInvalidError when it is unknown or used."""
    found = await records.reservation(uow, reservation_id)
    if found is None:
        raise ReservationInvalidError
    await store.lock(uow, [found.coupon_id])
    hold = await records.reservation(uow, reservation_id)
    if hold is None or hold.state is ReservationState.REDEEMED:
        raise ReservationInvalidError
    return hold


async def end(uow: UnitOfWork, hold: Reservation) -> None:
    """Gives the use of a hold back and writes how it ended."""
    await records.close_reservation(uow, hold.reservation_id, hold.state)
    await store.count(uow, hold.coupon_id, reserved=-1)


async def use_hold(
    uow: UnitOfWork, owner: Tenant, hold: Reservation, order: Order, other_codes: Sequence[str]
) -> tuple[Code, Decimal]:
    """Ends a hold in a use, also when the coupon ended meanwhile; only the amount is computed anew (LIF-77)."""
    code = await locked(uow, hold.code)
    fresh = await held(uow, hold.reservation_id)
    if code is None or fresh.contact_id != order.contact_id or fresh.state is not ReservationState.HELD:
        raise ReservationInvalidError
    found = await store.codes(uow, [codes.canonical(one) for one in other_codes])
    others = (one.coupon for one in found.values() if one.coupon.coupon_id != code.coupon.coupon_id)
    each = discounts(order.amount, [code.coupon, *others], exponent(owner.currency_code))
    await end(uow, replace(fresh, state=ReservationState.REDEEMED))
    return code, each[code.coupon.coupon_id]


async def redeemed(
    uow: UnitOfWork, code: Code, order: Order, invoice_id: str, discount: Decimal
) -> Redemption:
    """Records one use, counts it and tells of it; the coupon must be locked."""
    coupon = code.coupon
    campaign_id = await pool.campaign_of(uow, code.text) if code.message_id else None
    use = Redemption(
        redemption_id=uuid7(),
        coupon_id=coupon.coupon_id,
        code=code.text,
        contact_id=order.contact_id,
        invoice_id=invoice_id,
        branch_id=order.branch_id,
        order_amount=order.amount,
        discount=discount,
        currency=coupon.currency,
        campaign_id=campaign_id or coupon.campaign_id,
        message_id=code.message_id,
        redeemed_at=uow.now(),
    )
    await records.insert_redemption(uow, use)
    await store.count(uow, coupon.coupon_id, current=1)
    await pool.mark(uow, code.text, is_redeemed=True)
    _tell(uow, "coupon.redeemed", use, coupon)
    fresh = await store.by_id(uow, coupon.coupon_id)
    if fresh is not None:
        await tell_exhausted(uow, fresh)
    await _record(uow, "coupon.redeem", use)
    return use


def _tell(uow: UnitOfWork, type_: str, use: Redemption, coupon: Coupon) -> None:
    payload = events_pb2.CouponUsed(redemption=convert.redemption_to_proto(use, coupon.free_service_id))
    uow.emit(Event(type_, "coupon", str(coupon.coupon_id), payload))


async def tell_exhausted(uow: UnitOfWork, coupon: Coupon) -> None:
    """Announces that nobody can use a coupon any more, once."""
    if not coupon.is_exhausted or coupon.is_told_exhausted:
        return
    await store.told_exhausted(uow, coupon.coupon_id)
    payload = events_pb2.CouponChanged(coupon=convert.coupon_to_proto(coupon))
    uow.emit(Event("coupon.exhausted", "coupon", str(coupon.coupon_id), payload))


async def _record(uow: UnitOfWork, action: str, use: Redemption) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="coupon_redemption",
        resource_id=use.redemption_id,
        before=None,
        after={
            "coupon_id": str(use.coupon_id),
            "invoice_id": use.invoice_id,
            "discount": str(use.discount),
            "reason": use.reversal_reason,
        },
    )
