"""Use cases of figures as MetricsService asks for them."""

from datetime import date, timedelta

from angarium.analytics.v1 import figures_pb2
from angarium.analytics.v1 import metrics_service_pb2 as pb
from services.analytics import viewers
from services.analytics.metrics import convert, handlers
from services.analytics.metrics.domain import Found
from services.analytics.metrics.series import Period
from services.analytics.reports.convert import asked, counts_to_proto, day, rates_to_proto
from services.analytics.reports.domain import Costs, Rates
from services.analytics.rollups import ranges
from services.analytics.rollups.filters import Filters
from services.analytics.rollups.ranges import Asked
from services.analytics.scores import handlers as scores
from services.common.db.database import Database
from services.common.errors import denied, invalid
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import PLATFORM_ADMIN


class MetricCases:
    """Figures of ranges, from rollups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def totals(self, request: pb.GetMetricsRequest) -> pb.GetMetricsResponse:
        """Returns counts and rates of a range."""
        found = await self._totals(asked(request.range), ranges.WEEK, _filters(request.filter))
        return pb.GetMetricsResponse(
            counts=counts_to_proto(found.counts),
            rates=rates_to_proto(Rates.of(found.counts)),
            average_delivery_time=found.counts.delivery_time,
            costs=convert.costs(_visible(found.costs)),
        )

    async def channels(self, request: pb.GetChannelMetricsRequest) -> pb.GetChannelMetricsResponse:
        """Returns the figures of every channel."""
        rows = await self._per_channel(asked(request.range), ranges.WEEK, _filters(request.filter))
        return pb.GetChannelMetricsResponse(
            channels=[convert.channel(number, found, _visible(found.costs)) for number, found in rows]
        )

    async def channel_performance(
        self, request: pb.GetChannelPerformanceRequest
    ) -> pb.GetChannelPerformanceResponse:
        """Compares channels."""
        rows = await self._per_channel(asked(request.range), ranges.MONTH, _filters())
        return pb.GetChannelPerformanceResponse(
            channels=[convert.performance(number, found, _visible(found.costs)) for number, found in rows]
        )

    async def hours(self, request: pb.GetHourlyBreakdownRequest) -> pb.GetHourlyBreakdownResponse:
        """Returns the hours of a day."""
        wanted = day("date", request.date)
        assert wanted is not None  # noqa: S101 - the contract asks for a date
        filters = Filters(channel=request.channel, branch_ids=viewers.branches())
        rows = await handlers.hours(self._database, tenant(), wanted, request.time_zone, filters)
        return pb.GetHourlyBreakdownResponse(hours=[convert.hour(*row) for row in rows])

    async def top_types(self, request: pb.GetTopTypesRequest) -> pb.GetTopTypesResponse:
        """Returns the categories most is sent in."""
        rows = await handlers.top_categories(
            self._database, tenant(), asked(request.range), _filters(), request.limit
        )
        return pb.GetTopTypesResponse(types=[convert.category(*row) for row in rows])

    async def top_templates(self, request: pb.GetTopTemplatesRequest) -> pb.GetTopTemplatesResponse:
        """Returns the templates that are opened most."""
        rows = await handlers.top_templates(
            self._database, tenant(), asked(request.range), _filters(), request.limit
        )
        return pb.GetTopTemplatesResponse(templates=[convert.template(*row) for row in rows])

    async def time_series(self, request: pb.GetTimeSeriesRequest) -> pb.GetTimeSeriesResponse:
        """Returns one figure as a series."""
        if request.metric == pb.SERIES_METRIC_COST:
            viewers.require("analytics.spend")
        rows = await handlers.time_series(
            self._database,
            tenant(),
            asked(request.range),
            _filters(request.filter),
            Period(request.period),
            by_sending=request.basis == pb.SERIES_BASIS_SEND_TIME,
        )
        return pb.GetTimeSeriesResponse(
            points=[convert.point(request.metric, start, found) for start, found in rows]
        )

    async def delivery(self, request: pb.GetDeliveryMetricsRequest) -> pb.GetDeliveryMetricsResponse:
        """Returns what arrived."""
        filters = Filters(branch_ids=viewers.branches(request.branch_id))
        return convert.delivery(await self._totals(asked(request.range), ranges.WEEK, filters))

    async def delivery_days(self, request: pb.GetDeliveryStatsRequest) -> pb.GetDeliveryStatsResponse:
        """Compares providers day by day."""
        rows = await handlers.delivery_days(self._database, tenant(), asked(request.range), _filters())
        return pb.GetDeliveryStatsResponse(days=[convert.provider_day(*row) for row in rows])

    async def engagement(self, request: pb.GetEngagementMetricsRequest) -> pb.GetEngagementMetricsResponse:
        """Returns what people did, and machines beside them."""
        found = await self._totals(asked(request.range), ranges.MONTH, _filters(request.filter))
        return convert.engagement(found)

    async def costs(self, request: pb.GetCostMetricsRequest) -> pb.GetCostMetricsResponse:
        """Returns what messages cost."""
        caller = current_caller()
        if caller.tenant_id is None:
            if PLATFORM_ADMIN not in caller.roles:
                raise denied("caller names no tenant")
            if request.HasField("filter"):
                raise invalid("filter", "is not for figures of all tenants")
            now = self._database.clock.now()
            return convert.costs_of_tenants(
                await handlers.cost_by_tenant(self._database, asked(request.range), now)
            )
        found = await handlers.cost(self._database, tenant(), asked(request.range), _filters(request.filter))
        return convert.cost(found)

    async def health(self, request: pb.GetHealthScoreRequest) -> pb.GetHealthScoreResponse:
        """Returns how healthy a tenant's sending is."""
        viewers.require_all_branches()
        wanted: date | None = day("date", request.date)
        return convert.health(*await scores.health(self._database, tenant(), wanted))

    async def engagement_score(self, request: pb.GetEngagementScoreRequest) -> pb.GetEngagementScoreResponse:
        """Returns how engaged a contact is."""
        found = await scores.engagement(self._database, tenant(), request.contact_id, viewers.branches())
        return pb.GetEngagementScoreResponse(score=found.score)

    async def contact_engagement(
        self, request: pb.GetContactEngagementRequest
    ) -> pb.GetContactEngagementResponse:
        """Returns what a contact received and did."""
        found = await scores.engagement(self._database, tenant(), request.contact_id, viewers.branches())
        return pb.GetContactEngagementResponse(
            total_received=found.received,
            delivered=found.delivered,
            opened=found.opened,
            clicked=found.clicked,
            unsubscribed=found.unsubscribed,
        )

    async def _totals(self, asked: Asked, default: timedelta, filters: Filters) -> Found:
        return await handlers.totals(self._database, tenant(), asked, default, filters)

    async def _per_channel(
        self, asked: Asked, default: timedelta, filters: Filters
    ) -> list[tuple[int, Found]]:
        return await handlers.per_channel(self._database, tenant(), asked, default, filters)


def _filters(found: figures_pb2.FigureFilter | None = None) -> Filters:
    given = found or figures_pb2.FigureFilter()
    return Filters(given.channel, given.message_class, given.category, viewers.branches(given.branch_id))


def _visible(costs: Costs) -> Costs:
    return costs if viewers.sees_cost() else {}
