"""SegmentService."""

import grpc

from angarium.campaign.v1 import segment_service_pb2 as pb
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceServicer
from services.campaign.segments.cases import SegmentCases

Context = grpc.aio.ServicerContext[object, object]


class SegmentServicer(SegmentServiceServicer):
    """Audiences by rule and by list."""

    def __init__(self, segments: SegmentCases) -> None:
        self._segments = segments

    async def CreateSegment(
        self, request: pb.CreateSegmentRequest, context: Context
    ) -> pb.CreateSegmentResponse:
        return await self._segments.create(request)

    async def GetSegment(self, request: pb.GetSegmentRequest, context: Context) -> pb.GetSegmentResponse:
        return await self._segments.get(request)

    async def ListSegments(
        self, request: pb.ListSegmentsRequest, context: Context
    ) -> pb.ListSegmentsResponse:
        return await self._segments.page(request)

    async def UpdateSegment(
        self, request: pb.UpdateSegmentRequest, context: Context
    ) -> pb.UpdateSegmentResponse:
        return await self._segments.update(request)

    async def DeleteSegment(
        self, request: pb.DeleteSegmentRequest, context: Context
    ) -> pb.DeleteSegmentResponse:
        return await self._segments.delete(request)

    async def ListSegmentContacts(
        self, request: pb.ListSegmentContactsRequest, context: Context
    ) -> pb.ListSegmentContactsResponse:
        return await self._segments.contacts(request)

    async def RefreshSegment(
        self, request: pb.RefreshSegmentRequest, context: Context
    ) -> pb.RefreshSegmentResponse:
        return await self._segments.refresh(request)

    async def PreviewSegment(
        self, request: pb.PreviewSegmentRequest, context: Context
    ) -> pb.PreviewSegmentResponse:
        return await self._segments.preview(request)

    async def ExplainSegment(
        self, request: pb.ExplainSegmentRequest, context: Context
    ) -> pb.ExplainSegmentResponse:
        return await self._segments.explain(request)

    async def AddSegmentMembers(
        self, request: pb.AddSegmentMembersRequest, context: Context
    ) -> pb.AddSegmentMembersResponse:
        return await self._segments.add_members(request)

    async def RemoveSegmentMembers(
        self, request: pb.RemoveSegmentMembersRequest, context: Context
    ) -> pb.RemoveSegmentMembersResponse:
        return await self._segments.remove_members(request)

    async def CheckSegmentMembership(
        self, request: pb.CheckSegmentMembershipRequest, context: Context
    ) -> pb.CheckSegmentMembershipResponse:
        return await self._segments.check_membership(request)

    async def SetHoldout(self, request: pb.SetHoldoutRequest, context: Context) -> pb.SetHoldoutResponse:
        return await self._segments.set_holdout(request)

    async def GetHoldout(self, request: pb.GetHoldoutRequest, context: Context) -> pb.GetHoldoutResponse:
        return await self._segments.get_holdout(request)
