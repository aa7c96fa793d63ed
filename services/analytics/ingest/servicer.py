"""IngestService."""

import grpc

from angarium.analytics.v1 import ingest_service_pb2 as pb
from angarium.analytics.v1.ingest_service_pb2_grpc import IngestServiceServicer
from services.analytics.ingest.cases import IngestCases

Context = grpc.aio.ServicerContext[object, object]


class IngestServicer(IngestServiceServicer):
    """Takes events and conversions, and recounts."""

    def __init__(self, ingest: IngestCases) -> None:
        self._ingest = ingest

    async def IngestEvents(
        self, request: pb.IngestEventsRequest, context: Context
    ) -> pb.IngestEventsResponse:
        return await self._ingest.take_events(request)

    async def RecordConversion(
        self, request: pb.RecordConversionRequest, context: Context
    ) -> pb.RecordConversionResponse:
        return await self._ingest.record_conversion(request)

    async def RebuildRollups(
        self, request: pb.RebuildRollupsRequest, context: Context
    ) -> pb.RebuildRollupsResponse:
        return await self._ingest.rebuild(request)
