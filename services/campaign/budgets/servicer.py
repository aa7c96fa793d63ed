"""The part of SettingsService that is about budgets."""

import grpc

from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceServicer
from services.campaign.budgets.cases import BudgetCases

Context = grpc.aio.ServicerContext[object, object]


class BudgetServicer(SettingsServiceServicer):
    """Budgets of a tenant and of its branches."""

    def __init__(self, budgets: BudgetCases) -> None:
        self._budgets = budgets

    async def GetBudget(self, request: pb.GetBudgetRequest, context: Context) -> pb.GetBudgetResponse:
        return await self._budgets.get(request)
