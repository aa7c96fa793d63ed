"""AutomationService."""

from typing import Any

from angarium.campaign.v1 import automation_service_pb2 as pb
from angarium.campaign.v1.automation_service_pb2_grpc import AutomationServiceServicer
from services.campaign.automations.handlers import Automations
from services.campaign.automations.starts import Runs
from services.campaign.carts.handlers import Carts


class AutomationServicer(AutomationServiceServicer):
    """What is done for contacts by itself."""

    def __init__(self, automations: Automations, runs: Runs, carts: Carts) -> None:
        self._automations = automations
        self._runs = runs
        self._carts = carts

    async def CreateAutomation(
        self, request: pb.CreateAutomationRequest, context: Any
    ) -> pb.CreateAutomationResponse:
        return await self._automations.create(request)

    async def GetAutomation(self, request: pb.GetAutomationRequest, context: Any) -> pb.GetAutomationResponse:
        return await self._automations.get(request)

    async def ListAutomations(
        self, request: pb.ListAutomationsRequest, context: Any
    ) -> pb.ListAutomationsResponse:
        return await self._automations.page(request)

    async def UpdateAutomation(
        self, request: pb.UpdateAutomationRequest, context: Any
    ) -> pb.UpdateAutomationResponse:
        return await self._automations.update(request)

    async def DeleteAutomation(
        self, request: pb.DeleteAutomationRequest, context: Any
    ) -> pb.DeleteAutomationResponse:
        return await self._automations.delete(request)

    async def EnableAutomation(
        self, request: pb.EnableAutomationRequest, context: Any
    ) -> pb.EnableAutomationResponse:
        return await self._automations.enable(request)

    async def DisableAutomation(
        self, request: pb.DisableAutomationRequest, context: Any
    ) -> pb.DisableAutomationResponse:
        return await self._automations.disable(request)

    async def TriggerAutomation(
        self, request: pb.TriggerAutomationRequest, context: Any
    ) -> pb.TriggerAutomationResponse:
        return await self._runs.trigger(request)

    async def ListAutomationRuns(
        self, request: pb.ListAutomationRunsRequest, context: Any
    ) -> pb.ListAutomationRunsResponse:
        return await self._runs.page(request)

    async def GetAutomationRun(
        self, request: pb.GetAutomationRunRequest, context: Any
    ) -> pb.GetAutomationRunResponse:
        return await self._runs.get(request)

    async def CancelAutomationRun(
        self, request: pb.CancelAutomationRunRequest, context: Any
    ) -> pb.CancelAutomationRunResponse:
        return await self._runs.cancel(request)

    async def RecordCart(self, request: pb.RecordCartRequest, context: Any) -> pb.RecordCartResponse:
        return await self._carts.record(request)

    async def CompleteCart(self, request: pb.CompleteCartRequest, context: Any) -> pb.CompleteCartResponse:
        return await self._carts.complete(request)

    async def RecordView(self, request: pb.RecordViewRequest, context: Any) -> pb.RecordViewResponse:
        return await self._carts.view(request)
