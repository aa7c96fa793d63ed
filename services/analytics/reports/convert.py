"""Between the reports and the contract."""

from datetime import datetime
from decimal import Decimal

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money as MoneyProto

from angarium.analytics.v1 import figures_pb2, report_service_pb2
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from services.analytics.reports.domain import (
    CampaignReport,
    Comparison,
    Counts,
    Rate,
    Rates,
    Verdict,
    compare,
)
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
)


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
    )


def report_to_proto(report: CampaignReport) -> report_service_pb2.GetCampaignReportResponse:
    """Returns a campaign's report."""
    return report_service_pb2.GetCampaignReportResponse(
        campaign_id=str(report.campaign_id),
        name=report.name,
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
        skips=[figures_pb2.ReasonCount(reason=reason, count=count) for reason, count in report.skips],
        failures=[figures_pb2.ReasonCount(reason=reason, count=count) for reason, count in report.failures],
        variants=[
            report_service_pb2.VariantFigures(
                variant_key=key, counts=counts_to_proto(counts), rates=rates_to_proto(Rates.of(counts))
            )
            for key, counts in report.variants
        ],
        days=[
            report_service_pb2.DayFigures(date=day.isoformat(), counts=counts_to_proto(counts))
            for day, counts in report.days
        ],
        costs=[money_to_proto(currency, cost) for currency, cost in report.costs],
        first_send_time=_stamp(report.first_sent),
        last_send_time=_stamp(report.last_sent),
        as_of_time=_stamp(report.as_of),
    )


def arms_to_proto(report: CampaignReport) -> report_service_pb2.GetAbTestReportResponse:
    """Returns the comparison of a campaign's variants with the first of them."""
    response = report_service_pb2.GetAbTestReportResponse()
    total = sum(counts.recipients for _, counts in report.variants)
    first: Rates | None = None
    for key, counts in report.variants:
        rates = Rates.of(counts)
        arm = response.arms.add(
            variant_key=key,
            share=rate_to_proto(Rate(counts.recipients, total)) if total else None,
            counts=counts_to_proto(counts),
            rates=rates_to_proto(rates),
        )
        if first is None:
            first = rates
        else:
            arm.open_rate.CopyFrom(_comparison_to_proto(compare(first.open, rates.open)))
            arm.click_rate.CopyFrom(_comparison_to_proto(compare(first.click, rates.click)))
    return response


def money_to_proto(currency: str, amount: Decimal) -> MoneyProto:
    """Returns an amount with its currency."""
    return Money(currency, amount).to_proto()


def _comparison_to_proto(comparison: Comparison) -> report_service_pb2.Comparison:
    return report_service_pb2.Comparison(
        lift_percent=comparison.lift_percent,
        z_score=comparison.z_score,
        p_value=comparison.p_value,
        verdict=_VERDICTS[comparison.verdict],
    )


def _stamp(instant: datetime | None) -> Timestamp | None:
    if instant is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp
