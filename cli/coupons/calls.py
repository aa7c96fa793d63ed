"""What `angarium coupons` asks of campaign."""

from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from angarium.campaign.v1 import coupon_pb2
from angarium.campaign.v1 import coupon_service_pb2 as pb
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from cli.operating.tenancy import owner
from cli.output import CommandError
from cli.paging import listed
from cli.state_folder import StateFolder
from services.common.errors import ServiceError

_MEND = "See what there is: angarium coupons list"


def stub(folder: StateFolder, tenant_id: UUID | None) -> AbstractAsyncContextManager[Any]:
    """Yields CouponService as the tenant's owner calls it."""
    return owner(folder, CouponServiceStub, tenant_id)


async def every(coupons: Any, limit: int, **filters: Any) -> list[coupon_pb2.Coupon]:
    """Returns up to so many coupons, newest first."""
    return await listed(coupons.ListCoupons, pb.ListCouponsRequest(**filters), "coupons", limit)


async def named(coupons: Any, text: str) -> coupon_pb2.Coupon:
    """Returns the coupon of an id, or of the code that all share, or of a name that only one has."""
    try:
        coupon_id = str(UUID(text))
    except ValueError:
        return await _spelled(coupons, text)
    try:
        answer = await coupons.GetCoupon(pb.GetCouponRequest(coupon_id=coupon_id))
    except ServiceError as error:
        if error.reason != "NOT_FOUND":
            raise
        raise CommandError(f"There is no coupon {text}.", _MEND) from None
    found: coupon_pb2.Coupon = answer.coupon
    return found


async def redemptions(coupons: Any, coupon_id: str, limit: int) -> list[coupon_pb2.CouponRedemption]:
    """Returns up to so many uses of a coupon, newest first."""
    request = pb.ListCouponRedemptionsRequest(coupon_id=coupon_id)
    return await listed(coupons.ListCouponRedemptions, request, "redemptions", limit)


async def _spelled(coupons: Any, text: str) -> coupon_pb2.Coupon:
    request = pb.ListCouponsRequest(text=text[:100])
    found: list[coupon_pb2.Coupon] = await listed(coupons.ListCoupons, request, "coupons")
    alike = []
    for one in found:
        if one.code == text.strip().upper():
            return one
        if one.name == text:
            alike.append(one)
    if len(alike) > 1:
        raise CommandError(
            f"{len(alike)} coupons are called {text!r}.", "Name one by its id: angarium coupons list"
        )
    if not alike:
        raise CommandError(f"There is no coupon {text!r}.", _MEND)
    return alike[0]
