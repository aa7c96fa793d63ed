"""Between the reports and the contract."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money as MoneyProto

from angarium.analytics.v1 import figures_pb2, metrics_service_pb2, report_service_pb2
from angarium.campaign.v1.campaign_pb2 import Campaign as CampaignProto
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from services.analytics.reports.campaigns import Performance
from services.analytics.reports.domain import (
    CampaignReport,
    Costs,
    Counts,
    Part,
    Rate,
    Rates,
    divided,
    rate,
)
from services.analytics.reports.statistics import Comparison, Interval, Verdict, compare, wilson
from services.analytics.rollups.ranges import Asked
from services.common.errors import invalid
from services.common.money import Money

KIND_WORDS: dict[int, str] = {
    delivery_pb2.ENGAGEMENT_KIND_UNSPECIFIED: "unknown",
    delivery_pb2.ENGAGEMENT_KIND_OPEN: "open",
    delivery_pb2.ENGAGEMENT_KIND_CLICK: "click",
}
CLASS_WORDS: dict[int, str] = {
    delivery_pb2.ENGAGEMENT_CLASS_UNSPECIFIED: "unknown",
    delivery_pb2.ENGAGEMENT_CLASS_HUMAN: "human",
    delivery_pb2.ENGAGEMENT_CLASS_PROXY: "proxy",
    delivery_pb2.ENGAGEMENT_CLASS_PRIVACY_PREFETCH: "privacy_prefetch",
    delivery_pb2.ENGAGEMENT_CLASS_SCANNER: "scanner",
}
_VERDICTS = {
    Verdict.NOT_ENOUGH_DATA: report_service_pb2.Comparison.VERDICT_NOT_ENOUGH_DATA,
    Verdict.NOT_SIGNIFICANT: report_service_pb2.Comparison.VERDICT_NOT_SIGNIFICANT,
    Verdict.SIGNIFICANT: report_service_pb2.Comparison.VERDICT_SIGNIFICANT,
}
_SHARED = (
    "recipients",
    "sent",
    "delivered",
    "read",
    "bounced",
    "failed",
    "skipped",
    "expired",
    "cancelled",
    "pending",
    "opened",
    "clicked",
    "unsubscribed",
    "complained",
    "unknown",
    "any_opened",
    "any_clicked",
    "opens",
    "clicks",
    "machine_opens",
    "machine_clicks",
    "converted",
    "retried",
    "retry_success",
    "retry_failure",
)


def asked(given: figures_pb2.TimeRange) -> Asked:
    """Returns a range as the caller gave it; invalid for days that the calendar does not have."""
    return Asked(
        given.start_time.ToDatetime(tzinfo=UTC) if given.HasField("start_time") else None,
        given.end_time.ToDatetime(tzinfo=UTC) if given.HasField("end_time") else None,
        day("range.start_date", given.start_date),
        day("range.end_date", given.end_date),
        given.time_zone,
    )


def day(field: str, text: str) -> date | None:
    """Returns a day of the calendar; None for an empty text."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise invalid(field, "is no day of the calendar") from None


def counts_to_proto(counts: Counts) -> figures_pb2.MessageCounts:
    """Returns counts as the contract shows them."""
    return figures_pb2.MessageCounts(**{name: getattr(counts, name) for name in _SHARED})


def rate_to_proto(rate: Rate | None) -> figures_pb2.Rate | None:
    """Returns a rate with its parts, or nothing."""
    if rate is None:
        return None
    return figures_pb2.Rate(numerator=rate.numerator, denominator=rate.denominator, percent=rate.percent)


def rates_to_proto(rates: Rates) -> figures_pb2.Rates:
    """Returns the rates that exist."""
    return figures_pb2.Rates(
        delivery_rate=rate_to_proto(rates.delivery),
        bounce_rate=rate_to_proto(rates.bounce),
        failure_rate=rate_to_proto(rates.failure),
        open_rate=rate_to_proto(rates.open),
        click_rate=rate_to_proto(rates.click),
        click_to_open_rate=rate_to_proto(rates.click_to_open),
        unsubscribe_rate=rate_to_proto(rates.unsubscribe),
        complaint_rate=rate_to_proto(rates.complaint),
        read_rate=rate_to_proto(rates.read),
        conversion_rate=rate_to_proto(rates.conversion),
        raw_open_rate=rate_to_proto(rates.raw_open),
        raw_click_rate=rate_to_proto(rates.raw_click),
    )


def figures_to_proto(counts: Counts, costs: Costs) -> metrics_service_pb2.Figures:
    """Returns counts, rates, speed and cost."""
    return metrics_service_pb2.Figures(
        counts=counts_to_proto(counts),
        rates=rates_to_proto(Rates.of(counts)),
        average_delivery_time=counts.delivery_time,
        costs=costs_to_proto(costs),
    )


def costs_to_proto(costs: Costs) -> list[MoneyProto]:
    """Returns amounts by currency, in its order."""
    return [Money(currency, cost).to_proto() for currency, cost in sorted(costs.items())]


def stamp(instant: datetime | None) -> Timestamp | None:
    """Returns an instant as the contract carries it."""
    if instant is None:
        return None
    found = Timestamp()
    found.FromDatetime(instant)
    return found


def state_word(state: int) -> str:
    """Returns the state of a campaign as a word; empty when it is unknown."""
    known = CampaignProto.State.DESCRIPTOR.values_by_number
    return known[state].name.removeprefix("STATE_").lower() if state and state in known else ""


def report_to_proto(
    report: CampaignReport, *, with_costs: bool = True
) -> report_service_pb2.GetCampaignReportResponse:
    """Returns a campaign's report; what things cost only for those who may see it."""
    shown = _costs if with_costs else _no_costs
    response = report_service_pb2.GetCampaignReportResponse(
        campaign_id=str(report.campaign_id),
        name=report.name,
        channel=report.channel,  # type: ignore[arg-type]  # a number of the contract
        campaign_state=state_word(report.state),
        counts=counts_to_proto(report.counts),
        rates=rates_to_proto(Rates.of(report.counts)),
        engagement=[
            figures_pb2.EngagementCount(
                kind=KIND_WORDS.get(kind, "unknown"),
                engagement_class=CLASS_WORDS.get(engagement_class, "unknown"),
                messages=messages,
                hits=hits,
            )
            for kind, engagement_class, messages, hits in report.engagement
        ],
        skips=reasons_to_proto(report.skips),
        failures=reasons_to_proto(report.failures),
        variants=[
            report_service_pb2.VariantFigures(
                variant_key=key,
                counts=counts_to_proto(part.counts),
                rates=rates_to_proto(Rates.of(part.counts)),
                costs=shown(part),
            )
            for key, part in report.variants
        ],
        runs=[
            report_service_pb2.RunFigures(
                run_id=str(run_id),
                counts=counts_to_proto(part.counts),
                rates=rates_to_proto(Rates.of(part.counts)),
                costs=shown(part),
            )
            for run_id, part in report.runs
        ],
        days=[
            report_service_pb2.DayFigures(date=day.isoformat(), counts=counts_to_proto(counts))
            for day, counts in report.days
        ],
        costs=shown(Part(report.counts, report.costs)),
        revenues=costs_to_proto(report.revenues),
        conversion_count=report.conversions,
        coupons=[
            report_service_pb2.CouponFigures(
                coupon_code=coupon.code,
                redemption_count=coupon.redemptions,
                redemption_rate=rate_to_proto(rate(coupon.redemptions, report.counts.delivered)),
                revenues=costs_to_proto(coupon.revenues),
            )
            for coupon in report.coupons
        ],
        first_send_time=stamp(report.first_sent),
        last_send_time=stamp(report.last_sent),
        as_of_time=stamp(report.as_of),
        start_time=stamp(report.started),
        complete_time=stamp(report.completed),
    )
    if with_costs:
        response.costs_per_message.extend(costs_to_proto(divided(report.costs, report.counts.sent)))
        if (percent := report.roi_percent) is not None:
            response.roi_percent = percent
    return response


def arms_to_proto(report: CampaignReport) -> report_service_pb2.GetAbTestReportResponse:
    """Returns the comparison of a campaign's variants with the first of them."""
    response = report_service_pb2.GetAbTestReportResponse()
    total = sum(part.counts.recipients for _, part in report.variants)
    first: Rates | None = None
    for key, part in report.variants:
        rates = Rates.of(part.counts)
        arm = response.arms.add(
            variant_key=key,
            share=rate_to_proto(rate(part.counts.recipients, total)),
            counts=counts_to_proto(part.counts),
            rates=rates_to_proto(rates),
            revenues=costs_to_proto(report.variant_revenues.get(key, {})),
            open_interval=_wilson(rates.open),
            click_interval=_wilson(rates.click),
            conversion_interval=_wilson(rates.conversion),
        )
        if first is None:
            first = rates
        else:
            arm.open_rate.CopyFrom(_comparison_to_proto(compare(first.open, rates.open)))
            arm.click_rate.CopyFrom(_comparison_to_proto(compare(first.click, rates.click)))
            arm.conversion_rate.CopyFrom(_comparison_to_proto(compare(first.conversion, rates.conversion)))
    return response


def performance_to_proto(one: Performance, *, with_costs: bool) -> report_service_pb2.CampaignPerformance:
    """Returns one row of a list of campaigns."""
    return report_service_pb2.CampaignPerformance(
        campaign_id=str(one.campaign_id),
        name=one.campaign.name if one.campaign else "",
        channel=one.channel,  # type: ignore[arg-type]  # a number of the contract
        campaign_state=state_word(one.campaign.state if one.campaign else 0),
        counts=counts_to_proto(one.counts),
        rates=rates_to_proto(Rates.of(one.counts)),
        costs=costs_to_proto(one.costs) if with_costs else [],
        last_send_time=stamp(one.last_sent),
    )


def reasons_to_proto(reasons: Iterable[tuple[str, int]]) -> list[figures_pb2.ReasonCount]:
    """Returns how often each reason was given."""
    return [figures_pb2.ReasonCount(reason=reason, count=count) for reason, count in reasons]


def _costs(part: Part) -> list[MoneyProto]:
    return costs_to_proto(part.costs)


def _no_costs(_part: Part) -> list[MoneyProto]:
    return []


def _wilson(found: Rate | None) -> report_service_pb2.Interval | None:
    return None if found is None else _interval(wilson(found))


def _interval(interval: Interval) -> report_service_pb2.Interval:
    return report_service_pb2.Interval(low_percent=interval.low, high_percent=interval.high)


def _comparison_to_proto(comparison: Comparison) -> report_service_pb2.Comparison:
    return report_service_pb2.Comparison(
        lift_percent=comparison.lift_percent,
        z_score=comparison.z_score,
        p_value=comparison.p_value,
        verdict=_VERDICTS[comparison.verdict],
        difference=_interval(comparison.difference) if comparison.difference else None,
    )
