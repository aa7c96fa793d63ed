"""Between coupons and the contract."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from google.type import money_pb2

from angarium.campaign.v1 import coupon_pb2, coupon_service_pb2
from services.campaign.coupons.codes import canonical
from services.campaign.coupons.domain import CodeKind, Coupon, CouponState, Order
from services.campaign.coupons.records import Redemption, Reservation
from services.common.errors import Violation, invalid, invalid_many
from services.common.ids import uuid7
from services.common.money import Money

DISCOUNTS: Final = ("percentage", "amount", "free_service_id")
MASKABLE: Final = [
    "code_kind",
    "name",
    "description",
    "percentage",
    "amount",
    "free_service_id",
    "valid_from_date",
    "valid_until_date",
    "max_total_uses",
    "max_uses_per_contact",
    "min_order_amount",
    "max_discount_amount",
    "branch_ids",
    "service_ids",
    "category_ids",
    "segment_id",
    "contact_id",
    "allow_stacking",
    "requires_marketing_consent",
    "campaign_id",
    "state",
]
FIELDS: Final[Mapping[str, str]] = {"valid_from_date": "valid_from", "valid_until_date": "valid_until"}
"""Fields of a coupon that the contract names otherwise."""


def coupon_from_proto(message: coupon_pb2.Coupon, currency: str) -> Coupon:
    """Returns the coupon of a message, amounts in the tenant's currency; every wrong field is named at once."""
    wrong: list[Violation] = []
    values: dict[str, Any] = {}
    for field in ("valid_from_date", "valid_until_date"):
        try:
            values[FIELDS[field]] = date.fromisoformat(getattr(message, field))
        except ValueError:
            values[FIELDS[field]] = date.min
            wrong.append(Violation(f"coupon.{field}", "must be a day as YYYY-MM-DD"))
    for field in ("amount", "min_order_amount", "max_discount_amount"):
        if message.HasField(field):
            try:
                values[field] = amount_of(getattr(message, field), currency)
            except ValueError as error:
                wrong.append(Violation(f"coupon.{field}", str(error)))
    if wrong:
        raise invalid_many(wrong)
    which = message.WhichOneof("discount")
    return Coupon(
        coupon_id=UUID(message.coupon_id) if message.coupon_id else uuid7(),
        name=message.name,
        currency=currency,
        code=canonical(message.code) or None,
        code_kind=CodeKind(message.code_kind or CodeKind.SHARED),
        description=message.description,
        percentage=message.percentage if which == "percentage" else None,
        free_service_id=message.free_service_id if which == "free_service_id" else None,
        max_total_uses=message.max_total_uses or None,
        max_uses_per_contact=message.max_uses_per_contact or 1,
        branch_ids=tuple(UUID(one) for one in message.branch_ids),
        service_ids=tuple(message.service_ids),
        category_ids=tuple(message.category_ids),
        segment_id=_id(message.segment_id),
        contact_id=_id(message.contact_id),
        allow_stacking=message.allow_stacking,
        requires_marketing_consent=message.requires_marketing_consent,
        campaign_id=_id(message.campaign_id),
        state=CouponState(message.state or CouponState.ACTIVE),
        **values,
    )


def coupon_to_proto(coupon: Coupon, counts: Mapping[str, int] | None = None) -> coupon_pb2.Coupon:
    """Returns a coupon as the contract shows it, with what became of its own codes when it has any."""
    message = coupon_pb2.Coupon(
        coupon_id=str(coupon.coupon_id),
        code=coupon.code or "",
        code_kind=f"CODE_KIND_{coupon.code_kind.name}",
        name=coupon.name,
        description=coupon.description,
        valid_from_date=coupon.valid_from.isoformat(),
        valid_until_date=coupon.valid_until.isoformat(),
        max_total_uses=coupon.max_total_uses or 0,
        max_uses_per_contact=coupon.max_uses_per_contact,
        current_uses=coupon.current_uses,
        reserved_uses=coupon.reserved_uses,
        branch_ids=map(str, coupon.branch_ids),
        service_ids=coupon.service_ids,
        category_ids=coupon.category_ids,
        segment_id=str(coupon.segment_id or ""),
        contact_id=str(coupon.contact_id or ""),
        allow_stacking=coupon.allow_stacking,
        requires_marketing_consent=coupon.requires_marketing_consent,
        campaign_id=str(coupon.campaign_id or ""),
        state=f"STATE_{coupon.state.name}",
        created_by=coupon.created_by,
        etag=str(coupon.version),
    )
    if coupon.percentage is not None:
        message.percentage = coupon.percentage
    if coupon.free_service_id is not None:
        message.free_service_id = coupon.free_service_id
    for field in ("amount", "min_order_amount", "max_discount_amount"):
        if (value := getattr(coupon, field)) is not None:
            getattr(message, field).CopyFrom(money(coupon.currency, value))
    if counts is not None and coupon.code_kind is not CodeKind.SHARED:
        message.codes.CopyFrom(coupon_pb2.CouponCodeCounts(**counts))
    if coupon.created_at:
        message.create_time.FromDatetime(coupon.created_at)
    return message


def order_from_proto(message: coupon_service_pb2.CouponOrder, currency: str) -> Order:
    """Returns the order of a message; invalid for another currency or a negative amount."""
    try:
        amount = amount_of(message.amount, currency)
    except ValueError as error:
        raise invalid("order.amount", str(error)) from None
    if amount < 0:
        raise invalid("order.amount", "must not be negative")
    return Order(
        contact_id=UUID(message.contact_id),
        amount=amount,
        branch_id=_id(message.branch_id),
        service_ids=frozenset(message.service_ids),
        category_ids=frozenset(message.category_ids),
    )


def reservation_to_proto(one: Reservation) -> coupon_pb2.CouponReservation:
    """Returns a hold as the contract shows it."""
    message = coupon_pb2.CouponReservation(
        reservation_id=str(one.reservation_id),
        coupon_id=str(one.coupon_id),
        code=one.code,
        contact_id=str(one.contact_id),
        order_ref=one.order_ref,
        discount=money(one.currency, one.discount),
        state=f"STATE_{one.state.name}",
    )
    message.expire_time.FromDatetime(one.expires_at)
    return message


def redemption_to_proto(one: Redemption, free_service_id: str | None) -> coupon_pb2.CouponRedemption:
    """Returns a use as the contract shows it."""
    message = coupon_pb2.CouponRedemption(
        redemption_id=str(one.redemption_id),
        coupon_id=str(one.coupon_id),
        code=one.code,
        contact_id=str(one.contact_id),
        invoice_id=one.invoice_id,
        branch_id=str(one.branch_id or ""),
        order_amount=money(one.currency, one.order_amount),
        discount=money(one.currency, one.discount),
        free_service_id=free_service_id or "",
        campaign_id=str(one.campaign_id or ""),
        message_id=str(one.message_id or ""),
        reversal_reason=one.reversal_reason or "",
    )
    message.redeem_time.FromDatetime(one.redeemed_at)
    if one.reversed_at:
        message.reverse_time.FromDatetime(one.reversed_at)
    return message


def money(currency: str, amount: Decimal) -> money_pb2.Money:
    """Returns an amount as the contract shows it."""
    return Money(currency, amount).to_proto()


def amount_of(message: money_pb2.Money, currency: str) -> Decimal:
    """Returns an amount of the tenant's currency in whole minor units; ValueError for any other."""
    found = Money.from_proto(message)
    if found.currency != currency:
        raise ValueError(f"must be in {currency}, the tenant's currency")
    found.minor_units()
    return found.amount


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None
