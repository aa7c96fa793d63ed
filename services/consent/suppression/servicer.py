"""SuppressionService."""

from collections.abc import AsyncIterator
from typing import Any

from angarium.consent.v1 import suppression_service_pb2 as pb
from angarium.consent.v1 import suppression_service_pb2_grpc
from services.consent.suppression.handlers import Suppressions
from services.consent.suppression.stop_links import StopLinks


class SuppressionServicer(suppression_service_pb2_grpc.SuppressionServiceServicer):
    """Keeps the addresses that must not be written to."""

    def __init__(self, suppressions: Suppressions, stop_links: StopLinks) -> None:
        self._suppressions = suppressions
        self._stop_links = stop_links

    async def AddSuppression(
        self, request: pb.AddSuppressionRequest, context: Any
    ) -> pb.AddSuppressionResponse:
        return await self._suppressions.add(request)

    async def CheckSuppression(
        self, request: pb.CheckSuppressionRequest, context: Any
    ) -> pb.CheckSuppressionResponse:
        return await self._suppressions.check(request)

    async def RemoveSuppression(
        self, request: pb.RemoveSuppressionRequest, context: Any
    ) -> pb.RemoveSuppressionResponse:
        return await self._suppressions.remove(request)

    async def ListSuppressions(
        self, request: pb.ListSuppressionsRequest, context: Any
    ) -> pb.ListSuppressionsResponse:
        return await self._suppressions.page(request)

    async def ImportSuppressions(
        self, request_iterator: AsyncIterator[pb.ImportSuppressionsRequest], context: Any
    ) -> AsyncIterator[pb.ImportSuppressionsResponse]:
        async for request in request_iterator:
            yield await self._suppressions.import_block(request)

    async def ResolveStopLink(
        self, request: pb.ResolveStopLinkRequest, context: Any
    ) -> pb.ResolveStopLinkResponse:
        return await self._stop_links.resolve(request)

    async def FollowStopLink(
        self, request: pb.FollowStopLinkRequest, context: Any
    ) -> pb.FollowStopLinkResponse:
        return await self._stop_links.follow(request)
