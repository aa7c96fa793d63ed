"""PrivacyService."""

from collections.abc import AsyncIterator
from typing import Any

from angarium.consent.v1 import privacy_service_pb2 as pb
from angarium.consent.v1 import privacy_service_pb2_grpc
from services.consent.privacy.handlers import Privacy


class PrivacyServicer(privacy_service_pb2_grpc.PrivacyServiceServicer):
    """Answers calls about privacy requests."""

    def __init__(self, privacy: Privacy) -> None:
        self._privacy = privacy

    async def CreateExport(self, request: pb.CreateExportRequest, context: Any) -> pb.CreateExportResponse:
        return await self._privacy.create_export(request)

    async def CreateErasure(self, request: pb.CreateErasureRequest, context: Any) -> pb.CreateErasureResponse:
        return await self._privacy.create_erasure(request)

    async def GetPrivacyRequest(
        self, request: pb.GetPrivacyRequestRequest, context: Any
    ) -> pb.GetPrivacyRequestResponse:
        return await self._privacy.get(request)

    async def ListPrivacyRequests(
        self, request: pb.ListPrivacyRequestsRequest, context: Any
    ) -> pb.ListPrivacyRequestsResponse:
        return await self._privacy.page(request)

    async def RejectPrivacyRequest(
        self, request: pb.RejectPrivacyRequestRequest, context: Any
    ) -> pb.RejectPrivacyRequestResponse:
        return await self._privacy.reject(request)

    async def DownloadExport(
        self, request: pb.DownloadExportRequest, context: Any
    ) -> AsyncIterator[pb.DownloadExportResponse]:
        async for piece in self._privacy.download(request):
            yield piece
