"""MetricsService."""

import grpc

from angarium.analytics.v1 import metrics_service_pb2 as pb
from angarium.analytics.v1.metrics_service_pb2_grpc import MetricsServiceServicer
from services.analytics.metrics.cases import MetricCases

Context = grpc.aio.ServicerContext[object, object]


class MetricsServicer(MetricsServiceServicer):
    """Answers figures of ranges from rollups."""

    def __init__(self, metrics: MetricCases) -> None:
        self._metrics = metrics

    async def GetMetrics(self, request: pb.GetMetricsRequest, context: Context) -> pb.GetMetricsResponse:
        return await self._metrics.totals(request)

    async def GetChannelMetrics(
        self, request: pb.GetChannelMetricsRequest, context: Context
    ) -> pb.GetChannelMetricsResponse:
        return await self._metrics.channels(request)

    async def GetChannelPerformance(
        self, request: pb.GetChannelPerformanceRequest, context: Context
    ) -> pb.GetChannelPerformanceResponse:
        return await self._metrics.channel_performance(request)

    async def GetHourlyBreakdown(
        self, request: pb.GetHourlyBreakdownRequest, context: Context
    ) -> pb.GetHourlyBreakdownResponse:
        return await self._metrics.hours(request)

    async def GetTopTypes(self, request: pb.GetTopTypesRequest, context: Context) -> pb.GetTopTypesResponse:
        return await self._metrics.top_types(request)

    async def GetTopTemplates(
        self, request: pb.GetTopTemplatesRequest, context: Context
    ) -> pb.GetTopTemplatesResponse:
        return await self._metrics.top_templates(request)

    async def GetTimeSeries(
        self, request: pb.GetTimeSeriesRequest, context: Context
    ) -> pb.GetTimeSeriesResponse:
        return await self._metrics.time_series(request)

    async def GetDeliveryMetrics(
        self, request: pb.GetDeliveryMetricsRequest, context: Context
    ) -> pb.GetDeliveryMetricsResponse:
        return await self._metrics.delivery(request)

    async def GetDeliveryStats(
        self, request: pb.GetDeliveryStatsRequest, context: Context
    ) -> pb.GetDeliveryStatsResponse:
        return await self._metrics.delivery_days(request)

    async def GetEngagementMetrics(
        self, request: pb.GetEngagementMetricsRequest, context: Context
    ) -> pb.GetEngagementMetricsResponse:
        return await self._metrics.engagement(request)

    async def GetCostMetrics(
        self, request: pb.GetCostMetricsRequest, context: Context
    ) -> pb.GetCostMetricsResponse:
        return await self._metrics.costs(request)

    async def GetHealthScore(
        self, request: pb.GetHealthScoreRequest, context: Context
    ) -> pb.GetHealthScoreResponse:
        return await self._metrics.health(request)

    async def GetEngagementScore(
        self, request: pb.GetEngagementScoreRequest, context: Context
    ) -> pb.GetEngagementScoreResponse:
        return await self._metrics.engagement_score(request)

    async def GetContactEngagement(
        self, request: pb.GetContactEngagementRequest, context: Context
    ) -> pb.GetContactEngagementResponse:
        return await self._metrics.contact_engagement(request)
