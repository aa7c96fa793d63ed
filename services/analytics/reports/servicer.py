"""ReportService."""

from uuid import UUID

import grpc

from angarium.analytics.v1 import report_service_pb2
from angarium.analytics.v1.report_service_pb2_grpc import ReportServiceServicer
from services.analytics.reports import convert, handlers
from services.common.db.database import Database
from services.common.rpc.context import tenant

Context = grpc.aio.ServicerContext[object, object]


class ReportServicer(ReportServiceServicer):
    """Answers reports from rollups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def GetCampaignReport(
        self, request: report_service_pb2.GetCampaignReportRequest, context: Context
    ) -> report_service_pb2.GetCampaignReportResponse:
        """Returns the report of a campaign."""
        run_id = UUID(request.run_id) if request.run_id else None
        report = await handlers.campaign_report(self._database, tenant(), UUID(request.campaign_id), run_id)
        return convert.report_to_proto(report)

    async def GetAbTestReport(
        self, request: report_service_pb2.GetAbTestReportRequest, context: Context
    ) -> report_service_pb2.GetAbTestReportResponse:
        """Compares the variants of a campaign."""
        report = await handlers.campaign_report(self._database, tenant(), UUID(request.campaign_id), None)
        return convert.arms_to_proto(report)

    async def GetLinkReport(
        self, request: report_service_pb2.GetLinkReportRequest, context: Context
    ) -> report_service_pb2.GetLinkReportResponse:
        """Lists the links of a campaign."""
        links = await handlers.link_report(self._database, tenant(), UUID(request.campaign_id))
        return report_service_pb2.GetLinkReportResponse(
            links=[
                report_service_pb2.LinkFigures(
                    link_id=str(link_id),
                    url=url,
                    unique_clicks=unique,
                    total_clicks=total,
                    machine_clicks=machine,
                )
                for link_id, url, unique, total, machine in links
            ]
        )
