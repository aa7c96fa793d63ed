"""SettingsService: tenants and their marketing settings here, branches and budgets in their own areas."""

import grpc

from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.branches.cases import BranchCases
from services.campaign.branches.servicer import BranchServicer
from services.campaign.budgets.cases import BudgetCases
from services.campaign.budgets.servicer import BudgetServicer
from services.campaign.tenants.cases import TenantCases

Context = grpc.aio.ServicerContext[object, object]


class SettingsServicer(BranchServicer, BudgetServicer):
    """Tenants, their settings, branches and budgets."""

    def __init__(self, tenants: TenantCases, branches: BranchCases, budgets: BudgetCases) -> None:
        BranchServicer.__init__(self, branches)
        BudgetServicer.__init__(self, budgets)
        self._tenants = tenants

    async def CreateTenant(
        self, request: pb.CreateTenantRequest, context: Context
    ) -> pb.CreateTenantResponse:
        return await self._tenants.create(request)

    async def GetTenant(self, request: pb.GetTenantRequest, context: Context) -> pb.GetTenantResponse:
        return await self._tenants.get(request)

    async def SuspendTenant(
        self, request: pb.SuspendTenantRequest, context: Context
    ) -> pb.SuspendTenantResponse:
        return await self._tenants.suspend(request)

    async def ResumeTenant(
        self, request: pb.ResumeTenantRequest, context: Context
    ) -> pb.ResumeTenantResponse:
        return await self._tenants.resume(request)

    async def CloseTenant(self, request: pb.CloseTenantRequest, context: Context) -> pb.CloseTenantResponse:
        return await self._tenants.close(request)

    async def UpdateTenant(
        self, request: pb.UpdateTenantRequest, context: Context
    ) -> pb.UpdateTenantResponse:
        return await self._tenants.update(request)

    async def ListTenants(self, request: pb.ListTenantsRequest, context: Context) -> pb.ListTenantsResponse:
        return await self._tenants.page(request)

    async def GetMarketingSettings(
        self, request: pb.GetMarketingSettingsRequest, context: Context
    ) -> pb.GetMarketingSettingsResponse:
        return await self._tenants.get_settings()

    async def UpdateMarketingSettings(
        self, request: pb.UpdateMarketingSettingsRequest, context: Context
    ) -> pb.UpdateMarketingSettingsResponse:
        return await self._tenants.update_settings(request)
