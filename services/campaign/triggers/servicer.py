"""TriggerService."""

from typing import Any

from angarium.campaign.v1 import trigger_service_pb2 as pb
from angarium.campaign.v1.trigger_service_pb2_grpc import TriggerServiceServicer
from services.campaign.triggers.handlers import Configs
from services.campaign.triggers.trying import Trying


class TriggerServicer(TriggerServiceServicer):
    """Messages that follow visits, dates and expiries by themselves."""

    def __init__(self, configs: Configs, trying: Trying) -> None:
        self._configs = configs
        self._trying = trying

    async def ListTriggerConfigs(
        self, request: pb.ListTriggerConfigsRequest, context: Any
    ) -> pb.ListTriggerConfigsResponse:
        return await self._configs.every(request)

    async def GetTriggerConfig(
        self, request: pb.GetTriggerConfigRequest, context: Any
    ) -> pb.GetTriggerConfigResponse:
        return await self._configs.get(request)

    async def UpdateTriggerConfig(
        self, request: pb.UpdateTriggerConfigRequest, context: Any
    ) -> pb.UpdateTriggerConfigResponse:
        return await self._configs.update(request)

    async def EnableTrigger(self, request: pb.EnableTriggerRequest, context: Any) -> pb.EnableTriggerResponse:
        return await self._configs.enable(request)

    async def DisableTrigger(
        self, request: pb.DisableTriggerRequest, context: Any
    ) -> pb.DisableTriggerResponse:
        return await self._configs.disable(request)

    async def TestTrigger(self, request: pb.TestTriggerRequest, context: Any) -> pb.TestTriggerResponse:
        return await self._trying.test(request)

    async def ListTriggerHistory(
        self, request: pb.ListTriggerHistoryRequest, context: Any
    ) -> pb.ListTriggerHistoryResponse:
        return await self._configs.history(request)
