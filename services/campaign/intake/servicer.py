"""EventIntakeService: what neighbours tell, and the keys they sign it with."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from angarium.campaign.v1 import event_intake_service_pb2_grpc as grpc_pb
from services.campaign.intake.cases import IntakeCases

Context = grpc.aio.ServicerContext[object, object]


class EventIntakeServicer(grpc_pb.EventIntakeServiceServicer):
    """Answers calls about inbound events and their keys."""

    def __init__(self, intake: IntakeCases) -> None:
        self._intake = intake

    async def IngestEvents(
        self, request: pb.IngestEventsRequest, context: Context
    ) -> pb.IngestEventsResponse:
        return await self._intake.ingest(request)

    async def StreamEvents(
        self, request_iterator: AsyncIterator[pb.StreamEventsRequest], context: Context
    ) -> AsyncIterator[pb.StreamEventsResponse]:
        async with aclosing(self._intake.stream(request_iterator)) as responses:
            async for response in responses:
                yield response

    async def ListInboundEvents(
        self, request: pb.ListInboundEventsRequest, context: Context
    ) -> pb.ListInboundEventsResponse:
        return await self._intake.page(request)

    async def GetInboundEvent(
        self, request: pb.GetInboundEventRequest, context: Context
    ) -> pb.GetInboundEventResponse:
        return await self._intake.get(request)

    async def ReplayInboundEvent(
        self, request: pb.ReplayInboundEventRequest, context: Context
    ) -> pb.ReplayInboundEventResponse:
        return await self._intake.replay(request)

    async def CreateIntakeKey(
        self, request: pb.CreateIntakeKeyRequest, context: Context
    ) -> pb.CreateIntakeKeyResponse:
        return await self._intake.create_key(request)

    async def RotateIntakeKey(
        self, request: pb.RotateIntakeKeyRequest, context: Context
    ) -> pb.RotateIntakeKeyResponse:
        return await self._intake.rotate_key(request)

    async def RevokeIntakeKey(
        self, request: pb.RevokeIntakeKeyRequest, context: Context
    ) -> pb.RevokeIntakeKeyResponse:
        return await self._intake.revoke_key(request)

    async def ListIntakeKeys(
        self, request: pb.ListIntakeKeysRequest, context: Context
    ) -> pb.ListIntakeKeysResponse:
        return await self._intake.keys(request)

    async def ResolveIntakeKey(
        self, request: pb.ResolveIntakeKeyRequest, context: Context
    ) -> pb.ResolveIntakeKeyResponse:
        return await self._intake.resolve_key(request)
