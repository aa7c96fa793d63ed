"""Use cases of branches as SettingsService asks for them."""

from uuid import UUID

from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.branches import convert, handlers
from services.campaign.branches.domain import Branch
from services.campaign.tenants import handlers as tenants
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import permitted


class BranchCases:
    """Branches of a tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, request: pb.CreateBranchRequest) -> pb.CreateBranchResponse:
        """Adds a branch."""

        async def effect(uow: UnitOfWork) -> pb.CreateBranchResponse:
            created = await handlers.create(uow, convert.branch_from_proto(request.branch))
            return pb.CreateBranchResponse(branch=await _shown(uow, created))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, "SettingsService.CreateBranch", request, pb.CreateBranchResponse, effect)

    async def archive(self, request: pb.ArchiveBranchRequest) -> pb.ArchiveBranchResponse:
        """Archives a branch."""

        async def effect(uow: UnitOfWork) -> pb.ArchiveBranchResponse:
            archived = await handlers.archive(uow, UUID(request.branch_id), current_caller())
            return pb.ArchiveBranchResponse(branch=await _shown(uow, archived))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "SettingsService.ArchiveBranch", request, pb.ArchiveBranchResponse, effect
            )

    async def get(self, request: pb.GetBranchSettingsRequest) -> pb.GetBranchSettingsResponse:
        """Returns the settings of a branch."""
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.get(uow, UUID(request.branch_id), current_caller())
            return pb.GetBranchSettingsResponse(branch=await _shown(uow, found))

    async def page(self, request: pb.ListBranchSettingsRequest) -> pb.ListBranchSettingsResponse:
        """Lists branches."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            owner, _ = await tenants.current_settings(uow)
            found = await handlers.page(
                uow,
                current_caller(),
                archived=request.include_archived,
                after=position(request, request.page_token),
                limit=size + 1,
            )
            shown, token = cut(request, found, size, lambda one: one.branch_id)
            spent = await handlers.spent(uow, owner, shown)
        return pb.ListBranchSettingsResponse(
            branches=[
                convert.branch_to_proto(one, owner.currency_code, spent[one.branch_id]) for one in shown
            ],
            next_page_token=token,
        )

    async def update(self, request: pb.UpdateBranchSettingsRequest) -> pb.UpdateBranchSettingsResponse:
        """Changes the settings of a branch."""
        paths = apply_mask(request.update_mask, convert.FIELDS)
        caller = current_caller()

        async def effect(uow: UnitOfWork) -> pb.UpdateBranchSettingsResponse:
            changed = await handlers.update(
                uow, request.branch, paths, caller, may_budget=permitted(caller.roles, "budget.config")
            )
            return pb.UpdateBranchSettingsResponse(branch=await _shown(uow, changed))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "SettingsService.UpdateBranchSettings", request, pb.UpdateBranchSettingsResponse, effect
            )


async def _shown(uow: UnitOfWork, branch: Branch) -> pb.BranchSettings:
    owner, _ = await tenants.current_settings(uow)
    spent = await handlers.spent(uow, owner, [branch])
    return convert.branch_to_proto(branch, owner.currency_code, spent[branch.branch_id])
