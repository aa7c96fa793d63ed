"""The live parts: what a page shows first and a stream shows again, from the same calls by the same templates."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from angarium.analytics.v1 import figures_pb2, metrics_service_pb2
from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2
from angarium.delivery.v1 import lane_service_pb2, provider_service_pb2
from gateway.console import render
from gateway.console.visits import Found, Visit

Loader = Callable[[Visit], Awaitable[Found[Any]]]
_DAY: Final = timedelta(hours=24)
_MOST_CAMPAIGNS: Final = 20
_UNDER_WAY: Final = (campaign_pb2.Campaign.STATE_SENDING, campaign_pb2.Campaign.STATE_PAUSED)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a page that changes while somebody looks."""

    name: str
    load: Loader
    needs: str
    """The call without which there is nothing to show."""

    async def html(self, visit: Visit) -> str:
        """Returns the part as it stands now."""
        return render.part(self.name, found=await self.load(visit))


async def figures(visit: Visit) -> Found[Any]:
    """Returns what happened in the last 24 hours."""
    span = figures_pb2.TimeRange()
    span.start_time.FromDatetime(visit.console.clock.now() - _DAY)
    asked = metrics_service_pb2.GetMetricsRequest(range=span)
    return await visit.asked("MetricsService.GetMetrics", visit.ask.metrics.GetMetrics(asked))


async def lanes(visit: Visit) -> Found[Any]:
    """Returns what waits in the lanes."""
    asked = lane_service_pb2.GetLaneMetricsRequest()
    return await visit.asked("LaneService.GetLaneMetrics", visit.ask.lanes.GetLaneMetrics(asked))


async def providers(visit: Visit) -> Found[Any]:
    """Returns how the provider accounts are."""
    asked = provider_service_pb2.ListProviderHealthRequest(page_size=100)
    return await visit.asked(
        "ProviderService.ListProviderHealth", visit.ask.providers.ListProviderHealth(asked)
    )


async def under_way(visit: Visit) -> Found[Any]:
    """Returns the campaigns that are being sent or held."""
    found: list[Any] = []
    for state in _UNDER_WAY:
        asked = campaign_service_pb2.ListCampaignsRequest(state=state, page_size=_MOST_CAMPAIGNS)
        some = await visit.asked("CampaignService.ListCampaigns", visit.ask.campaigns.ListCampaigns(asked))
        if some.value is None:
            return Found(trouble=some.trouble)
        found += some.value.campaigns
    return Found(found)


async def progress(visit: Visit) -> Found[Any]:
    """Returns one campaign with its counts."""
    campaign_id = visit.path("campaign_id") or visit.query("campaign")
    asked = campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
    return await visit.asked("CampaignService.GetCampaign", visit.ask.campaigns.GetCampaign(asked))


FIGURES: Final = Part("figures", figures, "MetricsService.GetMetrics")
LANES: Final = Part("lanes", lanes, "LaneService.GetLaneMetrics")
PROVIDERS: Final = Part("providers", providers, "ProviderService.ListProviderHealth")
UNDER_WAY: Final = Part("under_way", under_way, "CampaignService.ListCampaigns")
PROGRESS: Final = Part("progress", progress, "CampaignService.GetCampaign")

VIEWS: Final[Mapping[str, tuple[Part, ...]]] = {
    "overview": (FIGURES, UNDER_WAY, LANES, PROVIDERS),
    "campaign": (PROGRESS,),
}
"""The parts of each page that has live ones."""
