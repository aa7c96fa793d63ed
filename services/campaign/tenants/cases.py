"""Use cases of tenants and of their marketing settings as SettingsService asks for them."""

from uuid import UUID

from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.tenants import convert, handlers
from services.campaign.tenants.domain import Hours, Tenant, TenantState
from services.campaign.tenants.senders import FIELD, Senders
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import permitted


class TenantCases:
    """Tenants and their marketing settings."""

    def __init__(
        self,
        database: Database,
        default_zone: str,
        sms_hours: Hours,
        seeds: list[handlers.Seed],
        senders: Senders,
    ) -> None:
        self._database = database
        self._default_zone = default_zone
        self._sms_hours = sms_hours
        self._seeds = seeds
        self._senders = senders

    async def create(self, request: pb.CreateTenantRequest) -> pb.CreateTenantResponse:
        """Creates a tenant; idempotent by id."""
        wanted = convert.tenant_from_proto(request.tenant, self._default_zone)
        async with self._database.tenant(wanted.tenant_id) as uow:
            created, known = await handlers.create_tenant(uow, wanted, self._seeds, self._sms_hours)
        return pb.CreateTenantResponse(tenant=convert.tenant_to_proto(created), deduplicated=known)

    async def get(self, request: pb.GetTenantRequest) -> pb.GetTenantResponse:
        """Returns a tenant."""
        tenant_id = UUID(request.tenant_id)
        async with self._database.tenant(tenant_id) as uow:
            found = await handlers.tenant(uow, tenant_id)
        return pb.GetTenantResponse(tenant=convert.tenant_to_proto(found))

    async def suspend(self, request: pb.SuspendTenantRequest) -> pb.SuspendTenantResponse:
        """Suspends a tenant."""
        changed = await self._change(request.tenant_id, TenantState.SUSPENDED, request.reason)
        return pb.SuspendTenantResponse(tenant=convert.tenant_to_proto(changed))

    async def resume(self, request: pb.ResumeTenantRequest) -> pb.ResumeTenantResponse:
        """Lets a suspended tenant go on."""
        changed = await self._change(request.tenant_id, TenantState.ACTIVE, "")
        return pb.ResumeTenantResponse(tenant=convert.tenant_to_proto(changed))

    async def close(self, request: pb.CloseTenantRequest) -> pb.CloseTenantResponse:
        """Closes a tenant for good."""
        changed = await self._change(request.tenant_id, TenantState.CLOSED, request.reason)
        return pb.CloseTenantResponse(tenant=convert.tenant_to_proto(changed))

    async def update(self, request: pb.UpdateTenantRequest) -> pb.UpdateTenantResponse:
        """Changes a tenant."""
        paths = apply_mask(request.update_mask, convert.TENANT_FIELDS)

        async def effect(uow: UnitOfWork) -> pb.UpdateTenantResponse:
            changed = await handlers.update_tenant(uow, request.tenant, paths, self._default_zone)
            return pb.UpdateTenantResponse(tenant=convert.tenant_to_proto(changed))

        async with self._database.tenant(UUID(request.tenant.tenant_id)) as uow:
            return await keyed(uow, "SettingsService.UpdateTenant", request, pb.UpdateTenantResponse, effect)

    async def page(self, request: pb.ListTenantsRequest) -> pb.ListTenantsResponse:
        """Lists tenants."""
        size = page_size(request.page_size)
        async with self._database.system() as uow:
            found = await handlers.tenants(
                uow,
                state=request.state,
                name_prefix=request.name_prefix,
                after=position(request, request.page_token),
                limit=size + 1,
            )
        shown, token = cut(request, found, size, lambda one: one.tenant_id)
        return pb.ListTenantsResponse(
            tenants=[convert.tenant_to_proto(one) for one in shown], next_page_token=token
        )

    async def get_settings(self) -> pb.GetMarketingSettingsResponse:
        """Returns the settings of the caller's tenant."""
        async with self._database.tenant(tenant()) as uow:
            owner, settings = await handlers.current_settings(uow)
        return pb.GetMarketingSettingsResponse(
            settings=convert.settings_to_proto(settings, owner.currency_code)
        )

    async def update_settings(
        self, request: pb.UpdateMarketingSettingsRequest
    ) -> pb.UpdateMarketingSettingsResponse:
        """Changes settings of the caller's tenant."""
        paths = convert.settings_paths(request)
        may_budget = permitted(current_caller().roles, "budget.config")
        if FIELD in paths:
            await self._senders.check(tenant(), request.settings.email_from_address)

        async def effect(uow: UnitOfWork) -> pb.UpdateMarketingSettingsResponse:
            owner, changed = await handlers.update_settings(
                uow, request.settings, paths, self._sms_hours, may_budget=may_budget
            )
            return pb.UpdateMarketingSettingsResponse(
                settings=convert.settings_to_proto(changed, owner.currency_code)
            )

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow,
                "SettingsService.UpdateMarketingSettings",
                request,
                pb.UpdateMarketingSettingsResponse,
                effect,
            )

    async def _change(self, tenant_id: str, state: TenantState, reason: str) -> Tenant:
        async with self._database.tenant(UUID(tenant_id)) as uow:
            return await handlers.change_state(uow, UUID(tenant_id), state, reason)
