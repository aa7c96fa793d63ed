"""Use cases of planning campaigns and having them approved, as CampaignService asks for them."""

from datetime import UTC
from uuid import UUID

from angarium.campaign.v1 import campaign_service_pb2 as pb
from services.campaign.campaigns import convert, handlers, queries
from services.campaign.campaigns.calls import Calls
from services.common.db.uow import UnitOfWork
from services.common.masks import apply_mask
from services.common.money import Money
from services.common.rpc.context import current_caller, tenant


class Planning:
    """Drafts, and who lets them pass."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def create(self, request: pb.CreateCampaignRequest) -> pb.CreateCampaignResponse:
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

    async def get(self, request: pb.GetCampaignRequest) -> pb.GetCampaignResponse:
        """Returns a campaign with its counts."""
        async with self._calls.database.tenant(tenant()) as uow:
            found = await handlers.get(uow, UUID(request.campaign_id), current_caller())
            return pb.GetCampaignResponse(campaign=await self._calls.shown(uow, found))

    async def page(self, request: pb.ListCampaignsRequest) -> pb.ListCampaignsResponse:
        """Lists campaigns."""
        found, token = await queries.campaigns(self._calls.database, tenant(), current_caller(), request)
        return pb.ListCampaignsResponse(
            campaigns=[convert.campaign_to_proto(one) for one in found],
            next_page_token=token,
        )

    async def update(self, request: pb.UpdateCampaignRequest) -> pb.UpdateCampaignResponse:
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

    async def delete(self, request: pb.DeleteCampaignRequest) -> pb.DeleteCampaignResponse:
        """Deletes a draft."""

        async def effect(uow: UnitOfWork) -> pb.DeleteCampaignResponse:
            await handlers.delete(uow, await self._calls.known(uow, request.campaign_id))
            return pb.DeleteCampaignResponse()

        return await self._calls.repeatable("DeleteCampaign", request, pb.DeleteCampaignResponse, effect)

    async def submit(self, request: pb.SubmitCampaignRequest) -> pb.SubmitCampaignResponse:
        """Submits a draft."""
        checked = await self._calls.checked_submit(UUID(request.campaign_id))

        async def effect(uow: UnitOfWork) -> pb.SubmitCampaignResponse:
            known, found = checked.value()
            submitted = await handlers.submit(uow, known, found, current_caller().subject)
            return pb.SubmitCampaignResponse(campaign=await self._calls.shown(uow, submitted))

        return await self._calls.repeatable("SubmitCampaign", request, pb.SubmitCampaignResponse, effect)

    async def approve(self, request: pb.ApproveCampaignRequest) -> pb.ApproveCampaignResponse:
        """Approves a submitted campaign."""

        async def effect(uow: UnitOfWork) -> pb.ApproveCampaignResponse:
            known = await self._calls.known(uow, request.campaign_id)
            approved = await handlers.approve(uow, known, current_caller().subject, request.comment)
            return pb.ApproveCampaignResponse(campaign=await self._calls.shown(uow, approved))

        return await self._calls.repeatable("ApproveCampaign", request, pb.ApproveCampaignResponse, effect)

    async def reject(self, request: pb.RejectCampaignRequest) -> pb.RejectCampaignResponse:
        """Returns a submitted campaign to draft."""

        async def effect(uow: UnitOfWork) -> pb.RejectCampaignResponse:
            known = await self._calls.known(uow, request.campaign_id)
            rejected = await handlers.reject(uow, known, current_caller().subject, request.reason)
            return pb.RejectCampaignResponse(campaign=await self._calls.shown(uow, rejected))

        return await self._calls.repeatable("RejectCampaign", request, pb.RejectCampaignResponse, effect)

    async def schedule(self, request: pb.ScheduleCampaignRequest) -> pb.ScheduleCampaignResponse:
        """Schedules an approved campaign."""
        at = request.schedule_time.ToDatetime(tzinfo=UTC) if request.HasField("schedule_time") else None

        async def effect(uow: UnitOfWork) -> pb.ScheduleCampaignResponse:
            known = await self._calls.known(uow, request.campaign_id)
            scheduled = await handlers.schedule(uow, known, at)
            return pb.ScheduleCampaignResponse(campaign=await self._calls.shown(uow, scheduled))

        return await self._calls.repeatable("ScheduleCampaign", request, pb.ScheduleCampaignResponse, effect)

    async def unschedule(self, request: pb.UnscheduleCampaignRequest) -> pb.UnscheduleCampaignResponse:
        """Takes a scheduled campaign off the schedule."""

        async def effect(uow: UnitOfWork) -> pb.UnscheduleCampaignResponse:
            known = await self._calls.known(uow, request.campaign_id)
            approved = await handlers.unschedule(uow, known)
            return pb.UnscheduleCampaignResponse(campaign=await self._calls.shown(uow, approved))

        return await self._calls.repeatable(
            "UnscheduleCampaign", request, pb.UnscheduleCampaignResponse, effect
        )
