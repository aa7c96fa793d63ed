"""What Angarium says about a campaign, read over its public contract."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from angarium.analytics.v1 import figures_pb2, report_service_pb2
from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2
from cli.demo.actors import Cast, patiently
from cli.paging import listed
from services.common.errors import ServiceError

CLASSES = ("human", "proxy", "privacy_prefetch", "scanner")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One line of the send ledger."""

    state: str
    reason: str
    variant: str
    was_taken: bool
    """Whether a provider took the message, whatever became of it later."""
    contact_id: str = ""


async def campaign_of(cast: Cast, campaign_id: UUID) -> campaign_pb2.Campaign:
    """Returns the campaign with its counts."""
    answer: campaign_service_pb2.GetCampaignResponse = await patiently(
        cast.ada.campaigns.GetCampaign, campaign_service_pb2.GetCampaignRequest(campaign_id=str(campaign_id))
    )
    return answer.campaign


async def report_of(cast: Cast, campaign_id: UUID) -> report_service_pb2.GetCampaignReportResponse:
    """Returns the report of analytics; an empty one until analytics has heard of the campaign."""
    request = report_service_pb2.GetCampaignReportRequest(campaign_id=str(campaign_id))
    try:
        found: report_service_pb2.GetCampaignReportResponse = await patiently(
            cast.ada.reports.GetCampaignReport, request
        )
    except ServiceError as error:
        if error.reason != "NOT_FOUND":
            raise
        return report_service_pb2.GetCampaignReportResponse(campaign_id=str(campaign_id))
    return found


async def links_of(cast: Cast, campaign_id: UUID) -> Mapping[str, int]:
    """Returns messages with a human click by link, without queries."""
    answer: report_service_pb2.GetLinkReportResponse = await patiently(
        cast.ada.reports.GetLinkReport, report_service_pb2.GetLinkReportRequest(campaign_id=str(campaign_id))
    )
    # A link whose query differs from person to person is several links to one place.
    clicks: Counter[str] = Counter()
    for link in answer.links:
        clicks[link.url] += link.unique_clicks
    return clicks


async def arms_of(cast: Cast, campaign_id: UUID) -> list[report_service_pb2.AbTestArm]:
    """Returns the arms of the A/B test."""
    answer: report_service_pb2.GetAbTestReportResponse = await patiently(
        cast.ada.reports.GetAbTestReport,
        report_service_pb2.GetAbTestReportRequest(campaign_id=str(campaign_id)),
    )
    return list(answer.arms)


async def ledger_of(cast: Cast, campaign_id: UUID) -> dict[str, Recipient]:
    """Returns every line of the send ledger by message id."""
    request = campaign_service_pb2.ListCampaignRecipientsRequest(campaign_id=str(campaign_id))
    method = partial(patiently, cast.ada.campaigns.ListCampaignRecipients)
    return {one.message_id: _recipient(one) for one in await listed(method, request, "recipients")}


def _recipient(one: campaign_pb2.CampaignRecipient) -> Recipient:
    word = campaign_pb2.CampaignRecipient.State.Name(one.state).removeprefix("STATE_").lower()
    return Recipient(
        word,
        one.reason,
        one.variant_key,
        was_taken=one.HasField("send_time"),
        contact_id=one.contact_id,
    )


async def reconcile(cast: Cast, campaign_id: UUID) -> campaign_service_pb2.ReconcileCampaignResponse:
    """Proves the send ledger against delivery's record."""
    answer: campaign_service_pb2.ReconcileCampaignResponse = await patiently(
        cast.ada.campaigns.ReconcileCampaign,
        campaign_service_pb2.ReconcileCampaignRequest(campaign_id=str(campaign_id)),
    )
    return answer


def engagement_by_class(counts: Iterable[figures_pb2.EngagementCount], kind: str) -> dict[str, int]:
    """Returns messages with such a hit, by who is behind it."""
    found = {one.engagement_class: one.messages for one in counts if one.kind == kind}
    return {name: found.get(name, 0) for name in CLASSES}


def states_of(ledger: Mapping[str, Recipient]) -> dict[str, int]:
    """Returns recipients by final state, most frequent first."""
    return dict(Counter(one.state for one in ledger.values()).most_common())
