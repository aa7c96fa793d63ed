"""LaneService: looking into lanes, and stopping them."""

from typing import Any
from uuid import UUID

from angarium.delivery.v1 import lane_service_pb2 as pb
from angarium.delivery.v1 import lane_service_pb2_grpc as grpc_pb
from services.common.clock import Clock
from services.common.rpc.context import current_caller
from services.delivery.lanes import convert, handlers
from services.delivery.lanes.handlers import Lanes
from services.delivery.messages.domain import Lane


class LaneServicer(grpc_pb.LaneServiceServicer):
    """Answers calls about lanes."""

    def __init__(self, lanes: Lanes, clock: Clock) -> None:
        self._lanes = lanes
        self._clock = clock

    async def GetLaneMetrics(
        self, request: pb.GetLaneMetricsRequest, context: Any
    ) -> pb.GetLaneMetricsResponse:
        lane = Lane(request.lane) if request.lane else None
        found = await handlers.metrics(self._lanes, current_caller(), lane, _tenant(request.tenant_id))
        now = self._clock.now()
        return pb.GetLaneMetricsResponse(lanes=[convert.metrics(one, now) for one in found])

    async def PauseLane(self, request: pb.PauseLaneRequest, context: Any) -> pb.PauseLaneResponse:
        was_running = await handlers.pause(
            self._lanes, current_caller(), Lane(request.lane), _tenant(request.tenant_id), request.reason
        )
        return pb.PauseLaneResponse(was_running=was_running)

    async def ResumeLane(self, request: pb.ResumeLaneRequest, context: Any) -> pb.ResumeLaneResponse:
        was_paused = await handlers.resume(
            self._lanes, current_caller(), Lane(request.lane), _tenant(request.tenant_id)
        )
        return pb.ResumeLaneResponse(was_paused=was_paused)

    async def DrainLane(self, request: pb.DrainLaneRequest, context: Any) -> pb.DrainLaneResponse:
        return await handlers.drain(self._lanes, current_caller(), request)


def _tenant(text: str) -> UUID | None:
    return UUID(text) if text else None
