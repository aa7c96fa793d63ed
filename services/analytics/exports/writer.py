"""Exporting a report: it is asked as by itself, page after page, and written as one table."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from angarium.analytics.v1 import report_service_pb2 as pb
from services.analytics import viewers
from services.analytics.exports.formats import WRITERS, Writer
from services.analytics.exports.rows import Column, columns

PAGE: Final = 200
PIECE: Final = 256 * 1024
"""Bytes of one answer; far below what gRPC takes."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a report is asked for, and which field of its answer holds its rows; empty when the answer is one row."""

    service: str
    method: str
    rows: str = ""
    permission: str = ""


REPORTS: Final = {
    "metrics": Report("metrics", "totals"),
    "channel_metrics": Report("metrics", "channels", "channels"),
    "channel_performance": Report("metrics", "channel_performance", "channels"),
    "hourly_breakdown": Report("metrics", "hours", "hours"),
    "top_types": Report("metrics", "top_types", "types"),
    "top_templates": Report("metrics", "top_templates", "templates"),
    "time_series": Report("metrics", "time_series", "points"),
    "delivery_metrics": Report("metrics", "delivery"),
    "delivery_stats": Report("metrics", "delivery_days", "days"),
    "engagement_metrics": Report("metrics", "engagement"),
    "cost_metrics": Report("metrics", "costs", permission="analytics.spend"),
    "health_score": Report("metrics", "health"),
    "campaign_report": Report("reports", "campaign"),
    "ab_test_report": Report("reports", "ab_test", "arms"),
    "link_report": Report("reports", "links", "links"),
    "marketing_overview": Report("reports", "overview"),
    "campaign_performance": Report("reports", "campaign_performance", "campaigns"),
    "spend_summary": Report("reports", "spend", "rows", "analytics.spend"),
    "contact_timeline": Report("reports", "timeline", "entries"),
    "compliance_report": Report("reports", "compliance", permission="compliance.report"),
    "reminder_effectiveness": Report("reports", "reminder_effectiveness", "reminders"),
}
"""By the name of the field of the request."""


class Exporter:
    """Writes reports as files, in pieces; memory holds one page."""

    def __init__(self, metrics: object, reports: object) -> None:
        self._services = {"metrics": metrics, "reports": reports}

    async def export(self, request: pb.ExportReportRequest) -> AsyncIterator[bytes]:
        """Yields the bytes of a report; PERMISSION_DENIED without the permission of the report."""
        name = request.WhichOneof("report")
        assert name is not None  # noqa: S101 - the contract asks for one
        report = REPORTS[name]
        if report.permission:
            viewers.require(report.permission)
        wanted = type(getattr(request, name))()
        wanted.CopyFrom(getattr(request, name))
        ask = getattr(self._services[report.service], report.method)
        if "page_size" in wanted.DESCRIPTOR.fields_by_name:
            wanted.page_size, wanted.page_token = PAGE, ""
        writer: Writer | None = None
        table: tuple[Column, ...] = ()
        while True:
            answer = await ask(wanted)
            rows = getattr(answer, report.rows) if report.rows else [answer]
            if writer is None:
                fields = answer.DESCRIPTOR.fields_by_name
                kind = fields[report.rows].message_type if report.rows else answer.DESCRIPTOR
                table = columns(kind)
                writer = WRITERS[request.format](table)
            for piece in _pieces(writer.rows([[column.read(row) for column in table] for row in rows])):
                yield piece
            token = getattr(answer, "next_page_token", "")
            if not token:
                break
            wanted.page_token = token
        for piece in _pieces(writer.end()):
            yield piece


def _pieces(data: bytes) -> list[bytes]:
    return [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
