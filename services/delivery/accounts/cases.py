"""Use cases of accounts at providers as ProviderService asks for them."""

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.delivery.accounts import care, convert, handlers, phones, routes, senders
from services.delivery.accounts.handlers import Accounts
from services.delivery.accounts.owners import owner
from services.delivery.costs import handlers as costs
from services.delivery.costs.cards import RateCards
from services.delivery.messages.domain import Channel, MessageClass


class AccountCases:
    """Accounts at providers, and what sending costs."""

    def __init__(self, accounts: Accounts, cards: RateCards, enabled: frozenset[Channel]) -> None:
        self._accounts = accounts
        self._cards = cards
        self._enabled = enabled

    async def create(self, request: pb.CreateProviderAccountRequest) -> pb.CreateProviderAccountResponse:
        """Adds an account."""
        deps = self._accounts

        async def effect(uow: UnitOfWork) -> pb.CreateProviderAccountResponse:
            record = await handlers.create(deps, uow, request.provider_account, request.credentials)
            return pb.CreateProviderAccountResponse(provider_account=convert.to_proto(record))

        async with deps.database.tenant(owner()) as uow:
            response = await keyed(
                uow,
                "ProviderService.CreateProviderAccount",
                request,
                pb.CreateProviderAccountResponse,
                effect,
            )
            account_id = response.provider_account.provider_account_id
            response.provider_account.webhook_path = await self._webhook_path(uow, account_id)
        return response

    async def get(self, request: pb.GetProviderAccountRequest) -> pb.GetProviderAccountResponse:
        """Returns an account."""
        deps = self._accounts
        async with deps.database.tenant(owner()) as uow:
            record = await handlers.get(uow, request.provider_account_id)
            return pb.GetProviderAccountResponse(provider_account=await handlers.shown(deps, uow, record))

    async def page(self, request: pb.ListProviderAccountsRequest) -> pb.ListProviderAccountsResponse:
        """Returns a page of accounts."""
        async with self._accounts.database.tenant(owner()) as uow:
            return await handlers.page(self._accounts, uow, request)

    async def update(self, request: pb.UpdateProviderAccountRequest) -> pb.UpdateProviderAccountResponse:
        """Changes what the mask names."""
        deps = self._accounts
        paths = apply_mask(request.update_mask, convert.MUTABLE)

        async def effect(uow: UnitOfWork) -> pb.UpdateProviderAccountResponse:
            record = await handlers.change(deps, uow, request.provider_account, paths, request.credentials)
            return pb.UpdateProviderAccountResponse(provider_account=convert.to_proto(record))

        async with deps.database.tenant(owner()) as uow:
            response = await keyed(
                uow,
                "ProviderService.UpdateProviderAccount",
                request,
                pb.UpdateProviderAccountResponse,
                effect,
            )
            account_id = response.provider_account.provider_account_id
            response.provider_account.webhook_path = await self._webhook_path(uow, account_id)
        return response

    async def verify(self, request: pb.VerifyProviderAccountRequest) -> pb.VerifyProviderAccountResponse:
        """Asks the provider whether the credentials are good."""
        found = await handlers.verify(self._accounts, owner(), request.provider_account_id)
        return pb.VerifyProviderAccountResponse(
            is_ok=found.ok, detail=found.details, quota_remaining=found.quota
        )

    async def delete(self, request: pb.DeleteProviderAccountRequest) -> pb.DeleteProviderAccountResponse:
        """Deletes an account that nothing needs."""

        async def effect(uow: UnitOfWork) -> pb.DeleteProviderAccountResponse:
            await care.delete(uow, request.provider_account_id)
            return pb.DeleteProviderAccountResponse()

        async with self._accounts.database.tenant(owner()) as uow:
            return await keyed(
                uow,
                "ProviderService.DeleteProviderAccount",
                request,
                pb.DeleteProviderAccountResponse,
                effect,
            )

    async def rotate_webhook_token(
        self, request: pb.RotateWebhookTokenRequest
    ) -> pb.RotateWebhookTokenResponse:
        """Gives an account a new path for its webhooks."""
        deps = self._accounts

        async def effect(uow: UnitOfWork) -> pb.RotateWebhookTokenResponse:
            return await care.rotate(deps, uow, request.provider_account_id, end_old_now=request.end_old_now)

        async with deps.database.tenant(owner()) as uow:
            response = await keyed(
                uow, "ProviderService.RotateWebhookToken", request, pb.RotateWebhookTokenResponse, effect
            )
            path = await self._webhook_path(uow, request.provider_account_id)
            response.provider_account.webhook_path = path
        return response

    async def health(self, request: pb.ListProviderHealthRequest) -> pb.ListProviderHealthResponse:
        """Returns how accounts are doing."""
        return await care.health(self._accounts, owner(), request)

    async def reset_health(self, request: pb.ResetProviderHealthRequest) -> pb.ResetProviderHealthResponse:
        """Lets an account begin anew as a healthy one."""
        deps, mine = self._accounts, owner()

        async def effect(_uow: UnitOfWork) -> pb.ResetProviderHealthResponse:
            found = await care.reset(deps, mine, request.provider_account_id)
            return pb.ResetProviderHealthResponse(provider_health=found)

        async with deps.database.tenant(mine) as uow:
            return await keyed(
                uow, "ProviderService.ResetProviderHealth", request, pb.ResetProviderHealthResponse, effect
            )

    async def look_up_phone(self, request: pb.LookupPhoneRequest) -> pb.LookupPhoneResponse:
        """Asks a provider what it knows of a phone number."""
        return await phones.look_up(self._accounts, owner(), request.phone, request.region_code)

    async def verify_sender(self, request: pb.VerifySenderRequest) -> pb.VerifySenderResponse:
        """Tells at which accounts an address may be sent from."""
        found = await senders.verify(self._accounts, owner(), request.address)
        return pb.VerifySenderResponse(verifications=found)

    async def route(self, request: pb.GetChannelRouteRequest) -> pb.GetChannelRouteResponse:
        """Tells whether messages have an account to leave by."""
        found = await routes.route(
            self._accounts.database,
            self._enabled,
            owner(),
            Channel(request.channel),
            MessageClass(request.message_class),
        )
        return pb.GetChannelRouteResponse(route=found)

    async def quote(self, request: pb.QuoteCostRequest) -> pb.QuoteCostResponse:
        """Tells what sending would cost."""
        return await costs.quote(self._accounts.database, self._cards, owner(), request)

    async def _webhook_path(self, uow: UnitOfWork, account_id: str) -> str:
        """Returns where an account's webhooks go: stored answers hold no token, so it is read each time."""
        return await handlers.webhook_path(self._accounts, uow, await handlers.get(uow, account_id))
