"""Who may use a coupon when, what it takes off, and what of it may change. Standard library and values only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from uuid import UUID

from services.campaign.coupons.domain import ZERO, Code, CodeKind, Coupon, CouponState, Order, Refusal

WHOLE: Final = Decimal(10_000)
"""A percentage is in hundredths of a percent."""
MOST_TOGETHER: Final = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules must know besides the coupon and the order; by default nothing stands against a use."""

    today: date
    contact_uses: int = 0
    """Redemptions that stand and holds of this contact."""
    is_in_segment: bool = True
    is_consenting: bool = True


def refusal(code: Code | None, order: Order, facts: Facts, others: Sequence[Coupon] = ()) -> Refusal | None:
    """Returns the first thing that stands against using a code, or None (LIF-73)."""
    if code is None or not _is_theirs(code, order.contact_id):
        return Refusal.INVALID_CODE
    coupon = code.coupon
    tests = (
        (facts.today < coupon.valid_from, Refusal.NOT_YET_VALID),
        (facts.today > coupon.valid_until, Refusal.EXPIRED),
        (coupon.is_exhausted, Refusal.MAX_USES_REACHED),
        (facts.contact_uses >= coupon.max_uses_per_contact, Refusal.CUSTOMER_LIMIT_REACHED),
        (order.amount < (coupon.min_order_amount or ZERO), Refusal.MIN_ORDER_NOT_MET),
        (bool(coupon.branch_ids) and order.branch_id not in coupon.branch_ids, Refusal.BRANCH_NOT_ELIGIBLE),
        (_misses(coupon.service_ids, order.service_ids), Refusal.SERVICE_NOT_ELIGIBLE),
        (_misses(coupon.category_ids, order.category_ids), Refusal.CATEGORY_NOT_ELIGIBLE),
        (coupon.segment_id is not None and not facts.is_in_segment, Refusal.SEGMENT_NOT_ELIGIBLE),
        (coupon.requires_marketing_consent and not facts.is_consenting, Refusal.OPTED_OUT),
        (not stackable([coupon, *others]), Refusal.NOT_STACKABLE),
    )
    return next((found for stands, found in tests if stands), None)


def stackable(coupons: Sequence[Coupon]) -> bool:
    """Returns whether coupons may be used together: one always, several when each of them allows it (LIF-76)."""
    if len(coupons) < 2:
        return True
    return len(coupons) <= MOST_TOGETHER and all(one.allow_stacking for one in coupons)


def discounts(amount: Decimal, coupons: Iterable[Coupon], places: int) -> dict[UUID, Decimal]:
    """Returns what each coupon takes off an order: percentages first, then amounts, each of what is left (LIF-76).

    Args:
        amount: The order before any discount.
        coupons: The coupons on it, each once.
        places: Decimal places of the currency's minor unit; percentages are rounded half up to it.
    """
    left, taken = amount, {}
    for coupon in sorted(coupons, key=lambda one: (one.percentage is None, one.coupon_id)):
        taken[coupon.coupon_id] = one = discount(left, coupon, places)
        left -= one
    return taken


def discount(amount: Decimal, coupon: Coupon, places: int) -> Decimal:
    """Returns what one coupon takes off an amount: never more than its bound, never more than there is (LIF-75)."""
    if coupon.percentage is not None:
        part = (amount * coupon.percentage / WHOLE).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    else:
        part = coupon.amount or ZERO
    bound = part if coupon.max_discount_amount is None else min(part, coupon.max_discount_amount)
    return min(bound, amount)


OPEN_AFTER_USE: Final = frozenset(
    {"name", "description", "valid_until", "max_total_uses", "max_uses_per_contact", "state"}
)


def frozen_changes(before: Coupon, after: Coupon, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yields what may not change once somebody used a coupon, as field and sentence (LIF-28)."""
    if not before.is_used:
        return
    for path in paths:
        if path not in OPEN_AFTER_USE:
            yield path, "cannot change after the first use"
    if after.max_total_uses is not None and (
        before.max_total_uses is None or after.max_total_uses < before.max_total_uses
    ):
        yield "max_total_uses", "can only be raised after the first use"
    if after.max_uses_per_contact < before.max_uses_per_contact:
        yield "max_uses_per_contact", "can only be raised after the first use"


def problems(coupon: Coupon) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with a coupon by itself, as field and sentence (LIF-90)."""
    if not coupon.name.strip():
        yield "name", "must not be blank"
    if coupon.valid_until < coupon.valid_from:
        yield "valid_until_date", "lies before valid_from_date"
    if (coupon.percentage, coupon.amount, coupon.free_service_id) == (None, None, None):
        yield "discount", "is needed: percentage, amount or free_service_id"
    if coupon.amount is not None and coupon.amount <= 0:
        yield "amount", "must be more than 0"
    if coupon.min_order_amount is not None and coupon.min_order_amount < 0:
        yield "min_order_amount", "must not be negative"
    if coupon.max_discount_amount is not None and coupon.max_discount_amount <= 0:
        yield "max_discount_amount", "must be more than 0"
    if coupon.code_kind is not CodeKind.SHARED:
        if coupon.code:
            yield "code", "belongs to shared coupons: here each recipient gets their own"
        if coupon.contact_id:
            yield "contact_id", "belongs to shared coupons: here each code has its own contact"


def raised(before: Coupon, after: Coupon) -> Coupon:
    """Returns a changed coupon; one that can be used again may be announced as exhausted again."""
    return replace(after, is_told_exhausted=before.is_told_exhausted and after.is_exhausted)


def _is_theirs(code: Code, contact_id: UUID) -> bool:
    coupon = code.coupon
    return (
        coupon.state is CouponState.ACTIVE
        and code.is_usable
        and coupon.contact_id in (None, contact_id)
        and code.owner_id in (None, contact_id)
    )


def _misses(wanted: Sequence[str], given: frozenset[str]) -> bool:
    """Returns whether an order has nothing of what a coupon is for; none given is none there (LIF-111)."""
    return bool(wanted) and given.isdisjoint(wanted)
