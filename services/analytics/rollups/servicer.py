"""MetricsService."""

from datetime import UTC, datetime, timedelta

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.analytics.v1 import metrics_service_pb2
from angarium.analytics.v1.metrics_service_pb2_grpc import MetricsServiceServicer
from services.analytics.reports.convert import counts_to_proto, rates_to_proto
from services.analytics.reports.domain import Counts, Rates
from services.analytics.rollups import handlers
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.rpc.context import tenant

Context = grpc.aio.ServicerContext[object, object]


class MetricsServicer(MetricsServiceServicer):
    """Answers figures of a range, and recounts them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def GetMetrics(
        self, request: metrics_service_pb2.GetMetricsRequest, context: Context
    ) -> metrics_service_pb2.GetMetricsResponse:
        """Returns counts and rates of a range."""
        start, end = handlers.checked_range(
            _instant(request.start_time, request.HasField("start_time")),
            _instant(request.end_time, request.HasField("end_time")),
            self._clock.now(),
        )
        filters = handlers.Filters(request.channel, request.message_class, request.category)
        found = await handlers.metrics(self._database, tenant(), start, end, filters)
        elapsed, timed = found.pop("delivery_time_sum_ms"), found.pop("delivery_time_count")
        counts = Counts(**found)
        response = metrics_service_pb2.GetMetricsResponse(
            counts=counts_to_proto(counts), rates=rates_to_proto(Rates.of(counts))
        )
        if timed:
            response.average_delivery_time.FromTimedelta(timedelta(milliseconds=elapsed / timed))
        return response

    async def RebuildRollups(
        self, request: metrics_service_pb2.RebuildRollupsRequest, context: Context
    ) -> metrics_service_pb2.RebuildRollupsResponse:
        """Recounts a range from facts."""
        start, end = handlers.checked_range(
            _instant(request.start_time, is_given=True),
            _instant(request.end_time, is_given=True),
            self._clock.now(),
        )
        buckets, changed = await handlers.rebuild(self._database, tenant(), start, end)
        return metrics_service_pb2.RebuildRollupsResponse(bucket_count=buckets, changed_count=changed)


def _instant(stamp: Timestamp, is_given: bool) -> datetime | None:
    return stamp.ToDatetime(tzinfo=UTC) if is_given else None
