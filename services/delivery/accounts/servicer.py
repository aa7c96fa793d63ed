"""ProviderService."""

from typing import Any

from angarium.delivery.v1 import provider_service_pb2 as pb
from angarium.delivery.v1 import provider_service_pb2_grpc as grpc_pb
from services.delivery.accounts.cases import AccountCases


class ProviderServicer(grpc_pb.ProviderServiceServicer):
    """Accounts at providers, and what sending costs."""

    def __init__(self, accounts: AccountCases) -> None:
        self._accounts = accounts

    async def CreateProviderAccount(
        self, request: pb.CreateProviderAccountRequest, context: Any
    ) -> pb.CreateProviderAccountResponse:
        return await self._accounts.create(request)

    async def GetProviderAccount(
        self, request: pb.GetProviderAccountRequest, context: Any
    ) -> pb.GetProviderAccountResponse:
        return await self._accounts.get(request)

    async def ListProviderAccounts(
        self, request: pb.ListProviderAccountsRequest, context: Any
    ) -> pb.ListProviderAccountsResponse:
        return await self._accounts.page(request)

    async def UpdateProviderAccount(
        self, request: pb.UpdateProviderAccountRequest, context: Any
    ) -> pb.UpdateProviderAccountResponse:
        return await self._accounts.update(request)

    async def VerifyProviderAccount(
        self, request: pb.VerifyProviderAccountRequest, context: Any
    ) -> pb.VerifyProviderAccountResponse:
        return await self._accounts.verify(request)

    async def DeleteProviderAccount(
        self, request: pb.DeleteProviderAccountRequest, context: Any
    ) -> pb.DeleteProviderAccountResponse:
        return await self._accounts.delete(request)

    async def RotateWebhookToken(
        self, request: pb.RotateWebhookTokenRequest, context: Any
    ) -> pb.RotateWebhookTokenResponse:
        return await self._accounts.rotate_webhook_token(request)

    async def ListProviderHealth(
        self, request: pb.ListProviderHealthRequest, context: Any
    ) -> pb.ListProviderHealthResponse:
        return await self._accounts.health(request)

    async def ResetProviderHealth(
        self, request: pb.ResetProviderHealthRequest, context: Any
    ) -> pb.ResetProviderHealthResponse:
        return await self._accounts.reset_health(request)

    async def LookupPhone(self, request: pb.LookupPhoneRequest, context: Any) -> pb.LookupPhoneResponse:
        return await self._accounts.look_up_phone(request)

    async def VerifySender(self, request: pb.VerifySenderRequest, context: Any) -> pb.VerifySenderResponse:
        return await self._accounts.verify_sender(request)

    async def GetChannelRoute(
        self, request: pb.GetChannelRouteRequest, context: Any
    ) -> pb.GetChannelRouteResponse:
        return await self._accounts.route(request)

    async def QuoteCost(self, request: pb.QuoteCostRequest, context: Any) -> pb.QuoteCostResponse:
        return await self._accounts.quote(request)
