"""Use cases of what a campaign would come to, and of what became of it, as CampaignService asks for them."""

from collections.abc import AsyncGenerator
from uuid import UUID

from angarium.campaign.v1 import campaign_service_pb2 as pb
from services.campaign.campaigns import convert as campaigns
from services.campaign.campaigns import queries
from services.campaign.campaigns.calls import Calls
from services.campaign.forecasts.convert import estimate_to_proto, report_to_proto
from services.campaign.forecasts.forecasts import Forecasts
from services.campaign.forecasts.results import Forecast
from services.campaign.ledger import convert
from services.campaign.ledger.hand_overs import HandOvers
from services.campaign.ledger.reconcile import Reconciler
from services.campaign.runs.worker import WAKE
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import permitted


class Proving:
    """Forecasts, recipients, runs and proofs."""

    def __init__(
        self, calls: Calls, forecasts: Forecasts, reconciler: Reconciler, hand_overs: HandOvers
    ) -> None:
        self._calls = calls
        self._forecasts = forecasts
        self._reconciler = reconciler
        self._hand_overs = hand_overs

    async def estimate(self, request: pb.EstimateCampaignRequest) -> pb.EstimateCampaignResponse:
        """Counts who would get a campaign, and why others would not."""
        if request.HasField("draft"):
            campaign = campaigns.campaign_from_proto(request.draft, current_caller().subject)
            await self._calls.check_draft(campaign)
        else:
            campaign = await self._calls.read(UUID(request.campaign_id))
        return estimate_to_proto(await self._forecasts.estimate(tenant(), campaign))

    async def dry_run(
        self, request: pb.DryRunCampaignRequest
    ) -> AsyncGenerator[pb.DryRunCampaignResponse, None]:
        """Goes through the whole audience and tells how far it is; the report comes last."""
        campaign = await self._calls.read(UUID(request.campaign_id))
        async for step in self._forecasts.dry_run(tenant(), campaign):
            if isinstance(step, Forecast):
                yield pb.DryRunCampaignResponse(
                    judged_count=step.tally.judged,
                    audience_count=step.tally.audience,
                    report=report_to_proto(step),
                )
            else:
                yield pb.DryRunCampaignResponse(judged_count=step.judged, audience_count=step.audience)

    async def export_recipients(
        self, request: pb.ExportCampaignRecipientsRequest
    ) -> AsyncGenerator[pb.ExportCampaignRecipientsResponse, None]:
        """Streams the recipients of a run with their addresses."""
        blocks = queries.recipient_blocks(self._calls.database, tenant(), current_caller(), request)
        async for campaign, found in blocks:
            keys = [one.key for one in campaign.variants]
            known = await self._hand_overs.of(tenant(), found)
            yield pb.ExportCampaignRecipientsResponse(
                recipients=[
                    convert.recipient_to_proto(line, keys, campaign.channel, known, masked=False)
                    for line in found
                ]
            )

    async def recipients(
        self, request: pb.ListCampaignRecipientsRequest
    ) -> pb.ListCampaignRecipientsResponse:
        """Lists the recipients of a run."""
        caller = current_caller()
        campaign, found, token = await queries.recipient_page(self._calls.database, tenant(), caller, request)
        keys = [one.key for one in campaign.variants]
        masked = not permitted(caller.roles, "contact.view")
        known = await self._hand_overs.of_those_it_can(tenant(), found)
        return pb.ListCampaignRecipientsResponse(
            recipients=[
                convert.recipient_to_proto(line, keys, campaign.channel, known, masked=masked)
                for line in found
            ],
            next_page_token=token,
        )

    async def runs(self, request: pb.ListCampaignRunsRequest) -> pb.ListCampaignRunsResponse:
        """Lists the runs of a campaign."""
        found, currency, token = await queries.run_page(
            self._calls.database, tenant(), current_caller(), request
        )
        return pb.ListCampaignRunsResponse(
            runs=[convert.run_to_proto(run, tally, currency) for run, tally in found], next_page_token=token
        )

    async def reconcile(self, request: pb.ReconcileCampaignRequest) -> pb.ReconcileCampaignResponse:
        """Proves the send ledger."""
        async with self._calls.database.tenant(tenant()) as uow:
            campaign = await self._calls.known(uow, request.campaign_id)
            run = await queries.run_of(uow, campaign, request.run_id)
        if run is None:
            return pb.ReconcileCampaignResponse(is_settled=True)
        proof = await self._reconciler.prove(tenant(), run)
        if proof.missing:
            self._calls.database.wake(WAKE)
        return convert.proof_to_proto(proof)
