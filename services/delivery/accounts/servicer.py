"""ProviderService."""

from typing import Any

from angarium.delivery.v1 import provider_service_pb2 as pb
from angarium.delivery.v1 import provider_service_pb2_grpc as grpc_pb
from services.common.idempotency import once
from services.common.masks import apply_mask
from services.delivery.accounts import care, convert, handlers, phones, senders
from services.delivery.accounts.handlers import Accounts
from services.delivery.accounts.owners import owner
from services.delivery.costs import handlers as costs
from services.delivery.costs.cards import RateCards


class ProviderServicer(grpc_pb.ProviderServiceServicer):
    """Accounts at providers, and what sending costs."""

    def __init__(self, accounts: Accounts, cards: RateCards) -> None:
        self._accounts = accounts
        self._cards = cards

    async def CreateProviderAccount(
        self, request: pb.CreateProviderAccountRequest, context: Any
    ) -> pb.CreateProviderAccountResponse:
        deps = self._accounts
        async with deps.database.tenant(owner()) as uow:

            async def effect() -> pb.CreateProviderAccountResponse:
                record = await handlers.create(deps, uow, request.provider_account, request.credentials)
                return pb.CreateProviderAccountResponse(provider_account=convert.to_proto(record))

            response, repeated = await once(
                uow,
                method="ProviderService.CreateProviderAccount",
                key=request.idempotency_key,
                request=request,
                response_type=pb.CreateProviderAccountResponse,
                effect=effect,
            )
            # The stored answer holds no token; the path is read again each time.
            account_id = response.provider_account.provider_account_id
            record = await handlers.get(uow, account_id)
            response.provider_account.webhook_path = await handlers.webhook_path(deps, uow, record)
        response.deduplicated = repeated
        return response

    async def GetProviderAccount(
        self, request: pb.GetProviderAccountRequest, context: Any
    ) -> pb.GetProviderAccountResponse:
        deps = self._accounts
        async with deps.database.tenant(owner()) as uow:
            record = await handlers.get(uow, request.provider_account_id)
            return pb.GetProviderAccountResponse(provider_account=await handlers.shown(deps, uow, record))

    async def ListProviderAccounts(
        self, request: pb.ListProviderAccountsRequest, context: Any
    ) -> pb.ListProviderAccountsResponse:
        async with self._accounts.database.tenant(owner()) as uow:
            return await handlers.page(self._accounts, uow, request)

    async def UpdateProviderAccount(
        self, request: pb.UpdateProviderAccountRequest, context: Any
    ) -> pb.UpdateProviderAccountResponse:
        deps = self._accounts
        paths = apply_mask(request.update_mask, convert.MUTABLE)
        async with deps.database.tenant(owner()) as uow:

            async def effect() -> pb.UpdateProviderAccountResponse:
                record = await handlers.change(
                    deps, uow, request.provider_account, paths, request.credentials
                )
                return pb.UpdateProviderAccountResponse(provider_account=convert.to_proto(record))

            response, repeated = await once(
                uow,
                method="ProviderService.UpdateProviderAccount",
                key=request.idempotency_key,
                request=request,
                response_type=pb.UpdateProviderAccountResponse,
                effect=effect,
            )
            record = await handlers.get(uow, response.provider_account.provider_account_id)
            response.provider_account.webhook_path = await handlers.webhook_path(deps, uow, record)
        response.deduplicated = repeated
        return response

    async def VerifyProviderAccount(
        self, request: pb.VerifyProviderAccountRequest, context: Any
    ) -> pb.VerifyProviderAccountResponse:
        found = await handlers.verify(self._accounts, owner(), request.provider_account_id)
        return pb.VerifyProviderAccountResponse(
            is_ok=found.ok, detail=found.details, quota_remaining=found.quota
        )

    async def DeleteProviderAccount(
        self, request: pb.DeleteProviderAccountRequest, context: Any
    ) -> pb.DeleteProviderAccountResponse:
        async with self._accounts.database.tenant(owner()) as uow:

            async def effect() -> pb.DeleteProviderAccountResponse:
                await care.delete(uow, request.provider_account_id)
                return pb.DeleteProviderAccountResponse()

            response, repeated = await once(
                uow,
                method="ProviderService.DeleteProviderAccount",
                key=request.idempotency_key,
                request=request,
                response_type=pb.DeleteProviderAccountResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def RotateWebhookToken(
        self, request: pb.RotateWebhookTokenRequest, context: Any
    ) -> pb.RotateWebhookTokenResponse:
        deps = self._accounts
        async with deps.database.tenant(owner()) as uow:
            response, repeated = await once(
                uow,
                method="ProviderService.RotateWebhookToken",
                key=request.idempotency_key,
                request=request,
                response_type=pb.RotateWebhookTokenResponse,
                effect=lambda: care.rotate(
                    deps, uow, request.provider_account_id, end_old_now=request.end_old_now
                ),
            )
            record = await handlers.get(uow, request.provider_account_id)
            response.provider_account.webhook_path = await handlers.webhook_path(deps, uow, record)
        response.deduplicated = repeated
        return response

    async def ListProviderHealth(
        self, request: pb.ListProviderHealthRequest, context: Any
    ) -> pb.ListProviderHealthResponse:
        return await care.health(self._accounts, owner(), request)

    async def ResetProviderHealth(
        self, request: pb.ResetProviderHealthRequest, context: Any
    ) -> pb.ResetProviderHealthResponse:
        deps, mine = self._accounts, owner()

        async def effect() -> pb.ResetProviderHealthResponse:
            found = await care.reset(deps, mine, request.provider_account_id)
            return pb.ResetProviderHealthResponse(provider_health=found)

        async with deps.database.tenant(mine) as uow:
            response, repeated = await once(
                uow,
                method="ProviderService.ResetProviderHealth",
                key=request.idempotency_key,
                request=request,
                response_type=pb.ResetProviderHealthResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def LookupPhone(self, request: pb.LookupPhoneRequest, context: Any) -> pb.LookupPhoneResponse:
        return await phones.look_up(self._accounts, owner(), request.phone, request.region_code)

    async def VerifySender(self, request: pb.VerifySenderRequest, context: Any) -> pb.VerifySenderResponse:
        found = await senders.verify(self._accounts, owner(), request.address)
        return pb.VerifySenderResponse(verifications=found)

    async def QuoteCost(self, request: pb.QuoteCostRequest, context: Any) -> pb.QuoteCostResponse:
        return await costs.quote(self._accounts.database, self._cards, owner(), request)
