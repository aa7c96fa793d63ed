"""Figures over ranges, as their callers get them; expected ones are counted by hand from what was told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from angarium.analytics.v1 import figures_pb2, metrics_service_pb2_grpc
from angarium.analytics.v1 import metrics_service_pb2 as pb
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.security.jwt import issue_person
from tests.analytics.desk import (
    CLICK,
    EMAIL,
    LATER,
    NOW,
    OPEN,
    PREFETCH,
    PUSH,
    SCANNER,
    SMS,
    TODAY,
    WHATSAPP,
    Desk,
    amounts,
    between,
    days,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


def percent(rate: figures_pb2.Rate) -> tuple[int, int, float]:
    return rate.numerator, rate.denominator, rate.percent


@pytest.mark.req(
    "ANA-15", "ANA-39", "ANA-46", "ANA-47", "ANA-48", "ANA-53", "ANA-54", "ANA-84", "ANA-88", "ANA-89"
)
async def test_metrics_count_each_message_where_its_life_took_it(desk: Desk) -> None:
    ids = await desk.accepted(10)
    await desk.sent(ids[:7])
    await desk.cost(ids[:7], "0.10")
    await desk.reached("delivered", ids[:3], at=NOW + timedelta(seconds=10))
    await desk.reached("delivered", ids[3:6], at=NOW + timedelta(seconds=40))
    await desk.reported("bounced", ids[5:6], at=LATER)
    await desk.stopped("failed", ids[7:8], "invalid_recipient")
    await desk.stopped("skipped", ids[8:9], "no_consent")
    await desk.engaged(ids[:2])
    await desk.engaged(ids[:1], CLICK)
    await desk.unsubscribed(ids[0])
    await desk.reported("complained", ids[1:2])
    found = await desk.metrics().GetMetrics(pb.GetMetricsRequest())
    counts, rates = found.counts, found.rates
    assert (counts.sent, counts.delivered, counts.bounced, counts.failed, counts.pending) == (7, 5, 1, 1, 1)
    assert percent(rates.delivery_rate) == (5, 7, 71.43)
    assert percent(rates.bounce_rate) == (1, 7, 14.29)
    assert percent(rates.failure_rate) == (1, 8, 12.5)
    assert percent(rates.open_rate) == (2, 5, 40.0)
    assert percent(rates.click_rate) == (1, 5, 20.0)
    assert percent(rates.click_to_open_rate) == (1, 2, 50.0)
    assert percent(rates.unsubscribe_rate) == (1, 5, 20.0)
    assert percent(rates.complaint_rate) == (1, 5, 20.0)
    # Mean over those delivered: three after 10 s, two after 40 s.
    assert found.average_delivery_time.ToTimedelta() == timedelta(seconds=22)
    assert amounts(found.costs) == {"EUR": Decimal("0.7")}


@pytest.mark.req("ANA-76")
async def test_an_answer_is_never_older_than_five_minutes_for_it_is_made_when_it_is_asked_for(
    desk: Desk,
) -> None:
    asked = pb.GetMetricsRequest(filter=figures_pb2.FigureFilter(channel=EMAIL))
    seen = []
    for count in (2, 3):
        await desk.sent(await desk.accepted(count))
        # The same filters each time: what was answered before stands in nobody's way.
        found = await desk.metrics().GetMetrics(asked)
        again = await desk.metrics().GetMetrics(asked)
        seen.append((found.counts.sent, again.counts.sent))
    assert seen == [(2, 2), (5, 5)]


@pytest.mark.req("ANA-39", "ANA-89", "ANA-90")
async def test_what_cannot_be_said_is_absent_and_not_zero(desk: Desk) -> None:
    found = await desk.metrics().GetMetrics(pb.GetMetricsRequest())
    assert found.counts == figures_pb2.MessageCounts()
    assert not found.rates.ListFields()
    assert not found.HasField("average_delivery_time")
    cost = await desk.metrics().GetCostMetrics(pb.GetCostMetricsRequest())
    assert not cost.costs_per_recipient
    assert not cost.costs_per_message


@pytest.mark.req("ANA-16", "ANA-17", "ANA-49", "ANA-50", "ANA-51", "ANA-52", "ANA-85")
async def test_every_channel_has_its_row_and_only_those_that_know_opens_have_an_open_rate(desk: Desk) -> None:
    mail = await desk.delivered(4)
    texts = await desk.delivered(5, channel=SMS)
    chats = await desk.delivered(2, channel=WHATSAPP)
    await desk.engaged(mail[:1])
    await desk.engaged(texts[:2], CLICK)
    await desk.reached("read", chats[:1])
    found = await desk.metrics().GetChannelMetrics(pb.GetChannelMetricsRequest())
    rows = {one.channel: one.figures for one in found.channels}
    assert list(rows) == [1, 2, 3, 4, 5, 6]
    assert percent(rows[EMAIL].rates.open_rate) == (1, 4, 25.0)
    assert not rows[SMS].rates.HasField("open_rate")
    assert percent(rows[SMS].rates.click_rate) == (2, 5, 40.0)
    assert percent(rows[WHATSAPP].rates.open_rate) == (1, 2, 50.0)
    assert percent(rows[WHATSAPP].rates.read_rate) == (1, 2, 50.0)
    assert rows[PUSH].counts.sent == 0
    # All channels together: texts open nothing, so they are in no open rate.
    whole = await desk.metrics().GetMetrics(pb.GetMetricsRequest())
    assert percent(whole.rates.open_rate) == (2, 6, 33.33)
    compared = await desk.metrics().GetChannelPerformance(pb.GetChannelPerformanceRequest())
    assert [(one.channel, one.sent) for one in compared.channels] == [
        (1, 4),
        (2, 5),
        (3, 2),
        (4, 0),
        (5, 0),
        (6, 0),
    ]
    assert percent(compared.channels[0].error_rate) == (0, 4, 0.0)
    assert not compared.channels[3].HasField("error_rate")


@pytest.mark.req("ANA-18", "ANA-63")
@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-10-25", 25),
        ("Asia/Kolkata", "2026-11-19", 24),
        ("America/New_York", "2026-11-01", 25),
    ],
)
async def test_a_day_has_the_hours_that_clocks_show_in_its_zone(
    desk: Desk, zone: str, day: str, hours: int
) -> None:
    await desk.tenant(zone)
    found = await desk.metrics().GetHourlyBreakdown(pb.GetHourlyBreakdownRequest(date=day))
    assert len(found.hours) == hours
    assert found.hours[0].hour == 0
    assert found.hours[-1].hour == 23


@pytest.mark.req("ANA-18", "ANA-85", "ANA-86")
async def test_an_hour_of_a_half_hour_zone_counts_what_happened_in_it(desk: Desk) -> None:
    await desk.tenant("Asia/Kolkata")
    at = datetime(2026, 11, 19, 18, 29, tzinfo=UTC)
    await desk.sent(await desk.accepted(1, at=at), at=at)
    late = at + timedelta(minutes=1)
    texts = await desk.accepted(2, at=late, channel=SMS)
    await desk.sent(texts, at=late)
    await desk.stopped("failed", await desk.accepted(1, at=late), "x", at=late)
    before = await desk.metrics().GetHourlyBreakdown(pb.GetHourlyBreakdownRequest(date="2026-11-19"))
    assert [(one.hour, one.sent) for one in before.hours if one.sent] == [(23, 1)]
    after = await desk.metrics().GetHourlyBreakdown(pb.GetHourlyBreakdownRequest(date="2026-11-20"))
    [first] = [one for one in after.hours if one.sent or one.failed]
    assert (first.hour, first.sent, first.failed) == (0, 2, 1)
    assert [(one.channel, one.sent, one.failed) for one in first.channels] == [(EMAIL, 0, 1), (SMS, 2, 0)]


@pytest.mark.req("ANA-19", "ANA-20", "ANA-64")
async def test_top_types_and_templates_are_ordered_as_they_say(desk: Desk) -> None:
    offers = await desk.delivered(3, category=enums_pb2.CATEGORY_OFFER, template_name="offer")
    news = await desk.delivered(5, template_name="news")
    await desk.delivered(3, category=enums_pb2.CATEGORY_BIRTHDAY, template_name="birthday")
    await desk.engaged(offers[:2])
    await desk.engaged(offers[:2])
    await desk.engaged(news[:2])
    await desk.engaged(offers[:1], CLICK)
    types = await desk.metrics().GetTopTypes(pb.GetTopTypesRequest())
    assert [(one.category, one.count) for one in types.types] == [
        (enums_pb2.CATEGORY_NEWSLETTER, 5),
        (enums_pb2.CATEGORY_OFFER, 3),
        (enums_pb2.CATEGORY_BIRTHDAY, 3),
    ]
    templates = await desk.metrics().GetTopTemplates(pb.GetTopTemplatesRequest(limit=2))
    assert [(one.template_name, one.total, one.opens, one.clicks) for one in templates.templates] == [
        ("offer", 3, 2, 1),
        ("news", 5, 2, 0),
    ]


@pytest.mark.req("ANA-21", "ANA-60", "ANA-91")
async def test_a_series_has_no_gaps_and_counts_by_event_or_by_sending(desk: Desk) -> None:
    monday = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
    ids = await desk.accepted(3, at=monday)
    await desk.sent(ids, at=monday)
    await desk.reached("delivered", ids, at=monday + timedelta(days=8))
    wanted = days("2026-11-08", "2026-11-18")
    request = pb.GetTimeSeriesRequest(
        metric=pb.SERIES_METRIC_DELIVERED, period=pb.SERIES_PERIOD_DAY, range=wanted
    )
    points = (await desk.metrics().GetTimeSeries(request)).points
    assert [one.value for one in points] == [0] * 9 + [3, 0]
    request.basis = pb.SERIES_BASIS_SEND_TIME
    points = (await desk.metrics().GetTimeSeries(request)).points
    assert [one.value for one in points] == [0, 3] + [0] * 9
    request.period = pb.SERIES_PERIOD_WEEK
    points = (await desk.metrics().GetTimeSeries(request)).points
    # Weeks begin on Monday, the first one before the range.
    assert [(one.start_time.ToDatetime().day, one.value) for one in points] == [(2, 0), (9, 3), (16, 0)]
    request.period = pb.SERIES_PERIOD_MONTH
    request.basis = pb.SERIES_BASIS_EVENT_TIME
    points = (await desk.metrics().GetTimeSeries(request)).points
    assert [(one.start_time.ToDatetime().day, one.value) for one in points] == [(1, 3)]
    request.period = pb.SERIES_PERIOD_HOUR
    request.metric = pb.SERIES_METRIC_SENT
    request.range.CopyFrom(days("2026-11-09"))
    points = (await desk.metrics().GetTimeSeries(request)).points
    assert len(points) == 24
    assert [number for number, one in enumerate(points) if one.value] == [9]


@pytest.mark.req("ANA-21", "ANA-63")
async def test_a_series_is_cut_in_the_zone_that_is_named(desk: Desk) -> None:
    at = datetime(2026, 11, 18, 23, 40, tzinfo=UTC)
    await desk.sent(await desk.accepted(2, at=at), at=at)
    request = pb.GetTimeSeriesRequest(
        metric=pb.SERIES_METRIC_SENT,
        period=pb.SERIES_PERIOD_DAY,
        range=days("2026-11-18", "2026-11-19", "Asia/Kathmandu"),
    )
    assert [one.value for one in (await desk.metrics().GetTimeSeries(request)).points] == [0, 2]
    request.range.time_zone = "UTC"
    assert [one.value for one in (await desk.metrics().GetTimeSeries(request)).points] == [2, 0]


@pytest.mark.req("ANA-22", "ANA-43")
async def test_what_waits_is_pending_until_it_is_sent_or_final(desk: Desk) -> None:
    ids = await desk.accepted(4)
    await desk.stopped("deferred", ids[:1], "quiet_hours")
    await desk.tried_again(ids[1:2])
    found = await desk.metrics().GetDeliveryMetrics(pb.GetDeliveryMetricsRequest())
    assert (found.sent, found.pending) == (0, 4)
    await desk.sent(ids[:2])
    await desk.stopped("expired", ids[2:3])
    found = await desk.metrics().GetDeliveryMetrics(pb.GetDeliveryMetricsRequest())
    assert (found.sent, found.pending) == (2, 1)
    assert not found.HasField("failure_rate") or found.failure_rate.denominator == 2


@pytest.mark.req("ANA-23", "ANA-100")
async def test_providers_are_compared_day_by_day_with_their_retries(desk: Desk) -> None:
    first = await desk.accepted(4)
    await desk.tried_again(first[:3])
    await desk.tried_again(first[:1], 2)
    await desk.sent(first[:2], provider="sendgrid")
    await desk.stopped("failed", first[2:3], "gave_up")
    await desk.sent(first[3:], provider="smtp")
    await desk.reached("delivered", first[:1])
    rows = (await desk.metrics().GetDeliveryStats(pb.GetDeliveryStatsRequest())).days
    found = {
        (one.date, one.provider): (
            one.sent,
            one.delivered,
            one.failed,
            one.retried,
            one.retry_success,
            one.retry_failure,
        )
        for one in rows
    }
    assert found == {
        ("2026-11-20", ""): (0, 0, 1, 1, 0, 1),
        ("2026-11-20", "sendgrid"): (2, 1, 0, 2, 2, 0),
        ("2026-11-20", "smtp"): (1, 0, 0, 0, 0, 0),
    }


@pytest.mark.req("ANA-24", "ANA-65", "ANA-93", "W6")
async def test_engagement_is_of_people_with_what_machines_did_beside_it(desk: Desk) -> None:
    ids = await desk.delivered(10)
    await desk.engaged(ids[:2])
    await desk.engaged(ids[:2])
    await desk.engaged(ids[1:6], OPEN, PREFETCH)
    await desk.engaged(ids[:1], CLICK)
    await desk.engaged(ids[4:8], CLICK, SCANNER)
    await desk.unsubscribed(ids[0])
    found = await desk.metrics().GetEngagementMetrics(pb.GetEngagementMetricsRequest())
    assert (found.opened, found.clicked, found.unsubscribed) == (2, 1, 1)
    assert (found.opens, found.clicks, found.machine_opens, found.machine_clicks) == (4, 1, 5, 4)
    assert percent(found.open_rate) == (2, 10, 20.0)
    # Opened by anybody: 0 and 1 by people, 1 to 5 by a prefetch, 4 to 7 clicked by a scanner.
    assert percent(found.raw_open_rate) == (8, 10, 80.0)
    assert percent(found.raw_click_rate) == (5, 10, 50.0)


@pytest.mark.req("ANA-25", "ANA-55", "ANA-90")
async def test_cost_is_cut_every_way_and_divided_by_the_contacts_it_was_for(desk: Desk) -> None:
    branch, contact = uuid7(), uuid7()
    mail = await desk.accepted(3, branch_id=branch, contacts=[contact, contact, uuid7()])
    await desk.sent(mail)
    await desk.cost(mail, "0.10")
    texts = await desk.accepted(1, channel=SMS)
    await desk.sent(texts, provider="twilio")
    await desk.cost(texts, "0.05", currency="USD", provider="twilio")
    found = await desk.metrics().GetCostMetrics(pb.GetCostMetricsRequest())
    assert amounts(found.costs) == {"EUR": Decimal("0.3"), "USD": Decimal("0.05")}
    assert {one.channel: amounts(one.costs) for one in found.channels} == {
        EMAIL: {"EUR": Decimal("0.3")},
        SMS: {"USD": Decimal("0.05")},
    }
    assert {one.branch_id: amounts(one.costs) for one in found.branches} == {
        str(branch): {"EUR": Decimal("0.3")},
        "": {"USD": Decimal("0.05")},
    }
    assert {one.provider for one in found.providers} == {"sendgrid", "twilio"}
    assert found.recipient_count == 3
    assert amounts(found.costs_per_recipient)["EUR"] == Decimal("0.1")
    assert amounts(found.costs_per_message)["EUR"] == Decimal("0.075")


@pytest.mark.req("ANA-75", "SEC-38", "SEC-39")
async def test_cost_is_shown_to_those_who_may_see_it_only(desk: Desk) -> None:
    ids = await desk.delivered(1)
    await desk.cost(ids, "0.10")
    seen = await desk.metrics("branch_manager").GetMetrics(pb.GetMetricsRequest())
    assert amounts(seen.costs) == {"EUR": Decimal("0.1")}
    hidden = await desk.metrics("receptionist").GetMetrics(pb.GetMetricsRequest())
    assert (hidden.counts.sent, list(hidden.costs)) == (1, [])
    series = pb.GetTimeSeriesRequest(metric=pb.SERIES_METRIC_COST, period=pb.SERIES_PERIOD_DAY, range=TODAY)
    [point] = (await desk.metrics().GetTimeSeries(series)).points
    assert amounts(point.costs) == {"EUR": Decimal("0.1")}
    for call in (
        desk.metrics("receptionist").GetCostMetrics(pb.GetCostMetricsRequest()),
        desk.metrics("receptionist").GetTimeSeries(series),
        desk.metrics("platform_admin").GetMetrics(pb.GetMetricsRequest()),
    ):
        with pytest.raises(ServiceError) as refused:
            await call
        assert refused.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("ANA-75", "SEC-39")
async def test_a_platform_administrator_sees_cost_by_tenant_and_nothing_else(desk: Desk) -> None:
    other = Desk(desk.served, desk.clock)
    for one, price in ((desk, "0.10"), (other, "0.30")):
        await one.cost(await one.delivered(2), price)
    token = issue_person(desk.served.settings, None, "root", ["platform_admin"], [])
    stub = desk.served._stub(metrics_service_pb2_grpc.MetricsServiceStub, token, None)
    found = await stub.GetCostMetrics(pb.GetCostMetricsRequest())
    costs = {one.tenant_id: amounts(one.costs) for one in found.tenants}
    assert costs[str(desk.tenant_id)] == {"EUR": Decimal("0.2")}
    assert costs[str(other.tenant_id)] == {"EUR": Decimal("0.6")}
    assert not found.channels
    with pytest.raises(ServiceError) as refused:
        await stub.GetMetrics(pb.GetMetricsRequest())
    assert refused.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("ANA-75")
async def test_somebody_limited_to_branches_sees_figures_of_these_alone(desk: Desk) -> None:
    mine, other = uuid7(), uuid7()
    await desk.delivered(2, branch_id=mine)
    await desk.delivered(3, branch_id=other)
    await desk.delivered(4)
    whole = await desk.metrics().GetMetrics(pb.GetMetricsRequest())
    assert whole.counts.sent == 9
    limited = desk.metrics("branch_manager", branches=[mine])
    assert (await limited.GetMetrics(pb.GetMetricsRequest())).counts.sent == 2
    templates = await limited.GetTopTemplates(pb.GetTopTemplatesRequest())
    assert [one.total for one in templates.templates] == [2]
    theirs = figures_pb2.FigureFilter(branch_id=str(other))
    with pytest.raises(ServiceError) as refused:
        await limited.GetMetrics(pb.GetMetricsRequest(filter=theirs))
    assert refused.value.reason == "PERMISSION_DENIED"
    with pytest.raises(ServiceError) as refused:
        await limited.GetHealthScore(pb.GetHealthScoreRequest())
    assert refused.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("ANA-94")
async def test_no_figure_is_another_tenants(desk: Desk) -> None:
    await Desk(desk.served, desk.clock).delivered(5)
    assert (await desk.metrics().GetMetrics(pb.GetMetricsRequest())).counts.sent == 0
    assert not (await desk.metrics().GetTopTypes(pb.GetTopTypesRequest())).types


@pytest.mark.req("ANA-58")
async def test_tests_and_messages_to_staff_are_in_cost_alone(desk: Desk) -> None:
    ids = [
        *await desk.delivered(1, origin=message_pb2.ORIGIN_TEST),
        *await desk.delivered(1, is_staff=True),
    ]
    await desk.cost(ids, "0.10")
    found = await desk.metrics().GetMetrics(pb.GetMetricsRequest())
    assert (found.counts.sent, amounts(found.costs)) == (0, {"EUR": Decimal("0.2")})


@pytest.mark.req("ANA-59", "ANA-79", "SEC-122")
@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (between(NOW, NOW - timedelta(days=1)), "VALIDATION_FAILED"),
        (between(NOW, NOW), "VALIDATION_FAILED"),
        (between(NOW - timedelta(days=401), NOW), "RANGE_TOO_LARGE"),
        (days("2026-11-20", "2026-11-19"), "VALIDATION_FAILED"),
        (days("2026-02-30"), "VALIDATION_FAILED"),
        (days("2026-11-20", zone="Mars/Olympus"), "VALIDATION_FAILED"),
    ],
)
async def test_a_range_that_is_none_or_too_long_is_refused(
    desk: Desk, asked: figures_pb2.TimeRange, reason: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        await desk.metrics().GetMetrics(pb.GetMetricsRequest(range=asked))
    assert refused.value.reason == reason


@pytest.mark.req("ANA-78", "ANA-79", "SEC-48")
async def test_unknown_words_never_get_further_than_the_door(desk: Desk) -> None:
    for request in (
        pb.GetTimeSeriesRequest(metric=99, period=pb.SERIES_PERIOD_DAY),  # type: ignore[arg-type]
        pb.GetTimeSeriesRequest(metric=pb.SERIES_METRIC_SENT, period=77),  # type: ignore[arg-type]
        pb.GetTimeSeriesRequest(period=pb.SERIES_PERIOD_DAY),
    ):
        with pytest.raises(ServiceError) as refused:
            await desk.metrics().GetTimeSeries(request)
        assert refused.value.code == "MARKETING_063"
    with pytest.raises(ServiceError) as refused:
        await desk.metrics().GetMetrics(pb.GetMetricsRequest(filter={"channel": 42}))
    assert refused.value.code == "MARKETING_063"
    hours = pb.GetTimeSeriesRequest(
        metric=pb.SERIES_METRIC_SENT,
        period=pb.SERIES_PERIOD_HOUR,
        range=between(NOW - timedelta(days=390), NOW),
    )
    with pytest.raises(ServiceError) as refused:
        await desk.metrics().GetTimeSeries(hours)
    assert refused.value.code == "MARKETING_084"
