"""The part of ContactService that is about staff."""

import grpc

from angarium.campaign.v1 import contact_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceServicer
from services.campaign.staff.cases import StaffCases

Context = grpc.aio.ServicerContext[object, object]


class StaffServicer(ContactServiceServicer):
    """Staff of a tenant."""

    def __init__(self, staff: StaffCases) -> None:
        self._staff = staff

    async def UpsertStaffMember(
        self, request: pb.UpsertStaffMemberRequest, context: Context
    ) -> pb.UpsertStaffMemberResponse:
        return await self._staff.upsert(request)

    async def RemoveStaffMember(
        self, request: pb.RemoveStaffMemberRequest, context: Context
    ) -> pb.RemoveStaffMemberResponse:
        return await self._staff.remove(request)

    async def ListStaffMembers(
        self, request: pb.ListStaffMembersRequest, context: Context
    ) -> pb.ListStaffMembersResponse:
        return await self._staff.page(request)

    async def ResolveStaff(
        self, request: pb.ResolveStaffRequest, context: Context
    ) -> pb.ResolveStaffResponse:
        return await self._staff.resolve(request)
