"""FollowupService."""

from typing import Any

from angarium.campaign.v1 import followup_service_pb2 as pb
from angarium.campaign.v1.followup_service_pb2_grpc import FollowupServiceServicer
from services.campaign.followups.handlers import Followups


class FollowupServicer(FollowupServiceServicer):
    """Reminders of staff."""

    def __init__(self, followups: Followups) -> None:
        self._followups = followups

    async def ListFollowups(self, request: pb.ListFollowupsRequest, context: Any) -> pb.ListFollowupsResponse:
        return await self._followups.page(request)

    async def CreateFollowup(
        self, request: pb.CreateFollowupRequest, context: Any
    ) -> pb.CreateFollowupResponse:
        return await self._followups.create(request)

    async def UpdateFollowup(
        self, request: pb.UpdateFollowupRequest, context: Any
    ) -> pb.UpdateFollowupResponse:
        return await self._followups.update(request)

    async def DeleteFollowup(
        self, request: pb.DeleteFollowupRequest, context: Any
    ) -> pb.DeleteFollowupResponse:
        return await self._followups.delete(request)

    async def ListInactiveContacts(
        self, request: pb.ListInactiveContactsRequest, context: Any
    ) -> pb.ListInactiveContactsResponse:
        return await self._followups.absent(request)
