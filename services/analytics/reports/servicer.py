"""ReportService."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc

from angarium.analytics.v1 import report_service_pb2 as pb
from angarium.analytics.v1.report_service_pb2_grpc import ReportServiceServicer
from services.analytics.reports.cases import ReportCases

Context = grpc.aio.ServicerContext[object, object]


class ReportServicer(ReportServiceServicer):
    """Answers reports from rollups."""

    def __init__(self, reports: ReportCases) -> None:
        self._reports = reports

    async def GetCampaignReport(
        self, request: pb.GetCampaignReportRequest, context: Context
    ) -> pb.GetCampaignReportResponse:
        return await self._reports.campaign(request)

    async def GetAbTestReport(
        self, request: pb.GetAbTestReportRequest, context: Context
    ) -> pb.GetAbTestReportResponse:
        return await self._reports.ab_test(request)

    async def GetLinkReport(
        self, request: pb.GetLinkReportRequest, context: Context
    ) -> pb.GetLinkReportResponse:
        return await self._reports.links(request)

    async def GetMarketingOverview(
        self, request: pb.GetMarketingOverviewRequest, context: Context
    ) -> pb.GetMarketingOverviewResponse:
        return await self._reports.overview(request)

    async def ListCampaignPerformance(
        self, request: pb.ListCampaignPerformanceRequest, context: Context
    ) -> pb.ListCampaignPerformanceResponse:
        return await self._reports.campaign_performance(request)

    async def GetSpendSummary(
        self, request: pb.GetSpendSummaryRequest, context: Context
    ) -> pb.GetSpendSummaryResponse:
        return await self._reports.spend(request)

    async def GetContactTimeline(
        self, request: pb.GetContactTimelineRequest, context: Context
    ) -> pb.GetContactTimelineResponse:
        return await self._reports.timeline(request)

    async def GetComplianceReport(
        self, request: pb.GetComplianceReportRequest, context: Context
    ) -> pb.GetComplianceReportResponse:
        return await self._reports.compliance(request)

    async def GetReminderEffectiveness(
        self, request: pb.GetReminderEffectivenessRequest, context: Context
    ) -> pb.GetReminderEffectivenessResponse:
        return await self._reports.reminder_effectiveness(request)

    async def ExportReport(
        self, request: pb.ExportReportRequest, context: Context
    ) -> AsyncIterator[pb.ExportReportResponse]:
        async with aclosing(self._reports.export(request)) as responses:
            async for response in responses:
                yield response
