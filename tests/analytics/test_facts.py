"""Facts and rollups hold whatever the order, however often the events come."""

import random
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from angarium.consent.v1 import consent_pb2
from angarium.delivery.v1 import message_pb2, receipt_service_pb2
from services.analytics.reports import campaigns as reports
from services.analytics.reports.domain import Counts
from services.analytics.rollups import handlers as rollups
from services.common.ids import uuid7, uuid7s
from tests.analytics.conftest import LATER, NOON, Feed

CLICK = receipt_service_pb2.ENGAGEMENT_KIND_CLICK
SCANNER = receipt_service_pb2.ENGAGEMENT_CLASS_SCANNER
PREFETCH = receipt_service_pb2.ENGAGEMENT_CLASS_PRIVACY_PREFETCH


async def counts(feed: Feed) -> Counts:
    report = await reports.campaign_report(feed.database, feed.tenant_id, feed.campaign_id, None)
    return report.counts


async def assert_rollups_equal_facts(feed: Feed) -> None:
    """Recounts everything from the facts: nothing may have been wrong, and the report may not change."""
    before = await counts(feed)
    start, end = NOON - timedelta(days=2), NOON + timedelta(days=3)
    found = await rollups.rebuild(feed.database, feed.tenant_id, start, end)
    assert found.changed == 0
    assert await counts(feed) == before


@pytest.mark.req("ANA-40", "ANA-41", "ANA-42", "ANA-43", "ANA-44")
async def test_a_message_is_counted_where_its_life_took_it(feed: Feed) -> None:
    ids = uuid7s(6)
    await feed.accepted(ids)
    await feed.sent(ids[:4])
    await feed.reached("message.delivered", ids[:3], at=LATER)
    await feed.reported("message.bounced", ids[2:3], at=LATER)
    await feed.stopped("message.failed", ids[4:5], "invalid_recipient")
    found = await counts(feed)
    assert (found.recipients, found.sent, found.delivered, found.bounced) == (6, 4, 2, 1)
    assert (found.failed, found.pending) == (1, 1)
    await assert_rollups_equal_facts(feed)


@pytest.mark.req("ANA-61", "ANA-62", "DEL-138")
async def test_events_in_any_order_and_twice_give_the_same_figures(feed: Feed) -> None:
    ids = uuid7s(20)
    steps = [
        lambda: feed.accepted(ids),
        lambda: feed.sent(ids[:15]),
        lambda: feed.reached("message.delivered", ids[:12], at=LATER),
        lambda: feed.reported("message.bounced", ids[12:14], at=LATER),
        lambda: feed.reported("message.complained", ids[:1], at=LATER),
        lambda: feed.stopped("message.skipped", ids[15:18], "opted_out"),
        lambda: feed.stopped("message.failed", ids[18:], "outcome_unknown"),
        lambda: feed.unsubscribed(ids[1], consent_pb2.OPT_OUT_SOURCE_UNSUBSCRIBE_LINK),
    ]
    order = [*steps, *steps]
    random.Random(7).shuffle(order)
    for step in order:
        await step()
    found = await counts(feed)
    assert (found.accepted, found.sent, found.delivered, found.bounced) == (20, 15, 12, 2)
    assert (found.skipped, found.failed, found.complained, found.unsubscribed) == (3, 2, 1, 1)
    await assert_rollups_equal_facts(feed)


@pytest.mark.req("DEL-30", "ANA-61")
async def test_a_message_that_is_tried_once_more_has_not_failed_until_it_fails_again(feed: Feed) -> None:
    ids = uuid7s(3)
    await feed.accepted(ids)
    await feed.stopped("message.failed", ids, "provider_unavailable")
    await feed.retried(ids, at=NOON + timedelta(minutes=5))
    found = await counts(feed)
    assert (found.failed, found.pending) == (0, 3)
    await feed.sent(ids[:1])
    await feed.stopped("message.failed", ids[1:2], "provider_unavailable", at=LATER)
    # Told once more, late: what failed since then stays failed, and what was sent stays sent.
    await feed.retried(ids[:2], at=NOON + timedelta(minutes=5))
    found = await counts(feed)
    assert (found.sent, found.failed, found.pending) == (1, 1, 1)
    await assert_rollups_equal_facts(feed)


@pytest.mark.req("ANA-45", "ANA-64", "ANA-65")
async def test_only_people_count_as_opened_and_clicked_and_a_click_implies_an_open(feed: Feed) -> None:
    ids = uuid7s(3)
    link = uuid7()
    await feed.accepted(ids)
    await feed.sent(ids)
    await feed.reached("message.delivered", ids)
    await feed.engaged(
        {"message_id": ids[0]},
        {"message_id": ids[0], "at": LATER},
        {"message_id": ids[1], "kind": CLICK, "link_id": link, "url": "https://example.com/a"},
        {"message_id": ids[2], "by": PREFETCH},
        {
            "message_id": ids[2],
            "kind": CLICK,
            "by": SCANNER,
            "link_id": link,
            "url": "https://example.com/a",
        },
    )
    found = await counts(feed)
    assert (found.opened, found.clicked) == (2, 1)
    report = await reports.campaign_report(feed.database, feed.tenant_id, feed.campaign_id, None)
    assert report.engagement == [(1, 1, 1, 2), (1, 3, 1, 1), (2, 1, 1, 1), (2, 4, 1, 1)]
    links = await reports.link_report(feed.database, feed.tenant_id, feed.campaign_id)
    assert [(row[0], *row[2:]) for row in links] == [(link, 1, 1, 1)]
    await assert_rollups_equal_facts(feed)


async def test_a_message_that_was_refused_made_nobody_unsubscribe(feed: Feed) -> None:
    """A provider that drops a message for an earlier opt-out tells of the opt-out with it, in either order."""
    ids = uuid7s(2)
    await feed.accepted(ids)
    await feed.sent(ids)
    await feed.unsubscribed(ids[0], consent_pb2.OPT_OUT_SOURCE_UNSUBSCRIBE_LINK)
    await feed.stopped("message.failed", ids, "dropped")
    await feed.unsubscribed(ids[1], consent_pb2.OPT_OUT_SOURCE_UNSUBSCRIBE_LINK)
    found = await counts(feed)
    assert (found.failed, found.unsubscribed) == (2, 0)
    await assert_rollups_equal_facts(feed)


async def test_a_replayed_block_of_hits_counts_nothing_twice(feed: Feed) -> None:
    [message_id] = uuid7s(1)
    await feed.accepted([message_id])
    payload = await feed.engaged({"message_id": message_id})
    await feed.apply("message.engaged", payload)
    report = await reports.campaign_report(feed.database, feed.tenant_id, feed.campaign_id, None)
    assert report.engagement == [(1, 1, 1, 1)]


@pytest.mark.req("ANA-58")
async def test_test_sends_count_in_cost_only(feed: Feed) -> None:
    ids = uuid7s(2)
    await feed.accepted(ids, origin=message_pb2.ORIGIN_TEST)
    await feed.sent(ids)
    await feed.costs(ids, 100_000)
    report = await reports.campaign_report(feed.database, feed.tenant_id, feed.campaign_id, None)
    assert report.counts == Counts()
    assert report.costs == {"USD": Decimal("0.000200")}


@pytest.mark.req("ANA-73")
async def test_a_corrected_price_replaces_the_estimate_of_its_attempt(feed: Feed) -> None:
    ids = uuid7s(2)
    await feed.accepted(ids)
    await feed.costs(ids, 100_000)
    await feed.costs(ids[:1], 250_000)
    await feed.costs(ids[:1], 50_000, attempt=2)
    report = await reports.campaign_report(feed.database, feed.tenant_id, feed.campaign_id, None)
    assert report.costs == {"USD": Decimal("0.000400")}


async def test_recipients_the_campaign_never_handed_over_are_reported_with_their_reason(feed: Feed) -> None:
    await feed.skipped(uuid7s(3), "no_consent")
    await feed.skipped(uuid7s(1), "suppressed")
    report = await reports.campaign_report(feed.database, feed.tenant_id, feed.campaign_id, None)
    assert (report.counts.recipients, report.counts.skipped, report.counts.pending) == (4, 4, 0)
    assert report.skips == [("no_consent", 3), ("suppressed", 1)]
    await assert_rollups_equal_facts(feed)


@pytest.mark.req("ANA-60", "ANA-63")
async def test_days_are_cut_in_the_tenants_zone_by_the_time_of_sending(feed: Feed) -> None:
    await feed.tenant("Asia/Kolkata")
    [early, late] = uuid7s(2)
    await feed.accepted([early, late])
    await feed.sent([early], at=NOON.replace(hour=18, minute=29))
    await feed.sent([late], at=NOON.replace(hour=18, minute=30))
    await feed.reached("message.delivered", [early], at=NOON + timedelta(days=1))
    report = await reports.campaign_report(feed.database, feed.tenant_id, feed.campaign_id, None)
    days = {day.isoformat(): (found.sent, found.delivered) for day, found in report.days if found.sent}
    assert days == {"2026-03-02": (1, 1), "2026-03-03": (1, 0)}


async def test_another_zone_moves_the_days_of_campaigns_that_were_sent_before(feed: Feed) -> None:
    [message_id] = uuid7s(1)
    await feed.accepted([message_id], at=NOON.replace(hour=23))
    await feed.sent([message_id], at=NOON.replace(hour=23))
    await feed.tenant("Asia/Tokyo")
    assert await rollups.recount_dirty(feed.database) == 1
    report = await reports.campaign_report(feed.database, feed.tenant_id, feed.campaign_id, None)
    assert [day.isoformat() for day, found in report.days if found.sent] == ["2026-03-03"]


async def test_a_tenant_sees_no_figure_of_another(feed: Feed) -> None:
    await feed.accepted(uuid7s(5))
    async with feed.database.tenant(UUID(int=9)) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM message_fact") == 0
        assert await uow.fetch_value("SELECT count(*) FROM cohort_stat") == 0
