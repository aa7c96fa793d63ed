"""PreferenceService."""

from typing import Any

from angarium.consent.v1 import preference_service_pb2 as pb
from angarium.consent.v1 import preference_service_pb2_grpc
from services.consent.preferences.handlers import Preferences


class PreferenceServicer(preference_service_pb2_grpc.PreferenceServiceServicer):
    """Makes links, tells what they are for, and does what they say."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    async def IssueUnsubscribeToken(
        self, request: pb.IssueUnsubscribeTokenRequest, context: Any
    ) -> pb.IssueUnsubscribeTokenResponse:
        return await self._preferences.issue(request)

    async def ResolveToken(self, request: pb.ResolveTokenRequest, context: Any) -> pb.ResolveTokenResponse:
        return await self._preferences.resolve(request)

    async def Unsubscribe(self, request: pb.UnsubscribeRequest, context: Any) -> pb.UnsubscribeResponse:
        return await self._preferences.unsubscribe(request)
