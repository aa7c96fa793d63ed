"""What `angarium coupons` asks of campaign."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from angarium.campaign.v1 import coupon_pb2
from angarium.campaign.v1 import coupon_service_pb2 as pb
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from cli.operating.tenancy import owner
from cli.output import CommandError
from cli.state_folder import StateFolder
from services.common.errors import ServiceError

MOST = 200
_MEND = "See what there is: angarium coupons list"


def stub(folder: StateFolder, tenant_id: UUID | None) -> AbstractAsyncContextManager[Any]:
    """Yields CouponService as the tenant's owner calls it."""
    return owner(folder, CouponServiceStub, tenant_id)


async def every(coupons: Any, limit: int, **filters: Any) -> list[coupon_pb2.Coupon]:
    """Returns up to so many coupons, newest first."""
    return [one async for one in _coupons(coupons, limit, **filters)]


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
    found: list[coupon_pb2.CouponRedemption] = []
    token = ""
    while len(found) < limit:
        size = min(MOST, limit - len(found))
        answer = await coupons.ListCouponRedemptions(
            pb.ListCouponRedemptionsRequest(coupon_id=coupon_id, page_size=size, page_token=token)
        )
        found += answer.redemptions
        token = answer.next_page_token
        if not token:
            break
    return found


async def _spelled(coupons: Any, text: str) -> coupon_pb2.Coupon:
    alike = []
    async for one in _coupons(coupons, None, text=text[:100]):
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


async def _coupons(coupons: Any, limit: int | None, **filters: Any) -> AsyncIterator[coupon_pb2.Coupon]:
    token, left = "", limit
    while left is None or left > 0:
        size = MOST if left is None else min(MOST, left)
        page = await coupons.ListCoupons(pb.ListCouponsRequest(page_size=size, page_token=token, **filters))
        for one in page.coupons:
            yield one
        left = None if left is None else left - len(page.coupons)
        token = page.next_page_token
        if not token:
            return
