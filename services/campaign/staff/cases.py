"""Use cases of staff as ContactService asks for them."""

from uuid import UUID

from angarium.campaign.v1 import contact_service_pb2 as pb
from services.campaign.staff import convert, handlers
from services.campaign.staff.domain import Filter
from services.campaign.tenants import handlers as tenants
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.idempotency import keyed
from services.common.paging import PageToken, page_size, parameters_hash
from services.common.rpc.context import tenant


class StaffCases:
    """Staff of a tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def upsert(self, request: pb.UpsertStaffMemberRequest) -> pb.UpsertStaffMemberResponse:
        """Creates or replaces a staff member."""

        async def effect(uow: UnitOfWork) -> pb.UpsertStaffMemberResponse:
            owner = await tenants.open_tenant(uow)
            member = convert.member_from_proto(request.staff_member, owner.region_code)
            saved = await handlers.save(uow, member)
            return pb.UpsertStaffMemberResponse(staff_member=convert.member_to_proto(saved))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "ContactService.UpsertStaffMember", request, pb.UpsertStaffMemberResponse, effect
            )

    async def remove(self, request: pb.RemoveStaffMemberRequest) -> pb.RemoveStaffMemberResponse:
        """Removes a staff member."""

        async def effect(uow: UnitOfWork) -> pb.RemoveStaffMemberResponse:
            removed = await handlers.remove(uow, request.staff_id)
            return pb.RemoveStaffMemberResponse(staff_member=convert.member_to_proto(removed))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "ContactService.RemoveStaffMember", request, pb.RemoveStaffMemberResponse, effect
            )

    async def page(self, request: pb.ListStaffMembersRequest) -> pb.ListStaffMembersResponse:
        """Lists staff members."""
        size = page_size(request.page_size)
        parameters = parameters_hash(request)
        last = PageToken.decode(request.page_token, parameters, length=1)
        wanted = Filter(request.role, _branch(request.branch_id), request.active_only)
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.page(uow, wanted, after=last[0] if last else "", limit=size + 1)
        token = PageToken.encode([found[size - 1].staff_id], parameters) if len(found) > size else ""
        return pb.ListStaffMembersResponse(
            staff_members=[convert.member_to_proto(one) for one in found[:size]], next_page_token=token
        )

    async def resolve(self, request: pb.ResolveStaffRequest) -> pb.ResolveStaffResponse:
        """Returns staff members by their ids, or by role and branch."""
        wanted = Filter(request.role, _branch(request.branch_id), active_only=True)
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.resolve(uow, list(request.staff_ids), wanted)
        return pb.ResolveStaffResponse(staff_members=[convert.member_to_proto(one) for one in found])


def _branch(text: str) -> UUID | None:
    return UUID(text) if text else None
