"""MediaService: pictures and files of tenants."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from angarium.delivery.v1 import media_service_pb2 as pb
from angarium.delivery.v1 import media_service_pb2_grpc as grpc_pb
from services.common.rpc.context import tenant
from services.delivery.media import handlers
from services.delivery.media.handlers import MediaCases


class MediaServicer(grpc_pb.MediaServiceServicer):
    """Answers calls about assets."""

    def __init__(self, cases: MediaCases) -> None:
        self._cases = cases

    async def UploadMedia(
        self, request_iterator: AsyncIterator[pb.UploadMediaRequest], context: Any
    ) -> pb.UploadMediaResponse:
        return await handlers.upload(self._cases, tenant(), request_iterator)

    async def GetMedia(self, request: pb.GetMediaRequest, context: Any) -> pb.GetMediaResponse:
        return pb.GetMediaResponse(media=await handlers.get(self._cases, tenant(), UUID(request.media_id)))

    async def ListMedia(self, request: pb.ListMediaRequest, context: Any) -> pb.ListMediaResponse:
        return await handlers.page(self._cases, tenant(), request)

    async def DeleteMedia(self, request: pb.DeleteMediaRequest, context: Any) -> pb.DeleteMediaResponse:
        removed = await handlers.remove(self._cases, tenant(), UUID(request.media_id))
        return pb.DeleteMediaResponse(was_removed=removed)

    async def ReadMedia(
        self, request: pb.ReadMediaRequest, context: Any
    ) -> AsyncIterator[pb.ReadMediaResponse]:
        async for part in handlers.opened(self._cases, request.media_token):
            yield part

    async def RenderRichContent(
        self, request: pb.RenderRichContentRequest, context: Any
    ) -> pb.RenderRichContentResponse:
        return await handlers.render(self._cases, tenant(), request)
