"""Spend against budget, month by month, cut by what it was spent on."""

from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from angarium.analytics.v1 import metrics_service_pb2, report_service_pb2
from angarium.campaign.v1 import settings_service_pb2
from gateway.console.visits import Found, Visit

_GROUPS: Final = {
    "channel": report_service_pb2.SPEND_GROUP_CHANNEL,
    "provider": report_service_pb2.SPEND_GROUP_PROVIDER,
    "campaign": report_service_pb2.SPEND_GROUP_CAMPAIGN,
    "branch": report_service_pb2.SPEND_GROUP_BRANCH,
}
_LENGTHS: Final = (3, 6, 12)


async def show(visit: Visit) -> Response:
    """Shows what was spent; an administrator without a tenant sees what each tenant cost."""
    if not visit.session.person.tenant_id:
        costs = await visit.ask.metrics.GetCostMetrics(metrics_service_pb2.GetCostMetricsRequest())
        return visit.page("tenants_spend", "Spend", costs=costs)
    group = visit.query("by") if visit.query("by") in _GROUPS else "channel"
    length = int(visit.query("months")) if visit.query("months") in map(str, _LENGTHS) else 6
    last = visit.console.clock.now()
    asked = report_service_pb2.GetSpendSummaryRequest(
        start_month=month_before(last, length - 1), end_month=month_before(last, 0), group=_GROUPS[group]
    )
    summary = await visit.ask.reports.GetSpendSummary(asked)
    return visit.page(
        "spend",
        "Spend",
        summary=summary,
        budget=await _budget(visit),
        group=group,
        groups=list(_GROUPS),
        length=length,
        lengths=_LENGTHS,
    )


def month_before(now: datetime, count: int) -> str:
    """Returns the month so many months before that of an instant, as `YYYY-MM`."""
    months = now.year * 12 + now.month - 1 - count
    return f"{months // 12:04}-{months % 12 + 1:02}"


async def _budget(visit: Visit) -> Found[Any]:
    asked = settings_service_pb2.GetBudgetRequest()
    return await visit.asked("SettingsService.GetBudget", visit.ask.settings.GetBudget(asked))
