"""CampaignService: planning campaigns and having them approved."""

from datetime import UTC
from uuid import UUID

import grpc

from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceServicer
from services.campaign.campaigns import convert, handlers, queries
from services.campaign.campaigns.calls import Calls
from services.common.db.uow import UnitOfWork
from services.common.masks import apply_mask
from services.common.money import Money
from services.common.rpc.context import current_caller, tenant

Context = grpc.aio.ServicerContext[object, object]


class Planning(CampaignServiceServicer):
    """Drafts, and who lets them pass."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def CreateCampaign(
        self, request: pb.CreateCampaignRequest, context: Context
    ) -> pb.CreateCampaignResponse:
        """Creates a draft."""
        draft = convert.campaign_from_proto(request.campaign, current_caller().subject)
        checked = await self._calls.checked_draft(draft)

        async def effect(uow: UnitOfWork) -> pb.CreateCampaignResponse:
            found = checked.value()
            created = await handlers.create(uow, draft, found)
            return pb.CreateCampaignResponse(
                campaign=await self._calls.shown(uow, created),
                estimated_recipients=found.audience,
                estimated_cost=Money(found.owner.currency_code, found.cost).to_proto(),
                warnings=found.warnings,
            )

        return await self._calls.repeatable("CreateCampaign", request, pb.CreateCampaignResponse, effect)

    async def GetCampaign(self, request: pb.GetCampaignRequest, context: Context) -> pb.GetCampaignResponse:
        """Returns a campaign with its counts."""
        async with self._calls.database.tenant(tenant()) as uow:
            found = await handlers.get(uow, UUID(request.campaign_id), current_caller())
            return pb.GetCampaignResponse(campaign=await self._calls.shown(uow, found))

    async def ListCampaigns(
        self, request: pb.ListCampaignsRequest, context: Context
    ) -> pb.ListCampaignsResponse:
        """Lists campaigns."""
        found, token = await queries.campaigns(self._calls.database, tenant(), current_caller(), request)
        return pb.ListCampaignsResponse(
            campaigns=[convert.campaign_to_proto(one) for one in found],
            next_page_token=token,
        )

    async def UpdateCampaign(
        self, request: pb.UpdateCampaignRequest, context: Context
    ) -> pb.UpdateCampaignResponse:
        """Changes a campaign."""
        paths = apply_mask(request.update_mask, convert.MASKABLE)
        changes = convert.changes_from_proto(request.campaign, paths)
        checked = await self._calls.checked_change(
            UUID(request.campaign.campaign_id), request.campaign.etag, changes
        )

        async def effect(uow: UnitOfWork) -> pb.UpdateCampaignResponse:
            known, wanted, found = checked.value()
            saved = await handlers.update(uow, known, wanted, found)
            return pb.UpdateCampaignResponse(campaign=await self._calls.shown(uow, saved))

        return await self._calls.repeatable("UpdateCampaign", request, pb.UpdateCampaignResponse, effect)

    async def DeleteCampaign(
        self, request: pb.DeleteCampaignRequest, context: Context
    ) -> pb.DeleteCampaignResponse:
        """Deletes a draft."""

        async def effect(uow: UnitOfWork) -> pb.DeleteCampaignResponse:
            await handlers.delete(uow, await self._calls.known(uow, request.campaign_id))
            return pb.DeleteCampaignResponse()

        return await self._calls.repeatable("DeleteCampaign", request, pb.DeleteCampaignResponse, effect)

    async def SubmitCampaign(
        self, request: pb.SubmitCampaignRequest, context: Context
    ) -> pb.SubmitCampaignResponse:
        """Submits a draft."""
        checked = await self._calls.checked_submit(UUID(request.campaign_id))

        async def effect(uow: UnitOfWork) -> pb.SubmitCampaignResponse:
            known, found = checked.value()
            submitted = await handlers.submit(uow, known, found, current_caller().subject)
            return pb.SubmitCampaignResponse(campaign=await self._calls.shown(uow, submitted))

        return await self._calls.repeatable("SubmitCampaign", request, pb.SubmitCampaignResponse, effect)

    async def ApproveCampaign(
        self, request: pb.ApproveCampaignRequest, context: Context
    ) -> pb.ApproveCampaignResponse:
        """Approves a submitted campaign."""

        async def effect(uow: UnitOfWork) -> pb.ApproveCampaignResponse:
            known = await self._calls.known(uow, request.campaign_id)
            approved = await handlers.approve(uow, known, current_caller().subject, request.comment)
            return pb.ApproveCampaignResponse(campaign=await self._calls.shown(uow, approved))

        return await self._calls.repeatable("ApproveCampaign", request, pb.ApproveCampaignResponse, effect)

    async def RejectCampaign(
        self, request: pb.RejectCampaignRequest, context: Context
    ) -> pb.RejectCampaignResponse:
        """Returns a submitted campaign to draft."""

        async def effect(uow: UnitOfWork) -> pb.RejectCampaignResponse:
            known = await self._calls.known(uow, request.campaign_id)
            rejected = await handlers.reject(uow, known, current_caller().subject, request.reason)
            return pb.RejectCampaignResponse(campaign=await self._calls.shown(uow, rejected))

        return await self._calls.repeatable("RejectCampaign", request, pb.RejectCampaignResponse, effect)

    async def ScheduleCampaign(
        self, request: pb.ScheduleCampaignRequest, context: Context
    ) -> pb.ScheduleCampaignResponse:
        """Schedules an approved campaign."""
        at = request.schedule_time.ToDatetime(tzinfo=UTC) if request.HasField("schedule_time") else None

        async def effect(uow: UnitOfWork) -> pb.ScheduleCampaignResponse:
            known = await self._calls.known(uow, request.campaign_id)
            scheduled = await handlers.schedule(uow, known, at)
            return pb.ScheduleCampaignResponse(campaign=await self._calls.shown(uow, scheduled))

        return await self._calls.repeatable("ScheduleCampaign", request, pb.ScheduleCampaignResponse, effect)

    async def UnscheduleCampaign(
        self, request: pb.UnscheduleCampaignRequest, context: Context
    ) -> pb.UnscheduleCampaignResponse:
        """Takes a scheduled campaign off the schedule."""

        async def effect(uow: UnitOfWork) -> pb.UnscheduleCampaignResponse:
            known = await self._calls.known(uow, request.campaign_id)
            approved = await handlers.unschedule(uow, known)
            return pb.UnscheduleCampaignResponse(campaign=await self._calls.shown(uow, approved))

        return await self._calls.repeatable(
            "UnscheduleCampaign", request, pb.UnscheduleCampaignResponse, effect
        )
