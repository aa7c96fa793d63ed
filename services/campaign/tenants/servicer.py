"""SettingsService."""

from uuid import UUID

import grpc

from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceServicer
from services.campaign.budgets import handlers as budgets
from services.campaign.tenants import convert, handlers
from services.campaign.tenants.domain import TenantState
from services.common.db.database import Database
from services.common.idempotency import once
from services.common.masks import apply_mask
from services.common.money import Money
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import permitted

Context = grpc.aio.ServicerContext[object, object]


class SettingsServicer(SettingsServiceServicer):
    """Tenants, their settings and budgets."""

    def __init__(self, database: Database, default_zone: str, seeds: list[handlers.Seed]) -> None:
        self._database = database
        self._default_zone = default_zone
        self._seeds = seeds

    async def CreateTenant(
        self, request: pb.CreateTenantRequest, context: Context
    ) -> pb.CreateTenantResponse:
        """Creates a tenant; idempotent by id."""
        wanted = convert.tenant_from_proto(request.tenant, self._default_zone)
        async with self._database.tenant(wanted.tenant_id) as uow:
            created, known = await handlers.create_tenant(uow, wanted, self._seeds)
        return pb.CreateTenantResponse(tenant=convert.tenant_to_proto(created), deduplicated=known)

    async def GetTenant(self, request: pb.GetTenantRequest, context: Context) -> pb.GetTenantResponse:
        """Returns a tenant."""
        tenant_id = UUID(request.tenant_id)
        async with self._database.tenant(tenant_id) as uow:
            found = await handlers.tenant(uow, tenant_id)
        return pb.GetTenantResponse(tenant=convert.tenant_to_proto(found))

    async def SuspendTenant(
        self, request: pb.SuspendTenantRequest, context: Context
    ) -> pb.SuspendTenantResponse:
        """Suspends a tenant."""
        tenant_id = UUID(request.tenant_id)
        async with self._database.tenant(tenant_id) as uow:
            changed = await handlers.change_state(uow, tenant_id, TenantState.SUSPENDED, request.reason)
        return pb.SuspendTenantResponse(tenant=convert.tenant_to_proto(changed))

    async def ResumeTenant(
        self, request: pb.ResumeTenantRequest, context: Context
    ) -> pb.ResumeTenantResponse:
        """Lets a suspended tenant go on."""
        tenant_id = UUID(request.tenant_id)
        async with self._database.tenant(tenant_id) as uow:
            changed = await handlers.change_state(uow, tenant_id, TenantState.ACTIVE, "")
        return pb.ResumeTenantResponse(tenant=convert.tenant_to_proto(changed))

    async def GetMarketingSettings(
        self, request: pb.GetMarketingSettingsRequest, context: Context
    ) -> pb.GetMarketingSettingsResponse:
        """Returns the settings of the caller's tenant."""
        async with self._database.tenant(tenant()) as uow:
            owner, settings = await handlers.current_settings(uow)
        return pb.GetMarketingSettingsResponse(
            settings=convert.settings_to_proto(settings, owner.currency_code)
        )

    async def UpdateMarketingSettings(
        self, request: pb.UpdateMarketingSettingsRequest, context: Context
    ) -> pb.UpdateMarketingSettingsResponse:
        """Changes settings of the caller's tenant."""
        paths = apply_mask(request.update_mask, convert.FIELDS)
        may_budget = permitted(current_caller().roles, "budget.config")
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.UpdateMarketingSettingsResponse:
                owner, changed = await handlers.update_settings(
                    uow, request.settings, paths, may_budget=may_budget
                )
                return pb.UpdateMarketingSettingsResponse(
                    settings=convert.settings_to_proto(changed, owner.currency_code)
                )

            response, repeated = await once(
                uow,
                method="SettingsService.UpdateMarketingSettings",
                key=request.idempotency_key,
                request=request,
                response_type=pb.UpdateMarketingSettingsResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def GetBudget(self, request: pb.GetBudgetRequest, context: Context) -> pb.GetBudgetResponse:
        """Returns the budget of a month."""
        async with self._database.tenant(tenant()) as uow:
            owner, settings = await handlers.current_settings(uow)
            month = request.month or budgets.month_of(uow.now(), owner.default_time_zone)
            found = await budgets.period(uow, month)
        response = pb.GetBudgetResponse(
            reserved=Money(owner.currency_code, found.reserved).to_proto(),
            spent=Money(owner.currency_code, found.spent).to_proto(),
        )
        if settings.monthly_budget_limit is not None:
            limit = settings.monthly_budget_limit
            response.limit.CopyFrom(Money(owner.currency_code, limit).to_proto())
            remaining = limit - found.spent - found.reserved
            response.remaining.CopyFrom(Money(owner.currency_code, remaining).to_proto())
        return response
