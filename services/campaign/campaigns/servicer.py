"""CampaignService."""

from datetime import UTC
from uuid import UUID

import grpc

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceServicer
from services.campaign.campaigns import convert, handlers, launch, queries, trials
from services.campaign.campaigns.calls import Calls
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.estimate import Estimates
from services.campaign.ledger.reconcile import Reconciler
from services.campaign.runs.worker import WAKE
from services.campaign.templates.convert import variables_from_struct
from services.common.db.uow import UnitOfWork
from services.common.masks import apply_mask
from services.common.money import Money
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import permitted

Context = grpc.aio.ServicerContext[object, object]


class CampaignServicer(CampaignServiceServicer):
    """Campaigns of a tenant."""

    def __init__(self, calls: Calls, estimates: Estimates, reconciler: Reconciler, per_second: int) -> None:
        self._calls = calls
        self._database = calls.database
        self._estimates = estimates
        self._reconciler = reconciler
        self._per_second = per_second

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
                campaign=await _shown(uow, created),
                estimated_recipients=found.audience,
                estimated_cost=Money(found.owner.currency_code, found.cost).to_proto(),
                warnings=found.warnings,
            )

        return await self._calls.repeatable("CreateCampaign", request, pb.CreateCampaignResponse, effect)

    async def GetCampaign(self, request: pb.GetCampaignRequest, context: Context) -> pb.GetCampaignResponse:
        """Returns a campaign with its counts."""
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.get(uow, UUID(request.campaign_id), current_caller())
            return pb.GetCampaignResponse(campaign=await _shown(uow, found))

    async def ListCampaigns(
        self, request: pb.ListCampaignsRequest, context: Context
    ) -> pb.ListCampaignsResponse:
        """Lists campaigns."""
        found, token = await queries.campaigns(self._database, tenant(), current_caller(), request)
        return pb.ListCampaignsResponse(
            campaigns=[convert.campaign_to_proto(one.campaign, one.tally, one.currency) for one in found],
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
            return pb.UpdateCampaignResponse(campaign=await _shown(uow, saved))

        return await self._calls.repeatable("UpdateCampaign", request, pb.UpdateCampaignResponse, effect)

    async def DeleteCampaign(
        self, request: pb.DeleteCampaignRequest, context: Context
    ) -> pb.DeleteCampaignResponse:
        """Deletes a draft."""

        async def effect(uow: UnitOfWork) -> pb.DeleteCampaignResponse:
            await handlers.delete(uow, await self._known(uow, request.campaign_id))
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
            return pb.SubmitCampaignResponse(campaign=await _shown(uow, submitted))

        return await self._calls.repeatable("SubmitCampaign", request, pb.SubmitCampaignResponse, effect)

    async def ApproveCampaign(
        self, request: pb.ApproveCampaignRequest, context: Context
    ) -> pb.ApproveCampaignResponse:
        """Approves a submitted campaign."""

        async def effect(uow: UnitOfWork) -> pb.ApproveCampaignResponse:
            known = await self._known(uow, request.campaign_id)
            approved = await handlers.approve(uow, known, current_caller().subject, request.comment)
            return pb.ApproveCampaignResponse(campaign=await _shown(uow, approved))

        return await self._calls.repeatable("ApproveCampaign", request, pb.ApproveCampaignResponse, effect)

    async def RejectCampaign(
        self, request: pb.RejectCampaignRequest, context: Context
    ) -> pb.RejectCampaignResponse:
        """Returns a submitted campaign to draft."""

        async def effect(uow: UnitOfWork) -> pb.RejectCampaignResponse:
            known = await self._known(uow, request.campaign_id)
            rejected = await handlers.reject(uow, known, request.reason)
            return pb.RejectCampaignResponse(campaign=await _shown(uow, rejected))

        return await self._calls.repeatable("RejectCampaign", request, pb.RejectCampaignResponse, effect)

    async def ScheduleCampaign(
        self, request: pb.ScheduleCampaignRequest, context: Context
    ) -> pb.ScheduleCampaignResponse:
        """Schedules an approved campaign."""
        at = request.schedule_time.ToDatetime(tzinfo=UTC)

        async def effect(uow: UnitOfWork) -> pb.ScheduleCampaignResponse:
            known = await self._known(uow, request.campaign_id)
            scheduled = await handlers.schedule(uow, known, at)
            return pb.ScheduleCampaignResponse(campaign=await _shown(uow, scheduled))

        return await self._calls.repeatable("ScheduleCampaign", request, pb.ScheduleCampaignResponse, effect)

    async def UnscheduleCampaign(
        self, request: pb.UnscheduleCampaignRequest, context: Context
    ) -> pb.UnscheduleCampaignResponse:
        """Takes a scheduled campaign off the schedule."""

        async def effect(uow: UnitOfWork) -> pb.UnscheduleCampaignResponse:
            known = await self._known(uow, request.campaign_id)
            approved = await handlers.unschedule(uow, known)
            return pb.UnscheduleCampaignResponse(campaign=await _shown(uow, approved))

        return await self._calls.repeatable(
            "UnscheduleCampaign", request, pb.UnscheduleCampaignResponse, effect
        )

    async def SendCampaign(
        self, request: pb.SendCampaignRequest, context: Context
    ) -> pb.SendCampaignResponse:
        """Launches an approved campaign; the rest goes on by itself."""
        checked = await self._calls.checked_send(UUID(request.campaign_id), send_now=request.send_now)

        async def effect(uow: UnitOfWork) -> pb.SendCampaignResponse:
            known, found = checked.value()
            launched = await launch.launch(uow, known, found)
            response = pb.SendCampaignResponse(
                campaign=await _shown(uow, launched.campaign),
                run_id=str(launched.run.run_id),
                recipient_count=launched.recipients,
            )
            response.estimated_complete_time.FromDatetime(launched.expected_end(self._per_second))
            uow.after_commit(lambda: self._database.wake(WAKE))
            return response

        return await self._calls.repeatable("SendCampaign", request, pb.SendCampaignResponse, effect)

    async def PauseCampaign(
        self, request: pb.PauseCampaignRequest, context: Context
    ) -> pb.PauseCampaignResponse:
        """Holds a campaign being sent."""

        async def effect(uow: UnitOfWork) -> pb.PauseCampaignResponse:
            paused = await handlers.pause(uow, await self._known(uow, request.campaign_id), request.reason)
            uow.after_commit(lambda: self._database.wake(WAKE))
            return pb.PauseCampaignResponse(campaign=await _shown(uow, paused))

        return await self._calls.repeatable("PauseCampaign", request, pb.PauseCampaignResponse, effect)

    async def ResumeCampaign(
        self, request: pb.ResumeCampaignRequest, context: Context
    ) -> pb.ResumeCampaignResponse:
        """Goes on with a held campaign."""
        checked = await self._calls.checked_resume(UUID(request.campaign_id))

        async def effect(uow: UnitOfWork) -> pb.ResumeCampaignResponse:
            resumed = await handlers.resume(uow, checked.value())
            uow.after_commit(lambda: self._database.wake(WAKE))
            return pb.ResumeCampaignResponse(campaign=await _shown(uow, resumed))

        return await self._calls.repeatable("ResumeCampaign", request, pb.ResumeCampaignResponse, effect)

    async def CancelCampaign(
        self, request: pb.CancelCampaignRequest, context: Context
    ) -> pb.CancelCampaignResponse:
        """Stops a campaign for good."""

        async def effect(uow: UnitOfWork) -> pb.CancelCampaignResponse:
            known = await self._known(uow, request.campaign_id)
            cancelled, stopped = await handlers.cancel(uow, known, request.reason)
            uow.after_commit(lambda: self._database.wake(WAKE))
            return pb.CancelCampaignResponse(campaign=await _shown(uow, cancelled), stopped_count=stopped)

        return await self._calls.repeatable("CancelCampaign", request, pb.CancelCampaignResponse, effect)

    async def SendTestMessage(
        self, request: pb.SendTestMessageRequest, context: Context
    ) -> pb.SendTestMessageResponse:
        """Sends a test to verified addresses of staff."""
        campaign, trial = await self._calls.checked_trial(
            UUID(request.campaign_id),
            request.variant_key,
            request.staff_ids,
            variables_from_struct(request.variables),
        )

        async def effect(uow: UnitOfWork) -> pb.SendTestMessageResponse:
            ids = await trials.reserve(uow, campaign, trial)
            return pb.SendTestMessageResponse(message_ids=[str(one) for one in ids])

        response = await self._calls.repeatable(
            "SendTestMessage", request, pb.SendTestMessageResponse, effect
        )
        await self._calls.trials.send(tenant(), campaign, trial, response.message_ids, request.language_code)
        return response

    async def EstimateCampaign(
        self, request: pb.EstimateCampaignRequest, context: Context
    ) -> pb.EstimateCampaignResponse:
        """Counts who would get a campaign, and why others would not."""
        campaign = await self._calls.read(UUID(request.campaign_id))
        found = await self._estimates.of(tenant(), campaign)
        return pb.EstimateCampaignResponse(
            recipient_count=found.recipients,
            eligible_count=found.eligible,
            deferred_count=found.deferred,
            refusals=[
                pb.ReasonCount(reason=reason, count=count) for reason, count in found.refusals.most_common()
            ],
            cost=Money(found.currency, found.cost).to_proto(),
        )

    async def ListCampaignRecipients(
        self, request: pb.ListCampaignRecipientsRequest, context: Context
    ) -> pb.ListCampaignRecipientsResponse:
        """Lists the recipients of a run."""
        caller = current_caller()
        campaign, found, token = await queries.recipient_page(self._database, tenant(), caller, request)
        keys = [one.key for one in campaign.variants]
        masked = not permitted(caller.roles, "contact.view")
        return pb.ListCampaignRecipientsResponse(
            recipients=[
                convert.recipient_to_proto(line, keys, campaign.channel, masked=masked) for line in found
            ],
            next_page_token=token,
        )

    async def ListCampaignRuns(
        self, request: pb.ListCampaignRunsRequest, context: Context
    ) -> pb.ListCampaignRunsResponse:
        """Lists the runs of a campaign."""
        found, token = await queries.run_page(self._database, tenant(), current_caller(), request)
        return pb.ListCampaignRunsResponse(
            runs=[convert.run_to_proto(run, tally) for run, tally in found], next_page_token=token
        )

    async def ReconcileCampaign(
        self, request: pb.ReconcileCampaignRequest, context: Context
    ) -> pb.ReconcileCampaignResponse:
        """Proves the send ledger."""
        async with self._database.tenant(tenant()) as uow:
            campaign = await handlers.get(uow, UUID(request.campaign_id), current_caller())
            run = await queries.run_of(uow, campaign, request.run_id)
        if run is None:
            return pb.ReconcileCampaignResponse(is_settled=True)
        proof = await self._reconciler.prove(tenant(), run)
        if proof.missing:
            self._database.wake(WAKE)
        return convert.proof_to_proto(proof)

    async def _known(self, uow: UnitOfWork, campaign_id: str) -> Campaign:
        return await handlers.get(uow, UUID(campaign_id), current_caller())


async def _shown(uow: UnitOfWork, campaign: Campaign) -> campaign_pb2.Campaign:
    found = await queries.shown(uow, campaign)
    return convert.campaign_to_proto(found.campaign, found.tally, found.currency)
