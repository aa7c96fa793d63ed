"""The reports over many things, as the contract shows them."""

from decimal import Decimal
from uuid import UUID

from google.type.money_pb2 import Money as MoneyProto

from angarium.analytics.v1 import report_service_pb2 as pb
from services.analytics.compliance.domain import Report
from services.analytics.reports.convert import (
    figures_to_proto,
    performance_to_proto,
    rate_to_proto,
    reasons_to_proto,
    stamp,
)
from services.analytics.reports.domain import rate, rounded
from services.analytics.reports.overview import Overview, Reminder
from services.analytics.spend.handlers import Month, Summary
from services.analytics.timeline.domain import Entry
from services.analytics.viewers import NO_BRANCH
from services.common.money import Money


def link(link_id: UUID, url: str, unique: int, total: int, machine: int) -> pb.LinkFigures:
    """Returns the clicks of one link."""
    return pb.LinkFigures(
        link_id=str(link_id), url=url, unique_clicks=unique, total_clicks=total, machine_clicks=machine
    )


def overview(found: Overview, *, with_costs: bool) -> pb.GetMarketingOverviewResponse:
    """Returns what marketing did."""
    return pb.GetMarketingOverviewResponse(
        totals=figures_to_proto(found.totals.counts, found.totals.costs if with_costs else {}),
        active_campaigns=found.active,
        opt_outs=found.opt_outs,
        new_consents=found.consents,
        top_campaigns=[performance_to_proto(one, with_costs=with_costs) for one in found.top],
        budget=budget(found.budget) if with_costs and found.budget else None,
    )


def budget(month: Month) -> pb.BudgetUse:
    """Returns what was spent of a limit."""
    return pb.BudgetUse(
        billing_period=month.period,
        spend=_money(month.currency, month.spend),
        limit=None if month.limit is None else _money(month.currency, month.limit),
        percent=month.percent,
    )


def spend(found: Summary) -> pb.GetSpendSummaryResponse:
    """Returns what was billed in months."""
    totals: dict[tuple[str, str], Decimal] = {}
    for row in found.rows:
        key = (row.period, row.currency)
        totals[key] = totals.get(key, Decimal(0)) + row.cost
    return pb.GetSpendSummaryResponse(
        rows=[
            pb.SpendRow(
                billing_period=row.period,
                group_key="" if row.key == str(NO_BRANCH) else row.key,
                group_name=found.names.get(row.key, ""),
                spend=_money(row.currency, row.cost),
                attempt_count=row.attempts,
                percent=_share(row.cost, totals[row.period, row.currency]),
            )
            for row in found.rows
        ],
        months=[budget(month) for month in found.months],
    )


def entry(one: Entry) -> pb.TimelineEntry:
    """Returns one entry of a timeline."""
    return pb.TimelineEntry(
        type=int(one.type),  # type: ignore[arg-type]  # a number of the contract
        date=stamp(one.date),
        channel=one.channel,  # type: ignore[arg-type]  # a number of the contract
        campaign_name=one.campaign_name,
        trigger_type=one.trigger_type,
        status=one.status,
        coupon_code=one.coupon_code,
        coupon_redeemed=one.coupon_redeemed,
        feedback_rating=one.rating,
        reference=one.reference,
        update_time=stamp(one.updated_at),
    )


def compliance(found: Report) -> pb.GetComplianceReportResponse:
    """Returns the compliance report."""
    return pb.GetComplianceReportResponse(
        start_time=stamp(found.start),
        end_time=stamp(found.end),
        consents=reasons_to_proto(found.counts.get("consent", [])),
        opt_outs=reasons_to_proto(found.counts.get("opt_out", [])),
        suppressions_added=reasons_to_proto(found.counts.get("suppression_added", [])),
        suppressions_removed=reasons_to_proto(found.counts.get("suppression_removed", [])),
        bounces=reasons_to_proto(found.bounces),
        complaints=found.complaints,
        complaint_rate=rate_to_proto(rate(found.complaints, found.delivered)),
        consent_blocks=reasons_to_proto(found.consent_blocks),
        other_blocks=reasons_to_proto(found.other_blocks),
        deferrals=reasons_to_proto(found.counts.get("deferral", [])),
        dnd_blocks=found.dnd_blocks,
        privacy_requests=[
            pb.PrivacyFigures(
                kind=one.kind,
                created_count=one.created,
                completed_count=one.completed,
                late_count=one.late,
                open_count=one.open,
                average_days=one.average_days,
                longest_days=one.longest_days,
            )
            for one in found.privacy
        ],
    )


def reminder(one: Reminder) -> pb.ReminderFigures:
    """Returns how one reminder works."""
    return pb.ReminderFigures(
        number=one.number,
        sent=one.sent,
        converted=one.converted,
        conversion_rate=rate_to_proto(rate(one.converted, one.sent)),
        average_minutes=one.average_minutes,
    )


def _share(part: Decimal, whole: Decimal) -> float:
    return rounded(part * 100 / whole) if whole else 0.0


def _money(currency: str, amount: Decimal) -> MoneyProto:
    return Money(currency, amount).to_proto()
