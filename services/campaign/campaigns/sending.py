"""Use cases of sending, holding, stopping and repeating campaigns, as CampaignService asks for them."""

from uuid import UUID

from angarium.campaign.v1 import campaign_service_pb2 as pb
from services.campaign.campaigns import handlers, launch, queries, rerun, trials
from services.campaign.campaigns.calls import Calls
from services.campaign.campaigns.rerun import Resender, Wanted
from services.campaign.runs.worker import WAKE
from services.campaign.templates.convert import variables_from_struct
from services.common.db.uow import UnitOfWork
from services.common.rpc.context import current_caller, tenant


class Sending:
    """Campaigns on their way."""

    def __init__(self, calls: Calls, resender: Resender, per_second: int) -> None:
        self._calls = calls
        self._resender = resender
        self._per_second = per_second

    async def send(self, request: pb.SendCampaignRequest) -> pb.SendCampaignResponse:
        """Launches an approved campaign; the rest goes on by itself."""
        checked = await self._calls.checked_send(UUID(request.campaign_id), send_now=request.send_now)

        async def effect(uow: UnitOfWork) -> pb.SendCampaignResponse:
            known, found = checked.value()
            launched = await launch.launch(uow, known, found)
            response = pb.SendCampaignResponse(
                campaign=await self._calls.shown(uow, launched.campaign),
                run_id=str(launched.run.run_id),
                recipient_count=launched.recipients,
            )
            response.estimated_complete_time.FromDatetime(launched.expected_end(self._per_second))
            uow.after_commit(lambda: self._calls.database.wake(WAKE))
            return response

        return await self._calls.repeatable("SendCampaign", request, pb.SendCampaignResponse, effect)

    async def pause(self, request: pb.PauseCampaignRequest) -> pb.PauseCampaignResponse:
        """Holds a campaign being sent."""

        async def effect(uow: UnitOfWork) -> pb.PauseCampaignResponse:
            paused = await handlers.pause(
                uow, await self._calls.known(uow, request.campaign_id), request.reason
            )
            uow.after_commit(lambda: self._calls.database.wake(WAKE))
            return pb.PauseCampaignResponse(campaign=await self._calls.shown(uow, paused))

        return await self._calls.repeatable("PauseCampaign", request, pb.PauseCampaignResponse, effect)

    async def resume(self, request: pb.ResumeCampaignRequest) -> pb.ResumeCampaignResponse:
        """Goes on with a held campaign."""
        checked = await self._calls.checked_resume(UUID(request.campaign_id))

        async def effect(uow: UnitOfWork) -> pb.ResumeCampaignResponse:
            resumed = await handlers.resume(uow, checked.value())
            uow.after_commit(lambda: self._calls.database.wake(WAKE))
            return pb.ResumeCampaignResponse(campaign=await self._calls.shown(uow, resumed))

        return await self._calls.repeatable("ResumeCampaign", request, pb.ResumeCampaignResponse, effect)

    async def cancel(self, request: pb.CancelCampaignRequest) -> pb.CancelCampaignResponse:
        """Stops a campaign for good."""

        async def effect(uow: UnitOfWork) -> pb.CancelCampaignResponse:
            known = await self._calls.known(uow, request.campaign_id)
            cancelled, stopped = await handlers.cancel(uow, known, current_caller().subject, request.reason)
            uow.after_commit(lambda: self._calls.database.wake(WAKE))
            return pb.CancelCampaignResponse(
                campaign=await self._calls.shown(uow, cancelled), stopped_count=stopped
            )

        return await self._calls.repeatable("CancelCampaign", request, pb.CancelCampaignResponse, effect)

    async def send_test(self, request: pb.SendTestMessageRequest) -> pb.SendTestMessageResponse:
        """Sends a test to verified addresses of staff."""
        campaign, trial = await self._calls.checked_trial(
            UUID(request.campaign_id),
            request.variant_key,
            request.staff_ids,
            request.addresses,
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

    async def rerun(self, request: pb.RerunCampaignRequest) -> pb.RerunCampaignResponse:
        """Sends a finished run again, only to those who did not get it."""

        async def check() -> Wanted:
            async with self._calls.database.tenant(tenant()) as uow:
                campaign = await self._calls.known(uow, request.campaign_id)
                source = await queries.run_of(uow, campaign, request.run_id)
            handlers.check_caller(campaign, current_caller())
            return await self._resender.check(tenant(), campaign, source)

        checked = await self._calls.checked(check)

        async def effect(uow: UnitOfWork) -> pb.RerunCampaignResponse:
            wanted = checked.value()
            campaign, run = await rerun.rerun(uow, wanted)
            uow.after_commit(lambda: self._calls.database.wake(WAKE))
            return pb.RerunCampaignResponse(
                campaign=await self._calls.shown(uow, campaign),
                run_id=str(run.run_id),
                rerun_of_run_id=str(wanted.source.run_id),
                recipient_count=wanted.found.audience,
            )

        return await self._calls.repeatable("RerunCampaign", request, pb.RerunCampaignResponse, effect)
