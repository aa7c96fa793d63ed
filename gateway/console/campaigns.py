"""Campaigns: all of them, one of them with its report, its people, and holding it."""

from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from angarium.analytics.v1 import report_service_pb2
from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2, template_service_pb2
from gateway.console.visits import Found, Visit

_PAGE: Final = 50
_STATES: Final = [number for number in campaign_pb2.Campaign.State.values() if number]
_PEOPLE_STATES: Final = [number for number in campaign_pb2.CampaignRecipient.State.values() if number]
STATE: Final = campaign_pb2.Campaign
PAUSABLE: Final = (STATE.STATE_SENDING,)
RESUMABLE: Final = (STATE.STATE_PAUSED,)
CANCELLABLE: Final = (
    STATE.STATE_DRAFT,
    STATE.STATE_PENDING_APPROVAL,
    STATE.STATE_APPROVED,
    STATE.STATE_SCHEDULED,
    STATE.STATE_SENDING,
    STATE.STATE_PAUSED,
)
"""When the forms are worth showing; the service decides, whatever was shown."""


async def show_all(visit: Visit) -> Response:
    """Lists campaigns, newest first."""
    state = number_of(visit.query("state"), _STATES)
    asked = campaign_service_pb2.ListCampaignsRequest(
        state=state,  # type: ignore[arg-type] # one of the enum's own numbers
        text=visit.query("text")[:100],
        page_size=_PAGE,
        page_token=visit.query("page"),
    )
    found = await visit.ask.campaigns.ListCampaigns(asked)
    return visit.page(
        "campaigns",
        "Campaigns",
        campaigns=found.campaigns,
        next_page=found.next_page_token,
        states=_STATES,
        state=state,
        text=visit.query("text"),
    )


async def show_one(visit: Visit) -> Response:
    """Shows a campaign: how far it is, and what came of it."""
    campaign_id = visit.path("campaign_id")
    asked = campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
    progress = await visit.ask.campaigns.GetCampaign(asked)
    found = await visit.together(
        report=_report(visit, campaign_id), ab_test=_ab_test(visit, progress.campaign)
    )
    state = progress.campaign.state
    return visit.page(
        "campaign",
        progress.campaign.name,
        progress=Found(progress),
        campaign=progress.campaign,
        live=f"/console/live?view=campaign&campaign={campaign_id}",
        offers={
            "pause": state in PAUSABLE and visit.may("CampaignService.PauseCampaign"),
            "resume": state in RESUMABLE and visit.may("CampaignService.ResumeCampaign"),
            "cancel": state in CANCELLABLE and visit.may("CampaignService.CancelCampaign"),
        },
        **found,
    )


async def show_people(visit: Visit) -> Response:
    """Lists the recipients of a campaign's newest run, each with the way to why."""
    campaign_id = visit.path("campaign_id")
    state = number_of(visit.query("state"), _PEOPLE_STATES)
    campaign = await visit.ask.campaigns.GetCampaign(
        campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
    )
    found = await visit.ask.campaigns.ListCampaignRecipients(
        campaign_service_pb2.ListCampaignRecipientsRequest(
            campaign_id=campaign_id,
            state=state,  # type: ignore[arg-type] # one of the enum's own numbers
            page_size=_PAGE,
            page_token=visit.query("page"),
        )
    )
    asked = template_service_pb2.GetTemplateRequest(template_id=campaign.campaign.template_id)
    template = await visit.asked("TemplateService.GetTemplate", visit.ask.templates.GetTemplate(asked))
    return visit.page(
        "people",
        f"People of {campaign.campaign.name}",
        campaign=campaign.campaign,
        recipients=found.recipients,
        category=template.value.template.category if template.value else 0,
        next_page=found.next_page_token,
        states=_PEOPLE_STATES,
        state=state,
    )


async def pause(visit: Visit) -> Response:
    """Holds a campaign."""
    await visit.ask.campaigns.PauseCampaign(
        campaign_service_pb2.PauseCampaignRequest(
            campaign_id=visit.path("campaign_id"),
            reason=visit.posted("reason")[:500],
            idempotency_key=visit.act_key,
        )
    )
    return _back(visit, "paused")


async def resume(visit: Visit) -> Response:
    """Goes on with a held campaign."""
    await visit.ask.campaigns.ResumeCampaign(
        campaign_service_pb2.ResumeCampaignRequest(
            campaign_id=visit.path("campaign_id"), idempotency_key=visit.act_key
        )
    )
    return _back(visit, "resumed")


async def cancel(visit: Visit) -> Response:
    """Stops a campaign for good, once the person said so twice."""
    if visit.posted("sure") != "yes":
        campaign_id = visit.path("campaign_id")
        found = await visit.ask.campaigns.GetCampaign(
            campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
        )
        return visit.page("cancel", "Stop a campaign", campaign=found.campaign, reason=visit.posted("reason"))
    await visit.ask.campaigns.CancelCampaign(
        campaign_service_pb2.CancelCampaignRequest(
            campaign_id=visit.path("campaign_id"),
            reason=visit.posted("reason")[:500],
            idempotency_key=visit.act_key,
        )
    )
    return _back(visit, "cancelled")


def number_of(text: str, known: list[Any]) -> int:
    """Returns a number of the address if it is a known one, else 0, which means all."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and int(text) in known else 0


async def _report(visit: Visit, campaign_id: str) -> Found[Any]:
    asked = report_service_pb2.GetCampaignReportRequest(campaign_id=campaign_id)
    return await visit.asked("ReportService.GetCampaignReport", visit.ask.reports.GetCampaignReport(asked))


async def _ab_test(visit: Visit, campaign: campaign_pb2.Campaign) -> Found[Any]:
    if not campaign.variants:
        return Found()
    asked = report_service_pb2.GetAbTestReportRequest(campaign_id=campaign.campaign_id)
    return await visit.asked("ReportService.GetAbTestReport", visit.ask.reports.GetAbTestReport(asked))


def _back(visit: Visit, told: str) -> Response:
    campaign_id = visit.path("campaign_id")
    return RedirectResponse(f"/console/campaigns/{campaign_id}?told={told}", status_code=303)
