"""Commands that show reports as tables."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from cli import options
from cli.moments import instant
from cli.output import Output
from cli.reports.asking import ask, time_range
from cli.reports.given import Days, First, Last
from cli.reports.showing import document, money, percent, verdict

app = typer.Typer()

_CHANNELS = {1: "email", 2: "sms", 3: "whatsapp", 4: "push", 5: "in_app", 6: "webhook"}


class Group(StrEnum):
    """What spend is cut by."""

    NONE = "none"
    BRANCH = "branch"
    CHANNEL = "channel"
    PROVIDER = "provider"
    CAMPAIGN = "campaign"


@app.command(
    epilog="""
**Examples**

`angarium reports metrics --tenant 0190… --days 30` – every channel: counts, rates, cost

`angarium reports metrics --tenant 0190… --from 2026-11-01 --to 2026-11-07 --json | jq '.channels[0].figures.rates'`
"""
)
def metrics(
    tenant: options.Tenant = "",
    days: Days = 7,
    first: First = "",
    last: Last = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show counts, rates and cost of every channel.

    Rates are those of people; a dash means that there is nothing to divide by.
    """
    from angarium.analytics.v1 import metrics_service_pb2 as pb

    out = Output(as_json=as_json)
    request = pb.GetChannelMetricsRequest(range=time_range(days, first, last))
    found = ask("metrics", "GetChannelMetrics", request, tenant, state)
    out.table(
        ("channel", "sent", "delivered", "bounced", "failed", "opened", "clicked", "delivery", "open", "raw open",
         "click", "cost"),
        [
            (_CHANNELS.get(one.channel, "?"), one.figures.counts.sent, one.figures.counts.delivered,
             one.figures.counts.bounced, one.figures.counts.failed, one.figures.counts.opened,
             one.figures.counts.clicked, *(percent(one.figures.rates, name) for name in
             ("delivery_rate", "open_rate", "raw_open_rate", "click_rate")), money(one.figures.costs))
            for one in found.channels
        ],
    )  # fmt: skip
    out.result(document(found))


@app.command(
    epilog="""
**Examples**

`angarium reports campaign 0190… --tenant 0190…` – what became of a campaign, and what it brought

`angarium reports campaign 0190… --tenant 0190… --json | jq .engagement` – who opened and clicked: people and machines
"""
)
def campaign(
    campaign: Annotated[str, typer.Argument(help="Id of the campaign.")],
    tenant: options.Tenant = "",
    run: Annotated[str, typer.Option(help="Only this run.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show what became of a campaign."""
    from angarium.analytics.v1 import report_service_pb2 as pb

    out = Output(as_json=as_json)
    request = pb.GetCampaignReportRequest(
        campaign_id=str(options.uuid("campaign", campaign)),
        run_id=str(options.uuid("--run", run)) if run else "",
    )
    found = ask("reports", "GetCampaignReport", request, tenant, state)
    counts = found.counts
    out.table(
        ("", "messages", "of", "rate"),
        [
            ("recipients", counts.recipients, "", ""),
            ("skipped", counts.skipped, "", ""),
            ("sent", counts.sent, "", ""),
            ("delivered", counts.delivered, "sent", percent(found.rates, "delivery_rate")),
            ("bounced", counts.bounced, "sent", percent(found.rates, "bounce_rate")),
            ("failed", counts.failed, "tried", percent(found.rates, "failure_rate")),
            ("opened", counts.opened, "delivered", percent(found.rates, "open_rate")),
            ("opened, machines too", counts.any_opened, "delivered", percent(found.rates, "raw_open_rate")),
            ("clicked", counts.clicked, "delivered", percent(found.rates, "click_rate")),
            ("unsubscribed", counts.unsubscribed, "delivered", percent(found.rates, "unsubscribe_rate")),
            ("converted", counts.converted, "delivered", percent(found.rates, "conversion_rate")),
        ],
        title=f"{found.name} ({found.campaign_state or 'unknown'})",
    )
    for reason in (*found.skips, *found.failures):
        out.line(f"{reason.reason}: {reason.count:,}")
    if found.costs:
        out.line(f"Cost {money(found.costs)}, revenue {money(found.revenues) or 'none'}.")
    out.result(document(found))


@app.command(
    epilog="""
**Examples**

`angarium reports ab 0190… --tenant 0190…` – the arms of a test side by side

`angarium reports ab 0190… --tenant 0190… --json | jq '.arms[1].open_rate.verdict'`
"""
)
def ab(
    campaign: Annotated[str, typer.Argument(help="Id of the campaign.")],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Compare the arms of an A/B test with the first.

    A verdict needs 100 delivered messages in both arms. No winner is chosen.
    """
    from angarium.analytics.v1 import report_service_pb2 as pb

    out = Output(as_json=as_json)
    request = pb.GetAbTestReportRequest(campaign_id=str(options.uuid("campaign", campaign)))
    found = ask("reports", "GetAbTestReport", request, tenant, state)
    rows = []
    for arm in found.arms:
        for name in ("open", "click", "conversion"):
            compared = getattr(arm, f"{name}_rate")
            interval = getattr(arm, f"{name}_interval")
            rows.append(
                (
                    arm.variant_key if name == "open" else "",
                    name,
                    arm.counts.delivered,
                    percent(arm.rates, f"{name}_rate"),
                    f"{interval.low_percent:.2f}–{interval.high_percent:.2f} %"
                    if arm.HasField(f"{name}_interval")
                    else None,
                    f"{compared.lift_percent:+.1f} %" if compared.HasField("lift_percent") else None,
                    f"{compared.p_value:.4f}" if compared.HasField("p_value") else None,
                    verdict(compared) if arm.HasField(f"{name}_rate") else "",
                )
            )
    out.table(("arm", "rate of", "delivered", "rate", "95 % between", "lift", "p", ""), rows)
    out.result(document(found))


@app.command(
    epilog="""
**Examples**

`angarium reports spend --tenant 0190…` – this month against the limit

`angarium reports spend --tenant 0190… --month 2026-10 --to 2026-12 --by provider --json`
"""
)
def spend(
    tenant: options.Tenant = "",
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="First month; this month without it.")] = "",
    to: Annotated[str, typer.Option(metavar="YYYY-MM", help="Last month, included.")] = "",
    by: Annotated[Group, typer.Option(help="What to cut by.")] = Group.CHANNEL,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show what was billed."""
    from angarium.analytics.v1 import report_service_pb2 as pb

    out = Output(as_json=as_json)
    request = pb.GetSpendSummaryRequest(start_month=month, end_month=to, group=list(Group).index(by))  # type: ignore[arg-type]
    found = ask("reports", "GetSpendSummary", request, tenant, state)
    out.table(
        ("month", by.value if by is not Group.NONE else "", "spend", "attempts", "share"),
        [
            (
                one.billing_period,
                _group(by, one),
                money([one.spend]),
                one.attempt_count,
                f"{one.percent:.2f} %",
            )
            for one in found.rows
        ],
    )
    for one in found.months:
        if one.HasField("percent"):
            out.line(
                f"{one.billing_period}: {money([one.spend])} of {money([one.limit])}, {one.percent:.2f} %"
            )
    out.result(document(found))


@app.command(
    epilog="""
**Examples**

`angarium reports compliance --tenant 0190… --days 90` – consents, opt-outs, blocks, bounces, complaints

`angarium reports compliance --tenant 0190… --json | jq .consent_blocks`
"""
)
def compliance(
    tenant: options.Tenant = "",
    days: Days = 30,
    first: First = "",
    last: Last = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show what proves that the law was kept."""
    from angarium.analytics.v1 import report_service_pb2 as pb

    out = Output(as_json=as_json)
    request = pb.GetComplianceReportRequest(range=time_range(days, first, last))
    found = ask("reports", "GetComplianceReport", request, tenant, state)
    rows = [
        (title if number == 0 else "", one.reason, one.count)
        for title, field in (
            ("consents", "consents"),
            ("opt-outs", "opt_outs"),
            ("suppressed", "suppressions_added"),
            ("suppression lifted", "suppressions_removed"),
            ("not sent, by choice", "consent_blocks"),
            ("not sent, else", "other_blocks"),
            ("put off", "deferrals"),
            ("bounced", "bounces"),
        )
        for number, one in enumerate(getattr(found, field))
    ]
    out.table(
        ("", "reason", "count"), [*rows, ("complaints", percent(found, "complaint_rate"), found.complaints)]
    )
    for one in found.privacy_requests:
        out.line(
            f"{one.kind}: {one.created_count} asked, {one.completed_count} answered, {one.open_count} open, "
            f"{one.late_count} late"
        )
    out.result(document(found))


@app.command(
    epilog="""
**Examples**

`angarium reports timeline 0190… --tenant 0190…` – what happened with a contact, newest first

`angarium reports timeline 0190… --tenant 0190… --limit 200 --json | jq '.entries[].status'`
"""
)
def timeline(
    contact: Annotated[str, typer.Argument(help="Id of the contact.")],
    tenant: options.Tenant = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many entries.")] = 50,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show what happened with a contact."""
    from angarium.analytics.v1 import report_service_pb2 as pb

    out = Output(as_json=as_json)
    request = pb.GetContactTimelineRequest(contact_id=str(options.uuid("contact", contact)), page_size=limit)
    found = ask("reports", "GetContactTimeline", request, tenant, state)
    out.table(
        ("when", "what", "channel", "", "status"),
        [
            (instant(one.date), pb.TimelineType.Name(one.type).removeprefix("TIMELINE_TYPE_").lower(),
             _CHANNELS.get(one.channel, ""), one.campaign_name or one.trigger_type or one.coupon_code, one.status)
            for one in found.entries
        ],
    )  # fmt: skip
    out.result(document(found))


def _group(by: Group, row: Any) -> str:
    if by is Group.CHANNEL:
        return _CHANNELS.get(int(row.group_key or 0), "unknown")
    return str(row.group_name or row.group_key)
