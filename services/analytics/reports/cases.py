"""Use cases of reports as ReportService asks for them."""

from collections.abc import AsyncGenerator
from datetime import datetime
from uuid import UUID

from angarium.analytics.v1 import report_service_pb2 as pb
from services.analytics import viewers
from services.analytics.compliance import handlers as compliance
from services.analytics.exports.writer import Exporter
from services.analytics.reports import campaigns, convert, overview, shown
from services.analytics.spend import handlers as spend
from services.analytics.timeline import handlers as timeline
from services.analytics.timeline.domain import Entry
from services.common.db.database import Database
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import tenant


class ReportCases:
    """Reports from rollups, shown and written as files."""

    def __init__(self, database: Database, metrics: object) -> None:
        """Answers reports, and writes them and those of `metrics`, the use cases beside it, as files."""
        self._database = database
        self._exporter = Exporter(metrics, self)

    async def campaign(self, request: pb.GetCampaignReportRequest) -> pb.GetCampaignReportResponse:
        """Returns the report of a campaign."""
        run_id = UUID(request.run_id) if request.run_id else None
        report = await campaigns.campaign_report(
            self._database, tenant(), UUID(request.campaign_id), run_id, viewers.branches()
        )
        return convert.report_to_proto(report, with_costs=viewers.sees_cost())

    async def ab_test(self, request: pb.GetAbTestReportRequest) -> pb.GetAbTestReportResponse:
        """Compares the variants of a campaign."""
        report = await campaigns.campaign_report(
            self._database, tenant(), UUID(request.campaign_id), None, viewers.branches()
        )
        return convert.arms_to_proto(report)

    async def links(self, request: pb.GetLinkReportRequest) -> pb.GetLinkReportResponse:
        """Lists the links of a campaign or a template."""
        campaign_id = UUID(request.campaign_id) if request.campaign_id else None
        links = await campaigns.link_report(
            self._database, tenant(), campaign_id, request.template_name, viewers.branches()
        )
        return pb.GetLinkReportResponse(links=[shown.link(*row) for row in links])

    async def overview(self, request: pb.GetMarketingOverviewRequest) -> pb.GetMarketingOverviewResponse:
        """Returns what marketing did."""
        found = await overview.overview(
            self._database, tenant(), convert.asked(request.range), viewers.branches()
        )
        return shown.overview(found, with_costs=viewers.sees_cost())

    async def campaign_performance(
        self, request: pb.ListCampaignPerformanceRequest
    ) -> pb.ListCampaignPerformanceResponse:
        """Lists campaigns with messages sent in a range."""
        size, parameters = page_size(request.page_size), parameters_hash(request)
        found = await campaigns.listed(
            self._database,
            tenant(),
            convert.asked(request.range),
            channel=request.channel,
            branches=viewers.branches(),
            sort=request.sort,
            limit=size + 1,
            after=campaigns.place_after(request.page_token, parameters),
        )
        sees_cost = viewers.sees_cost()
        response = pb.ListCampaignPerformanceResponse(
            campaigns=[convert.performance_to_proto(one, with_costs=sees_cost) for one in found[:size]]
        )
        if len(found) > size:
            last = found[size - 1]
            response.next_page_token = PageToken.encode([last.sort_key, last.campaign_id], parameters)
        return response

    async def spend(self, request: pb.GetSpendSummaryRequest) -> pb.GetSpendSummaryResponse:
        """Returns what was billed in months."""
        found = await spend.summary(
            self._database,
            tenant(),
            request.start_month,
            request.end_month,
            request.group,
            viewers.branches(),
        )
        return shown.spend(found)

    async def timeline(self, request: pb.GetContactTimelineRequest) -> pb.GetContactTimelineResponse:
        """Returns what happened with a contact."""
        size, parameters = page_size(request.page_size), parameters_hash(request)
        found = await timeline.page(
            self._database,
            tenant(),
            UUID(request.contact_id),
            types=list(request.types),
            asked=convert.asked(request.range) if request.HasField("range") else None,
            branches=viewers.branches(),
            after=_after(request.page_token, parameters),
            limit=size + 1,
        )
        return _timeline(found, size, parameters)

    async def compliance(self, request: pb.GetComplianceReportRequest) -> pb.GetComplianceReportResponse:
        """Returns what proves that the law was kept."""
        found = await compliance.report(
            self._database, tenant(), convert.asked(request.range), viewers.branches(request.branch_id)
        )
        return shown.compliance(found)

    async def reminder_effectiveness(
        self, request: pb.GetReminderEffectivenessRequest
    ) -> pb.GetReminderEffectivenessResponse:
        """Returns how reminders work."""
        found = await overview.reminder_effectiveness(
            self._database,
            tenant(),
            convert.asked(request.range),
            viewers.branches(),
            family=request.template_family,
            rule=request.rule,
        )
        return pb.GetReminderEffectivenessResponse(reminders=[shown.reminder(one) for one in found])

    async def export(self, request: pb.ExportReportRequest) -> AsyncGenerator[pb.ExportReportResponse, None]:
        """Streams a report as a file."""
        async for piece in self._exporter.export(request):
            yield pb.ExportReportResponse(data=piece)


def _timeline(found: list[Entry], size: int, parameters: bytes) -> pb.GetContactTimelineResponse:
    response = pb.GetContactTimelineResponse(entries=[shown.entry(one) for one in found[:size]])
    if len(found) > size:
        last = found[size - 1]
        response.next_page_token = PageToken.encode([last.date.isoformat(), last.reference], parameters)
    return response


def _after(token: str, parameters: bytes) -> tuple[datetime, str] | None:
    key = PageToken.decode(token, parameters, length=2)
    try:
        return (datetime.fromisoformat(key[0]), key[1]) if key else None
    except ValueError:
        raise bad_token() from None
