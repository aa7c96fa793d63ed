"""CampaignService."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc

from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceServicer
from services.campaign.campaigns.planning import Planning
from services.campaign.campaigns.proving import Proving
from services.campaign.campaigns.sending import Sending

Context = grpc.aio.ServicerContext[object, object]


class CampaignServicer(CampaignServiceServicer):
    """Campaigns of a tenant: planned, sent, proved."""

    def __init__(self, planning: Planning, sending: Sending, proving: Proving) -> None:
        self._planning = planning
        self._sending = sending
        self._proving = proving

    async def CreateCampaign(
        self, request: pb.CreateCampaignRequest, context: Context
    ) -> pb.CreateCampaignResponse:
        return await self._planning.create(request)

    async def GetCampaign(self, request: pb.GetCampaignRequest, context: Context) -> pb.GetCampaignResponse:
        return await self._planning.get(request)

    async def ListCampaigns(
        self, request: pb.ListCampaignsRequest, context: Context
    ) -> pb.ListCampaignsResponse:
        return await self._planning.page(request)

    async def UpdateCampaign(
        self, request: pb.UpdateCampaignRequest, context: Context
    ) -> pb.UpdateCampaignResponse:
        return await self._planning.update(request)

    async def DeleteCampaign(
        self, request: pb.DeleteCampaignRequest, context: Context
    ) -> pb.DeleteCampaignResponse:
        return await self._planning.delete(request)

    async def SubmitCampaign(
        self, request: pb.SubmitCampaignRequest, context: Context
    ) -> pb.SubmitCampaignResponse:
        return await self._planning.submit(request)

    async def ApproveCampaign(
        self, request: pb.ApproveCampaignRequest, context: Context
    ) -> pb.ApproveCampaignResponse:
        return await self._planning.approve(request)

    async def RejectCampaign(
        self, request: pb.RejectCampaignRequest, context: Context
    ) -> pb.RejectCampaignResponse:
        return await self._planning.reject(request)

    async def ScheduleCampaign(
        self, request: pb.ScheduleCampaignRequest, context: Context
    ) -> pb.ScheduleCampaignResponse:
        return await self._planning.schedule(request)

    async def UnscheduleCampaign(
        self, request: pb.UnscheduleCampaignRequest, context: Context
    ) -> pb.UnscheduleCampaignResponse:
        return await self._planning.unschedule(request)

    async def SendCampaign(
        self, request: pb.SendCampaignRequest, context: Context
    ) -> pb.SendCampaignResponse:
        return await self._sending.send(request)

    async def PauseCampaign(
        self, request: pb.PauseCampaignRequest, context: Context
    ) -> pb.PauseCampaignResponse:
        return await self._sending.pause(request)

    async def ResumeCampaign(
        self, request: pb.ResumeCampaignRequest, context: Context
    ) -> pb.ResumeCampaignResponse:
        return await self._sending.resume(request)

    async def CancelCampaign(
        self, request: pb.CancelCampaignRequest, context: Context
    ) -> pb.CancelCampaignResponse:
        return await self._sending.cancel(request)

    async def SendTestMessage(
        self, request: pb.SendTestMessageRequest, context: Context
    ) -> pb.SendTestMessageResponse:
        return await self._sending.send_test(request)

    async def RerunCampaign(
        self, request: pb.RerunCampaignRequest, context: Context
    ) -> pb.RerunCampaignResponse:
        return await self._sending.rerun(request)

    async def EstimateCampaign(
        self, request: pb.EstimateCampaignRequest, context: Context
    ) -> pb.EstimateCampaignResponse:
        return await self._proving.estimate(request)

    async def DryRunCampaign(
        self, request: pb.DryRunCampaignRequest, context: Context
    ) -> AsyncIterator[pb.DryRunCampaignResponse]:
        async with aclosing(self._proving.dry_run(request)) as responses:
            async for response in responses:
                yield response

    async def ExportCampaignRecipients(
        self, request: pb.ExportCampaignRecipientsRequest, context: Context
    ) -> AsyncIterator[pb.ExportCampaignRecipientsResponse]:
        async with aclosing(self._proving.export_recipients(request)) as responses:
            async for response in responses:
                yield response

    async def ListCampaignRecipients(
        self, request: pb.ListCampaignRecipientsRequest, context: Context
    ) -> pb.ListCampaignRecipientsResponse:
        return await self._proving.recipients(request)

    async def ListCampaignRuns(
        self, request: pb.ListCampaignRunsRequest, context: Context
    ) -> pb.ListCampaignRunsResponse:
        return await self._proving.runs(request)

    async def ReconcileCampaign(
        self, request: pb.ReconcileCampaignRequest, context: Context
    ) -> pb.ReconcileCampaignResponse:
        return await self._proving.reconcile(request)
