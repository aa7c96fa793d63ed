"""Reports of campaigns, as their callers get them."""

from datetime import timedelta
from decimal import Decimal

import pytest

from angarium.analytics.v1 import ingest_service_pb2, ingest_service_pb2_grpc
from angarium.analytics.v1 import metrics_service_pb2 as metrics_pb
from angarium.analytics.v1 import report_service_pb2 as pb
from angarium.campaign.v1 import campaign_events_pb2
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.security.jwt import issue_person
from tests.analytics.desk import (
    CLICK,
    LATER,
    NOW,
    OPEN,
    PREFETCH,
    SCANNER,
    SMS,
    Campaign,
    Desk,
    amounts,
    days,
    euros,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def report(desk: Desk, campaign: Campaign, *roles: str) -> pb.GetCampaignReportResponse:
    request = pb.GetCampaignReportRequest(campaign_id=str(campaign.campaign_id))
    found: pb.GetCampaignReportResponse = await desk.reports(*roles).GetCampaignReport(request)
    return found


@pytest.mark.req("ANA-6", "ANA-28", "ANA-67", "ANA-57", "ANA-102", "CAM-148")
async def test_a_campaigns_report_tells_what_became_of_it_and_what_it_brought(desk: Desk) -> None:
    campaign = await desk.campaign(name="Spring")
    ids = await campaign.delivered(8)
    await desk.cost(ids, "0.10")
    skipped = await desk.accepted(2, **campaign.dimensions)
    await desk.stopped("skipped", skipped, "no_consent")
    await desk.engaged(ids[:4])
    await desk.reported("bounced", ids[7:])
    # When the campaign is long sent, figures go on.
    await desk.engaged(ids[:2], CLICK, at=NOW + timedelta(minutes=9))
    await desk.converted(message_id=ids[0], value=euros(3))
    bought = await desk.converted(message_id=ids[1], value=euros(2))
    await desk.refunded(bought.conversion.order_ref, "1")
    completed = campaign_events_pb2.CampaignCompleted(campaign_id=str(campaign.campaign_id))
    await desk.tell("campaign.completed", completed, LATER)
    found = await report(desk, campaign)
    assert (found.name, found.channel, found.campaign_state) == ("Spring", 1, "sent")
    counts = found.counts
    assert (counts.recipients, counts.sent, counts.delivered, counts.skipped) == (10, 8, 7, 2)
    assert [(one.reason, one.count) for one in found.skips] == [("no_consent", 2)]
    # Five euros less the refund of one, for 0.80 spent.
    assert amounts(found.revenues) == {"EUR": Decimal(4)}
    assert amounts(found.costs) == {"EUR": Decimal("0.8")}
    assert amounts(found.costs_per_message) == {"EUR": Decimal("0.1")}
    assert found.roi_percent == 400.0
    assert found.conversion_count == 2
    assert [run.run_id for run in found.runs] == [str(campaign.run_id)]
    assert [(one.date, one.counts.sent) for one in found.days] == [("2026-11-20", 8)]
    assert found.first_send_time.ToDatetime() == NOW.replace(tzinfo=None)
    assert found.start_time.ToDatetime() == NOW.replace(tzinfo=None)
    assert found.complete_time.ToDatetime() == LATER.replace(tzinfo=None)


@pytest.mark.req("ANA-57", "ANA-82")
async def test_money_of_two_currencies_stays_apart_and_has_no_return(desk: Desk) -> None:
    campaign = await desk.campaign()
    ids = await campaign.delivered(2)
    assert not (await report(desk, campaign)).HasField("roi_percent")
    await desk.cost(ids, "0.10")
    assert (await report(desk, campaign)).roi_percent == -100.0
    await desk.converted(message_id=ids[0], value=euros(5, "USD"))
    found = await report(desk, campaign)
    assert amounts(found.revenues) == {"USD": Decimal(5)}
    assert not found.HasField("roi_percent")


@pytest.mark.req("SEC-39", "ANA-75")
async def test_a_report_leaves_cost_out_for_those_who_may_not_see_it(desk: Desk) -> None:
    campaign = await desk.campaign()
    await desk.cost(await campaign.delivered(1), "0.10")
    found = await report(desk, campaign, "receptionist")
    assert found.counts.sent == 1
    assert not found.costs
    assert not found.costs_per_message
    assert not found.HasField("roi_percent")
    assert not found.runs[0].costs


@pytest.mark.req("ANA-28", "ANA-80")
async def test_a_campaign_nobody_told_of_is_not_there_nor_another_tenants(desk: Desk) -> None:
    other = Desk(desk.served, desk.clock)
    await other.tenant()
    campaign = await other.campaign()
    for call in ("GetCampaignReport", "GetAbTestReport", "GetLinkReport"):
        request = getattr(pb, f"{call}Request")(campaign_id=str(campaign.campaign_id))
        with pytest.raises(ServiceError) as refused:
            await getattr(desk.reports(), call)(request)
        assert (refused.value.reason, refused.value.code) == ("NOT_FOUND", "MARKETING_060")


@pytest.mark.req("ANA-28", "ANA-75")
async def test_runs_and_branches_have_figures_of_their_own(desk: Desk) -> None:
    campaign = await desk.campaign()
    second, branch = uuid7(), uuid7()
    await campaign.delivered(2)
    await campaign.delivered(3, run_id=second, branch_id=branch)
    request = pb.GetCampaignReportRequest(campaign_id=str(campaign.campaign_id), run_id=str(second))
    assert (await desk.reports().GetCampaignReport(request)).counts.sent == 3
    whole = await report(desk, campaign)
    assert {run.run_id: run.counts.sent for run in whole.runs} == {str(campaign.run_id): 2, str(second): 3}
    request = pb.GetCampaignReportRequest(campaign_id=str(campaign.campaign_id))
    limited = await desk.reports("branch_manager", branches=[branch]).GetCampaignReport(request)
    assert limited.counts.sent == 3


@pytest.mark.req("ANA-29", "ANA-68", "W6")
async def test_arms_are_compared_by_people_alone_and_no_winner_is_named(desk: Desk) -> None:
    campaign = await desk.campaign("b", "a")
    first = await campaign.delivered(200, variant_key="b")
    other = await campaign.delivered(100, variant_key="a")
    await desk.engaged(first[:40])
    await desk.engaged(other[:35])
    # A scanner follows every link of the first arm: nothing changes.
    await desk.engaged(first, CLICK, SCANNER)
    for message_id in other[:3]:
        await desk.converted(message_id=message_id, value=euros(10))
    request = pb.GetAbTestReportRequest(campaign_id=str(campaign.campaign_id))
    found = await desk.reports().GetAbTestReport(request)
    one, two = found.arms
    assert [(arm.variant_key, arm.share.numerator, arm.share.denominator) for arm in (one, two)] == [
        ("b", 200, 300),
        ("a", 100, 300),
    ]
    assert not one.HasField("open_rate")
    assert (two.rates.open_rate.percent, two.open_rate.lift_percent) == (35.0, 75.0)
    assert two.open_rate.verdict == pb.Comparison.VERDICT_SIGNIFICANT
    # Pooled share 0.25: (0.35 - 0.20) / sqrt(0.25 * 0.75 * (1/200 + 1/100)).
    assert two.open_rate.z_score == pytest.approx(2.8284, abs=1e-4)
    assert two.open_rate.p_value == pytest.approx(0.0047, abs=1e-4)
    assert two.open_rate.difference.low_percent > 0
    assert two.click_rate.verdict == pb.Comparison.VERDICT_NOT_SIGNIFICANT
    assert (two.rates.conversion_rate.numerator, two.rates.conversion_rate.percent) == (3, 3.0)
    assert two.conversion_rate.verdict == pb.Comparison.VERDICT_SIGNIFICANT
    assert amounts(two.revenues) == {"EUR": Decimal(30)}
    assert (one.open_interval.low_percent, one.open_interval.high_percent) == (15.05, 26.09)


@pytest.mark.req("ANA-68")
async def test_an_arm_with_fewer_than_a_hundred_delivered_is_not_compared(desk: Desk) -> None:
    campaign = await desk.campaign("a", "b")
    await desk.engaged(await campaign.delivered(100, variant_key="a"))
    await desk.engaged((await campaign.delivered(99, variant_key="b"))[:10])
    request = pb.GetAbTestReportRequest(campaign_id=str(campaign.campaign_id))
    arm = (await desk.reports().GetAbTestReport(request)).arms[1]
    assert arm.open_rate.verdict == pb.Comparison.VERDICT_NOT_ENOUGH_DATA
    assert not arm.open_rate.HasField("p_value")


@pytest.mark.req("ANA-30", "ANA-98")
async def test_links_count_people_once_each_and_machines_apart_for_a_campaign_or_a_template(
    desk: Desk,
) -> None:
    campaign = await desk.campaign()
    link, rare = uuid7(), uuid7()
    ids = await campaign.delivered(3, template_name="spring")
    await desk.engaged(ids[:2], CLICK, link=link)
    await desk.engaged(ids[:1], CLICK, link=link)
    await desk.engaged(ids, CLICK, SCANNER, link=link)
    await desk.engaged(ids[:1], CLICK, link=rare, url="https://shop.example/b")
    for request in (
        pb.GetLinkReportRequest(campaign_id=str(campaign.campaign_id)),
        pb.GetLinkReportRequest(template_name="spring"),
    ):
        links = (await desk.reports().GetLinkReport(request)).links
        found = [(one.link_id, one.unique_clicks, one.total_clicks, one.machine_clicks) for one in links]
        assert found == [(str(link), 2, 3, 3), (str(rare), 1, 1, 0)]
    assert not (await desk.reports().GetLinkReport(pb.GetLinkReportRequest(template_name="other"))).links


@pytest.mark.req("ANA-32")
async def test_campaigns_are_listed_page_by_page_in_the_order_asked_for(desk: Desk) -> None:
    campaigns = []
    for number, (sent, opened) in enumerate(((5, 1), (3, 3), (4, 2))):
        campaign = await desk.campaign(name=f"C{number}")
        ids = await campaign.delivered(sent, at=NOW - timedelta(days=number))
        await desk.engaged(ids[:opened])
        campaigns.append(campaign)
    await desk.delivered(7)

    async def listed(sort: int, **given: object) -> list[str]:
        names, token = [], ""
        while True:
            request = pb.ListCampaignPerformanceRequest(sort=sort, page_size=2, page_token=token, **given)  # type: ignore[arg-type]
            answer = await desk.reports().ListCampaignPerformance(request)
            names += [one.name for one in answer.campaigns]
            token = answer.next_page_token
            if not token:
                return names

    assert await listed(pb.CAMPAIGN_SORT_SENT) == ["C0", "C2", "C1"]
    assert await listed(pb.CAMPAIGN_SORT_LAST_SENT) == ["C0", "C1", "C2"]
    assert await listed(pb.CAMPAIGN_SORT_OPEN_RATE) == ["C1", "C2", "C0"]
    assert await listed(pb.CAMPAIGN_SORT_SENT, range=days("2026-11-18", "2026-11-19")) == ["C2", "C1"]
    assert await listed(pb.CAMPAIGN_SORT_SENT, channel=SMS) == []


@pytest.mark.req("ANA-31")
async def test_the_overview_is_of_marketing_with_what_stands_around_it(desk: Desk) -> None:
    await desk.tenant(limit=10)
    campaign = await desk.campaign()
    ids = await campaign.delivered(4)
    await desk.cost(ids, "0.50")
    await desk.delivered(3, message_class=1)
    await desk.unsubscribed(ids[0])
    found = await desk.reports().GetMarketingOverview(pb.GetMarketingOverviewRequest())
    assert (found.totals.counts.sent, found.active_campaigns, found.opt_outs) == (4, 1, 1)
    assert [(one.name, one.counts.sent) for one in found.top_campaigns] == [("Spring", 4)]
    assert (amounts([found.budget.spend]), amounts([found.budget.limit])) == (
        {"EUR": Decimal(2)},
        {"EUR": Decimal(10)},
    )
    assert found.budget.percent == 20.0
    hidden = await desk.reports("receptionist").GetMarketingOverview(pb.GetMarketingOverviewRequest())
    assert not hidden.HasField("budget")
    assert not hidden.top_campaigns[0].costs


@pytest.mark.req("ANA-9", "ANA-33", "ANA-73")
async def test_spend_is_what_was_billed_by_month_and_group_against_the_limit(desk: Desk) -> None:
    await desk.tenant(limit=2)
    campaign = await desk.campaign(name="Spring")
    mail = await campaign.delivered(4)
    await desk.cost(mail, "0.25")
    # A real price replaces the estimate; a second attempt is billed beside the first.
    await desk.cost(mail[:1], "0.45")
    await desk.cost(mail[1:2], "0.10", attempt=2, provider="smtp")
    texts = await desk.accepted(1, channel=SMS)
    await desk.cost(texts, "0.70", provider="twilio", period="2026-10")
    # What is transactional counts for no limit; what the platform bears is nobody's spend.
    await desk.cost(await desk.accepted(1, message_class=1), "0.10", provider="smtp", budgeted=False)
    await desk.cost(await desk.accepted(1), "5", provider="smtp", platforms=True)
    ask = desk.reports().GetSpendSummary
    found = await ask(pb.GetSpendSummaryRequest(group=pb.SPEND_GROUP_PROVIDER))
    assert [(one.group_key, amounts([one.spend]), one.attempt_count, one.percent) for one in found.rows] == [
        ("sendgrid", {"EUR": Decimal("1.2")}, 4, 85.71),
        ("smtp", {"EUR": Decimal("0.2")}, 2, 14.29),
    ]
    assert [(one.billing_period, one.percent) for one in found.months] == [("2026-11", 65.0)]
    both = pb.GetSpendSummaryRequest(
        start_month="2026-10", end_month="2026-11", group=pb.SPEND_GROUP_CAMPAIGN
    )
    found = await ask(both)
    assert [(one.billing_period, one.group_name, amounts([one.spend])["EUR"]) for one in found.rows] == [
        ("2026-10", "", Decimal("0.7")),
        ("2026-11", "Spring", Decimal("1.3")),
        ("2026-11", "", Decimal("0.1")),
    ]
    with pytest.raises(ServiceError) as refused:
        await ask(pb.GetSpendSummaryRequest(start_month="2025-01", end_month="2026-11"))
    assert refused.value.reason == "RANGE_TOO_LARGE"


@pytest.mark.req("ANA-36", "ANA-101")
async def test_a_purchase_is_credited_to_the_last_reminder_before_it(desk: Desk) -> None:
    contact, patient = uuid7(), uuid7()
    for number, at in ((1, NOW - timedelta(days=3)), (2, NOW - timedelta(days=1))):
        ids = await desk.accepted(
            2, at=at, template_name=f"pay-reminder-{number}", contacts=[contact, patient]
        )
        await desk.sent(ids, at=at)
    await desk.delivered(1, template_name="pay-reminder-late-fee")
    await desk.converted(contact_id=contact, at=NOW - timedelta(days=2))
    await desk.converted(contact_id=patient, at=NOW - timedelta(minutes=30))
    await desk.converted(contact_id=uuid7())
    request = pb.GetReminderEffectivenessRequest(template_family="pay-reminder")
    found = await desk.reports().GetReminderEffectiveness(request)
    assert [(one.number, one.sent, one.converted, one.average_minutes) for one in found.reminders] == [
        (1, 2, 1, 1440.0),
        (2, 2, 1, 1410.0),
    ]
    assert found.reminders[0].conversion_rate.percent == 50.0


@pytest.mark.req("ANA-56", "ANA-67")
async def test_coupons_of_a_campaign_show_what_they_brought(desk: Desk) -> None:
    campaign = await desk.campaign()
    ids = await campaign.delivered(4)
    redeemed = ingest_service_pb2.CONVERSION_TYPE_COUPON_REDEMPTION
    await desk.converted(message_id=ids[0], conversion_type=redeemed, coupon_code="MAY", value=euros(7))
    found = await report(desk, campaign)
    [coupon] = found.coupons
    assert (coupon.coupon_code, coupon.redemption_count) == ("MAY", 1)
    assert (coupon.redemption_rate.numerator, coupon.redemption_rate.denominator) == (1, 4)
    assert amounts(coupon.revenues) == {"EUR": Decimal(7)}


@pytest.mark.req("ANA-38", "ANA-62")
async def test_an_administrator_recounts_and_finds_nothing_wrong(desk: Desk) -> None:
    campaign = await desk.campaign("a", "b")
    ids = await campaign.delivered(5, variant_key="a")
    await desk.cost(ids, "0.10")
    await desk.engaged(ids[:2], OPEN, PREFETCH)
    await desk.engaged(ids[:2], CLICK, link=uuid7())
    token = issue_person(desk.served.settings, desk.tenant_id, "root", ["platform_admin"], [])
    stub = desk.served._stub(ingest_service_pb2_grpc.IngestServiceStub, token, None)
    request = ingest_service_pb2.RebuildRollupsRequest()
    request.start_time.FromDatetime(NOW - timedelta(days=19))
    request.end_time.FromDatetime(NOW + timedelta(days=11))
    answer = await stub.RebuildRollups(request)
    assert answer.row_count > 0
    assert answer.changed_count == 0
    async with desk.database.tenant(desk.tenant_id) as uow:
        for table in (
            "rollup_fine",
            "rollup_daily",
            "cohort_stat",
            "spend_rollup",
            "campaign_engagement",
            "link_stat",
        ):
            await uow.execute(f"DELETE FROM {table}")
    assert (await stub.RebuildRollups(request)).changed_count > 0
    assert (await report(desk, campaign)).counts.sent == 5
    assert (await desk.metrics().GetMetrics(metrics_pb.GetMetricsRequest())).counts.clicked == 2
