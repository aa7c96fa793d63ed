"""NoticeService."""

from typing import Any

from angarium.campaign.v1 import notice_service_pb2 as pb
from angarium.campaign.v1.notice_service_pb2_grpc import NoticeServiceServicer
from services.campaign.notices.listing import NoticeLists


class NoticeServicer(NoticeServiceServicer):
    """Shows notices."""

    def __init__(self, lists: NoticeLists) -> None:
        self._lists = lists

    async def ListNotices(self, request: pb.ListNoticesRequest, context: Any) -> pb.ListNoticesResponse:
        return await self._lists.page(request)
