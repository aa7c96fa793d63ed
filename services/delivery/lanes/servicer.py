"""LaneService: looking into lanes, and stopping them."""

from typing import Any

from angarium.delivery.v1 import lane_service_pb2 as pb
from angarium.delivery.v1 import lane_service_pb2_grpc as grpc_pb
from services.common.rpc.context import current_caller
from services.delivery.lanes import convert, handlers
from services.delivery.lanes.handlers import Lanes
from services.delivery.messages.domain import Lane


class LaneServicer(grpc_pb.LaneServiceServicer):
    """Answers calls about lanes."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    async def GetLaneMetrics(
        self, request: pb.GetLaneMetricsRequest, context: Any
    ) -> pb.GetLaneMetricsResponse:
        wanted = convert.lane_or_all(request.lane), convert.tenant_or_all(request.tenant_id)
        found = await handlers.metrics(self._lanes, current_caller(), *wanted)
        return pb.GetLaneMetricsResponse(
            lanes=[convert.metrics(one, self._lanes.clock.now()) for one in found]
        )

    async def PauseLane(self, request: pb.PauseLaneRequest, context: Any) -> pb.PauseLaneResponse:
        was_running = await handlers.pause(
            self._lanes,
            current_caller(),
            Lane(request.lane),
            convert.tenant_or_all(request.tenant_id),
            request.reason,
        )
        return pb.PauseLaneResponse(was_running=was_running)

    async def ResumeLane(self, request: pb.ResumeLaneRequest, context: Any) -> pb.ResumeLaneResponse:
        was_paused = await handlers.resume(
            self._lanes, current_caller(), Lane(request.lane), convert.tenant_or_all(request.tenant_id)
        )
        return pb.ResumeLaneResponse(was_paused=was_paused)

    async def DrainLane(self, request: pb.DrainLaneRequest, context: Any) -> pb.DrainLaneResponse:
        return await handlers.drain(self._lanes, current_caller(), request)
