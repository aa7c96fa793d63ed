"""Between the metrics and the contract."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from google.type.money_pb2 import Money as MoneyProto

from angarium.analytics.v1 import metrics_service_pb2 as pb
from services.analytics.metrics.domain import Cost, Found
from services.analytics.reports.convert import (
    costs_to_proto,
    figures_to_proto,
    rate_to_proto,
    stamp,
)
from services.analytics.reports.domain import Costs, Counts, Rates, divided, rate
from services.analytics.scores.domain import Health
from services.analytics.viewers import NO_BRANCH

_SERIES: Final[Mapping[int, str]] = {
    pb.SERIES_METRIC_SENT: "sent",
    pb.SERIES_METRIC_DELIVERED: "delivered",
    pb.SERIES_METRIC_OPENED: "opened",
    pb.SERIES_METRIC_CLICKED: "clicked",
    pb.SERIES_METRIC_READ: "read",
    pb.SERIES_METRIC_BOUNCED: "bounced",
    pb.SERIES_METRIC_FAILED: "failed",
}


def costs(found: Costs) -> list[MoneyProto]:
    """Returns amounts by currency."""
    return costs_to_proto(found)


def channel(number: int, found: Found, shown: Costs) -> pb.ChannelFigures:
    """Returns the figures of one channel."""
    return pb.ChannelFigures(
        channel=number,  # type: ignore[arg-type]  # a number of the contract
        figures=figures_to_proto(found.counts, shown),
    )


def performance(number: int, found: Found, shown: Costs) -> pb.ChannelPerformance:
    """Returns how one channel does."""
    counts = found.counts
    return pb.ChannelPerformance(
        channel=number,  # type: ignore[arg-type]  # a number of the contract
        sent=counts.sent,
        delivered=counts.delivered,
        bounced=counts.bounced,
        failed=counts.failed,
        error_rate=rate_to_proto(Rates.of(counts).failure),
        average_delivery_time=counts.delivery_time,
        costs=costs_to_proto(shown),
    )


def hour(start: datetime, clock: int, channels: Mapping[int, Counts]) -> pb.HourFigures:
    """Returns the figures of one hour."""
    counts = sum(channels.values(), Counts())
    return pb.HourFigures(
        start_time=stamp(start),
        hour=clock,
        sent=counts.sent,
        delivered=counts.delivered,
        failed=counts.failed,
        channels=[
            pb.ChannelHour(
                channel=number,  # type: ignore[arg-type]  # a number of the contract
                sent=one.sent,
                delivered=one.delivered,
                failed=one.failed,
            )
            for number, one in sorted(channels.items())
            if one.sent or one.delivered or one.failed
        ],
    )


def category(number: int, counts: Counts) -> pb.TypeFigures:
    """Returns the figures of one category."""
    return pb.TypeFigures(
        category=number,  # type: ignore[arg-type]  # a number of the contract
        count=counts.sent,
        delivery_rate=rate_to_proto(Rates.of(counts).delivery),
    )


def template(name: str, counts: Counts) -> pb.TemplateFigures:
    """Returns the figures of one template."""
    rates = Rates.of(counts)
    return pb.TemplateFigures(
        template_name=name,
        total=counts.sent,
        opens=counts.opened,
        clicks=counts.clicked,
        open_rate=rate_to_proto(rates.open),
        click_rate=rate_to_proto(rates.click),
    )


def point(metric: int, start: datetime, found: Found) -> pb.SeriesPoint:
    """Returns one point of a series."""
    if metric == pb.SERIES_METRIC_COST:
        return pb.SeriesPoint(start_time=stamp(start), costs=costs_to_proto(found.costs))
    return pb.SeriesPoint(start_time=stamp(start), value=getattr(found.counts, _SERIES[metric]))


def delivery(found: Found) -> pb.GetDeliveryMetricsResponse:
    """Returns what arrived."""
    counts, rates = found.counts, Rates.of(found.counts)
    return pb.GetDeliveryMetricsResponse(
        sent=counts.sent,
        delivered=counts.delivered,
        bounced=counts.bounced,
        failed=counts.failed,
        pending=counts.pending,
        delivery_rate=rate_to_proto(rates.delivery),
        bounce_rate=rate_to_proto(rates.bounce),
        failure_rate=rate_to_proto(rates.failure),
    )


def provider_day(day: date, number: int, provider: str, counts: Counts) -> pb.ProviderDay:
    """Returns what one provider did on one day."""
    return pb.ProviderDay(
        date=day.isoformat(),
        channel=number,  # type: ignore[arg-type]  # a number of the contract
        provider=provider,
        sent=counts.sent,
        delivered=counts.delivered,
        failed=counts.failed,
        bounced=counts.bounced,
        retried=counts.retried,
        retry_success=counts.retry_success,
        retry_failure=counts.retry_failure,
        delivery_rate=rate_to_proto(Rates.of(counts).delivery),
    )


def engagement(found: Found) -> pb.GetEngagementMetricsResponse:
    """Returns what people did, and machines beside them."""
    counts, rates = found.counts, Rates.of(found.counts)
    return pb.GetEngagementMetricsResponse(
        opened=counts.opened,
        clicked=counts.clicked,
        unsubscribed=counts.unsubscribed,
        open_rate=rate_to_proto(rates.open),
        click_rate=rate_to_proto(rates.click),
        click_to_open_rate=rate_to_proto(rates.click_to_open),
        unsubscribe_rate=rate_to_proto(rates.unsubscribe),
        raw_open_rate=rate_to_proto(rates.raw_open),
        raw_click_rate=rate_to_proto(rates.raw_click),
        opens=counts.opens,
        clicks=counts.clicks,
        machine_opens=counts.machine_opens,
        machine_clicks=counts.machine_clicks,
    )


def cost(found: Cost) -> pb.GetCostMetricsResponse:
    """Returns what messages cost."""
    return pb.GetCostMetricsResponse(
        costs=costs_to_proto(found.total),
        channels=[
            pb.ChannelCost(channel=number, costs=costs_to_proto(one))  # type: ignore[arg-type]
            for number, one in sorted(found.channels.items())
        ],
        branches=[
            pb.BranchCost(branch_id="" if id == NO_BRANCH else str(id), costs=costs_to_proto(one))
            for id, one in sorted(found.branches.items())
        ],
        providers=[
            pb.ProviderCost(provider=name, costs=costs_to_proto(one))
            for name, one in sorted(found.providers.items())
        ],
        costs_per_message=costs_to_proto(divided(found.total, found.sent)),
        costs_per_recipient=costs_to_proto(divided(found.total, found.recipients)),
        recipient_count=found.recipients,
    )


def costs_of_tenants(rows: Iterable[tuple[UUID, str, Costs]]) -> pb.GetCostMetricsResponse:
    """Returns what each tenant's messages cost, and all of them."""
    response = pb.GetCostMetricsResponse()
    total: Costs = {}
    for tenant_id, name, one in rows:
        response.tenants.add(tenant_id=str(tenant_id), name=name, costs=costs_to_proto(one))
        for currency, amount in one.items():
            total[currency] = total.get(currency, Decimal(0)) + amount
    response.costs.extend(costs_to_proto(total))
    return response


def health(found: Health, history: Iterable[tuple[date, int | None]]) -> pb.GetHealthScoreResponse:
    """Returns a health score, what it was judged by, and those of earlier days."""
    inputs = found.inputs
    return pb.GetHealthScoreResponse(
        score=found.score,
        inputs=pb.HealthInputs(
            sent=inputs.sent,
            bounce_rate=rate_to_proto(rate(inputs.bounced, inputs.sent)),
            failure_rate=rate_to_proto(rate(inputs.failed, inputs.attempted)),
            delivery_rate=rate_to_proto(rate(inputs.delivered, inputs.sent)),
            delivered_emails=inputs.delivered_emails,
            open_rate=rate_to_proto(inputs.open_rate),
            click_rate=rate_to_proto(inputs.click_rate),
        ),
        parts=[pb.HealthPart(finding=part.finding, points=part.points) for part in found.parts],
        history=[pb.DayScore(date=day.isoformat(), score=score) for day, score in history],
    )
