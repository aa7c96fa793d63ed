"""The part of SettingsService that is about branches."""

import grpc

from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceServicer
from services.campaign.branches.cases import BranchCases

Context = grpc.aio.ServicerContext[object, object]


class BranchServicer(SettingsServiceServicer):
    """Branches of a tenant."""

    def __init__(self, branches: BranchCases) -> None:
        self._branches = branches

    async def CreateBranch(
        self, request: pb.CreateBranchRequest, context: Context
    ) -> pb.CreateBranchResponse:
        return await self._branches.create(request)

    async def ArchiveBranch(
        self, request: pb.ArchiveBranchRequest, context: Context
    ) -> pb.ArchiveBranchResponse:
        return await self._branches.archive(request)

    async def GetBranchSettings(
        self, request: pb.GetBranchSettingsRequest, context: Context
    ) -> pb.GetBranchSettingsResponse:
        return await self._branches.get(request)

    async def ListBranchSettings(
        self, request: pb.ListBranchSettingsRequest, context: Context
    ) -> pb.ListBranchSettingsResponse:
        return await self._branches.page(request)

    async def UpdateBranchSettings(
        self, request: pb.UpdateBranchSettingsRequest, context: Context
    ) -> pb.UpdateBranchSettingsResponse:
        return await self._branches.update(request)
