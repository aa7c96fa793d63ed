"""ReferralService."""

from typing import Any

from angarium.campaign.v1 import referral_service_pb2 as pb
from angarium.campaign.v1.referral_service_pb2_grpc import ReferralServiceServicer
from services.campaign.referrals.handlers import Referrals
from services.campaign.referrals.programme import Programme


class ReferralServicer(ReferralServiceServicer):
    """Customers bring customers."""

    def __init__(self, programme: Programme, referrals: Referrals) -> None:
        self._programme = programme
        self._referrals = referrals

    async def GetReferralSettings(
        self, request: pb.GetReferralSettingsRequest, context: Any
    ) -> pb.GetReferralSettingsResponse:
        return await self._programme.get()

    async def UpdateReferralSettings(
        self, request: pb.UpdateReferralSettingsRequest, context: Any
    ) -> pb.UpdateReferralSettingsResponse:
        return await self._programme.update(request)

    async def GetReferralCode(
        self, request: pb.GetReferralCodeRequest, context: Any
    ) -> pb.GetReferralCodeResponse:
        return await self._programme.code(request)

    async def ApplyReferral(self, request: pb.ApplyReferralRequest, context: Any) -> pb.ApplyReferralResponse:
        return await self._referrals.apply(request)

    async def ListReferrals(self, request: pb.ListReferralsRequest, context: Any) -> pb.ListReferralsResponse:
        return await self._referrals.page(request)

    async def GetReferral(self, request: pb.GetReferralRequest, context: Any) -> pb.GetReferralResponse:
        return await self._referrals.get(request)

    async def GetReferralLeaderboard(
        self, request: pb.GetReferralLeaderboardRequest, context: Any
    ) -> pb.GetReferralLeaderboardResponse:
        return await self._referrals.leaders(request)

    async def MarkReferralFraud(
        self, request: pb.MarkReferralFraudRequest, context: Any
    ) -> pb.MarkReferralFraudResponse:
        return await self._referrals.mark(request)

    async def ClearReferralFraud(
        self, request: pb.ClearReferralFraudRequest, context: Any
    ) -> pb.ClearReferralFraudResponse:
        return await self._referrals.clear(request)
