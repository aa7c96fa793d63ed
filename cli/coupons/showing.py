"""Coupons as documents for programs, and in the words of people."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from cli.moments import instant, instant_of
from cli.operating.calls import word_of
from cli.operating.tenancy import amount

if TYPE_CHECKING:
    from angarium.campaign.v1 import coupon_pb2

KINDS: Final = {"shared": 1, "generated": 2, "pool": 3}
STATES: Final = {"active": 1, "inactive": 2}
REFUSALS: Final = {
    1: ("invalid_code", "it is unknown, out of use, or somebody else's"),
    2: ("not_yet_valid", "its first day has not come"),
    3: ("expired", "its last day is over"),
    4: ("max_uses_reached", "all its uses are gone or set aside"),
    5: ("customer_limit_reached", "this contact used it as often as one may"),
    6: ("min_order_not_met", "the order is too small"),
    7: ("branch_not_eligible", "it is not for this branch: name another with --branch"),
    8: ("service_not_eligible", "none of its services is in the order: name them with --service"),
    9: ("category_not_eligible", "none of its categories is in the order: name them with --category"),
    10: ("segment_not_eligible", "this contact is not in its segment"),
    11: ("opted_out", "this contact does not agree to marketing"),
    12: ("not_stackable", "it does not go together with the other codes"),
}
"""Why a code cannot be used: the word of the contract, and what it says to people."""


def worth(coupon: "coupon_pb2.Coupon") -> str:
    """Returns what a coupon takes off, in words."""
    which = coupon.WhichOneof("discount")
    if which == "percentage":
        return f"{(Decimal(coupon.percentage) / 100).normalize():f} %"
    return amount(coupon.amount) if which == "amount" else f"service {coupon.free_service_id}"


def document(coupon: "coupon_pb2.Coupon") -> dict[str, Any]:
    """Returns everything about a coupon; None and empty lists mean that there is no limit."""
    counts = coupon.codes
    return {
        "coupon": coupon.coupon_id,
        "name": coupon.name,
        "description": coupon.description or None,
        "code": coupon.code or None,
        "kind": word_of(coupon.code_kind, KINDS),
        "state": word_of(coupon.state, STATES),
        "discount": worth(coupon),
        "valid_from": coupon.valid_from_date,
        "valid_until": coupon.valid_until_date,
        "max_uses": coupon.max_total_uses or None,
        "max_uses_per_contact": coupon.max_uses_per_contact,
        "used": coupon.current_uses,
        "set_aside": coupon.reserved_uses,
        "min_order": _amount(coupon, "min_order_amount"),
        "max_discount": _amount(coupon, "max_discount_amount"),
        "branches": list(coupon.branch_ids),
        "services": list(coupon.service_ids),
        "categories": list(coupon.category_ids),
        "segment": coupon.segment_id or None,
        "contact": coupon.contact_id or None,
        "campaign": coupon.campaign_id or None,
        "stacking": coupon.allow_stacking,
        "needs_consent": coupon.requires_marketing_consent,
        "codes": {
            "free": counts.free,
            "held": counts.held,
            "issued": counts.issued,
            "redeemed": counts.redeemed,
        }
        if coupon.HasField("codes")
        else None,
        "created_by": coupon.created_by,
        "created": instant(coupon.create_time),
    }


def redemption(one: "coupon_pb2.CouponRedemption") -> dict[str, Any]:
    """Returns one use of a coupon."""
    return {
        "redemption": one.redemption_id,
        "code": one.code,
        "contact": one.contact_id,
        "invoice": one.invoice_id,
        "order": amount(one.order_amount),
        "discount": amount(one.discount),
        "service": one.free_service_id or None,
        "branch": one.branch_id or None,
        "campaign": one.campaign_id or None,
        "message": one.message_id or None,
        "redeemed": instant(one.redeem_time),
        "reversed": instant_of(one, "reverse_time"),
        "reversal_reason": one.reversal_reason or None,
    }


def _amount(coupon: "coupon_pb2.Coupon", field: str) -> str | None:
    return amount(getattr(coupon, field)) if coupon.HasField(field) else None
