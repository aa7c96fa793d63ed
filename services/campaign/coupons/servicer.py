"""CouponService."""

from collections.abc import AsyncIterator
from typing import Any

from angarium.campaign.v1 import coupon_service_pb2 as pb
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceServicer
from services.campaign.coupons.handlers import Coupons
from services.campaign.coupons.uses import Uses


class CouponServicer(CouponServiceServicer):
    """Discounts by code."""

    def __init__(self, coupons: Coupons, uses: Uses) -> None:
        self._coupons = coupons
        self._uses = uses

    async def CreateCoupon(self, request: pb.CreateCouponRequest, context: Any) -> pb.CreateCouponResponse:
        return await self._coupons.create(request)

    async def GetCoupon(self, request: pb.GetCouponRequest, context: Any) -> pb.GetCouponResponse:
        return await self._coupons.get(request)

    async def ListCoupons(self, request: pb.ListCouponsRequest, context: Any) -> pb.ListCouponsResponse:
        return await self._coupons.page(request)

    async def UpdateCoupon(self, request: pb.UpdateCouponRequest, context: Any) -> pb.UpdateCouponResponse:
        return await self._coupons.update(request)

    async def DeactivateCoupon(
        self, request: pb.DeactivateCouponRequest, context: Any
    ) -> pb.DeactivateCouponResponse:
        return await self._coupons.deactivate(request)

    async def AddCouponCodes(
        self, request_iterator: AsyncIterator[pb.AddCouponCodesRequest], context: Any
    ) -> AsyncIterator[pb.AddCouponCodesResponse]:
        async for request in request_iterator:
            yield await self._coupons.add_codes(request)

    async def ValidateCoupon(
        self, request: pb.ValidateCouponRequest, context: Any
    ) -> pb.ValidateCouponResponse:
        return await self._uses.validate(request)

    async def ReserveCoupon(self, request: pb.ReserveCouponRequest, context: Any) -> pb.ReserveCouponResponse:
        return await self._uses.reserve(request)

    async def ReleaseCoupon(self, request: pb.ReleaseCouponRequest, context: Any) -> pb.ReleaseCouponResponse:
        return await self._uses.release(request)

    async def RedeemCoupon(self, request: pb.RedeemCouponRequest, context: Any) -> pb.RedeemCouponResponse:
        return await self._uses.redeem(request)

    async def ReverseRedemption(
        self, request: pb.ReverseRedemptionRequest, context: Any
    ) -> pb.ReverseRedemptionResponse:
        return await self._uses.reverse(request)

    async def ListCouponRedemptions(
        self, request: pb.ListCouponRedemptionsRequest, context: Any
    ) -> pb.ListCouponRedemptionsResponse:
        return await self._coupons.redemptions(request)
