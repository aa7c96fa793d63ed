"""A later verdict on a hit replaces the earlier one everywhere, in whatever order and however often they are told."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from angarium.delivery.v1 import delivery_events_pb2 as delivery_pb2
from angarium.delivery.v1 import message_pb2, receipt_service_pb2
from services.analytics.reports import campaigns as reports
from services.analytics.rollups import handlers as rollups
from services.common.ids import uuid7s
from tests.analytics.conftest import LATER, NOON, Feed

OPEN, CLICK = receipt_service_pb2.ENGAGEMENT_KIND_OPEN, receipt_service_pb2.ENGAGEMENT_KIND_CLICK
HUMAN = receipt_service_pb2.ENGAGEMENT_CLASS_HUMAN
PROXY = receipt_service_pb2.ENGAGEMENT_CLASS_PROXY
SCANNER = receipt_service_pb2.ENGAGEMENT_CLASS_SCANNER
MESSAGES, LINKS, HITS, JUDGEMENTS = 4, 2, 8, 3


@dataclass(frozen=True)
class Hit:
    """A fetch of one message, with the verdicts it got one after the other."""

    message: int
    kind: int
    link: int
    minute: int
    verdicts: tuple[int, ...]


@dataclass(frozen=True)
class Story:
    """Hits, and the order in which analytics hears of them, of their messages, and of their sending."""

    hits: tuple[Hit, ...]
    steps: tuple[Any, ...]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    hits = draw(
        st.lists(
            st.builds(
                Hit,
                st.integers(0, MESSAGES - 1),
                st.sampled_from((OPEN, CLICK)),
                st.integers(0, LINKS - 1),
                st.integers(0, 50),
                st.lists(st.integers(1, 4), min_size=JUDGEMENTS, max_size=JUDGEMENTS).map(tuple),
            ),
            min_size=1,
            max_size=HITS,
        )
    )
    told = st.tuples(st.integers(0, len(hits) - 1), st.integers(1, JUDGEMENTS))
    blocks = st.lists(told, min_size=1, max_size=8).map(lambda block: ("engaged", tuple(block)))
    others = st.tuples(st.sampled_from(("accepted", "sent")), st.integers(0, MESSAGES - 1))
    return Story(tuple(hits), tuple(draw(st.lists(st.one_of(blocks, others), min_size=1, max_size=14))))


class Telling:
    """Tells a story to analytics, as a tenant of its own."""

    def __init__(self, feed: Feed, hits: Sequence[Hit]) -> None:
        self.feed = Feed(feed.database, tenant_id=uuid4())
        self.hits = hits
        self.messages = uuid7s(MESSAGES)
        self.links = uuid7s(LINKS)
        self.ids = uuid7s(len(hits))

    async def begin(self) -> None:
        await self.feed.tenant()
        await self.feed.campaign("a", "b")

    async def step(self, kind: str, what: Any) -> None:
        if kind == "engaged":
            await self.engaged(*what)
        elif kind == "sent":
            await self.feed.sent([self.messages[what]])
        else:
            # The last message is a test send: whatever comes of it counts nowhere.
            is_test = what == MESSAGES - 1
            origin = message_pb2.ORIGIN_TEST if is_test else message_pb2.ORIGIN_CAMPAIGN
            await self.feed.accepted([self.messages[what]], variant="ab"[what % 2], origin=origin)

    async def engaged(self, *told: tuple[int, int]) -> None:
        payload = delivery_pb2.MessagesEngaged()
        for number, judgement in told:
            hit = self.hits[number]
            is_click = hit.kind == CLICK
            item = payload.hits.add(
                engagement_id=str(self.ids[number]),
                message_id=str(self.messages[hit.message]),
                campaign_id=str(self.feed.campaign_id),
                kind=hit.kind,
                engagement_class=hit.verdicts[judgement - 1],
                class_reason=f"verdict:{judgement}",
                rule_version=1,
                link_id=str(self.links[hit.link]) if is_click else "",
                url=f"https://shop.example/{hit.link}" if is_click else "",
                judgement=judgement,
            )
            item.occur_time.FromDatetime(NOON + timedelta(minutes=hit.minute))
        await self.feed.apply("message.engaged", payload)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.feed.database.tenant(self.feed.tenant_id) as uow:
            return await uow.fetch_all(query)


async def assert_as_counted(told: Telling, last: dict[int, int]) -> None:
    """Counts everything again from the last verdict of each hit, in plain words, and compares."""
    stored = await told.rows(
        "SELECT engagement_id, engagement_class, class_reason, judgement FROM engagement_event"
    )
    assert set(stored) == {
        (told.ids[number], told.hits[number].verdicts[judgement - 1], f"verdict:{judgement}", judgement)
        for number, judgement in last.items()
    }
    facts = {
        message_id: rest
        for message_id, *rest in await told.rows(
            "SELECT message_id, run_id, is_counted, first_open_at, first_click_at, open_classes, click_classes"
            " FROM message_fact WHERE campaign_id IS NOT NULL"
        )
    }
    judged = [(told.hits[number], told.hits[number].verdicts[last[number] - 1]) for number in last]
    classes: Counter[tuple[Any, ...]] = Counter()
    seen: defaultdict[tuple[Any, ...], set[UUID]] = defaultdict(set)
    links: defaultdict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    followed: defaultdict[UUID, set[UUID]] = defaultdict(set)
    human: defaultdict[UUID, dict[int, list[datetime]]] = defaultdict(lambda: {OPEN: [], CLICK: []})
    bits: defaultdict[UUID, dict[int, int]] = defaultdict(lambda: {OPEN: 0, CLICK: 0})
    for hit, judged_as in judged:
        message_id = told.messages[hit.message]
        run_id, is_counted, *_ = facts[message_id]
        bits[message_id][hit.kind] |= 1 << judged_as
        if judged_as == HUMAN:
            human[message_id][hit.kind].append(NOON + timedelta(minutes=hit.minute))
        if not is_counted:
            continue
        key = (run_id or UUID(int=0), hit.kind, judged_as)
        classes[key] += 1
        seen[key].add(message_id)
        if hit.kind == CLICK:
            link = told.links[hit.link]
            links[link][judged_as != HUMAN] += 1
            if judged_as == HUMAN:
                followed[link].add(message_id)

    for message_id, (_, _, first_open, first_click, open_classes, click_classes) in facts.items():
        opens, clicks = human[message_id][OPEN], human[message_id][CLICK]
        assert (first_open, first_click) == (min(opens + clicks, default=None), min(clicks, default=None))
        assert (open_classes, click_classes) == (bits[message_id][OPEN], bits[message_id][CLICK])
    found = await told.rows(
        "SELECT run_id, kind, engagement_class, sum(messages), sum(hits) FROM campaign_engagement GROUP BY 1, 2, 3"
    )
    assert {row[:3]: row[3:] for row in found if any(row[3:])} == {
        key: (len(seen[key]), hits) for key, hits in classes.items()
    }
    found = await told.rows(
        "SELECT link_id, sum(unique_clicks), sum(total_clicks), sum(machine_clicks) FROM link_stat GROUP BY 1"
    )
    assert {row[0]: row[1:] for row in found if any(row[1:])} == {
        link: (len(followed[link]), *counts) for link, counts in links.items()
    }
    await assert_rollups_are_those_of_a_recount(told)


async def assert_rollups_are_those_of_a_recount(told: Telling) -> None:
    query = (
        "SELECT variant_key, run_id, day, sum(total_accepted), sum(total_sent), sum(total_opened), sum(total_clicked)"
        " FROM cohort_stat"
        " GROUP BY 1, 2, 3 HAVING sum(total_accepted + total_sent + total_opened + total_clicked) <> 0 ORDER BY 1, 2, 3"
    )
    before = await told.rows(query)
    start, end = NOON - timedelta(days=2), NOON + timedelta(days=3)
    found = await rollups.rebuild(told.feed.database, told.feed.tenant_id, start, end)
    assert found.changed == 0
    assert await told.rows(query) == before


@pytest.mark.req("ANA-45", "ANA-61", "ANA-62", "ANA-65", "ARC-13")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
async def test_any_sequence_of_verdicts_ends_with_the_figures_of_a_recount(feed: Feed, story: Story) -> None:
    told = Telling(feed, story.hits)
    await told.begin()
    last: dict[int, int] = {}
    for kind, what in story.steps:
        await told.step(kind, what)
        if kind == "engaged":
            for number, judgement in what:
                last[number] = max(judgement, last.get(number, 0))
    await assert_as_counted(told, last)


async def test_a_click_found_to_be_a_scanners_leaves_every_figure_it_was_in(feed: Feed) -> None:
    told = Telling(feed, [Hit(0, CLICK, 0, 0, (HUMAN, SCANNER)), Hit(0, OPEN, 0, 40, (HUMAN, HUMAN))])
    await told.begin()
    await told.step("accepted", 0)
    await told.step("sent", 0)
    await told.engaged((0, 1), (1, 1))
    report = await reports.campaign_report(feed.database, told.feed.tenant_id, told.feed.campaign_id, None)
    assert (report.counts.opened, report.counts.clicked) == (1, 1)
    await told.engaged((0, 2))
    report = await reports.campaign_report(feed.database, told.feed.tenant_id, told.feed.campaign_id, None)
    assert (report.counts.opened, report.counts.clicked) == (1, 0)
    assert report.engagement == [(OPEN, HUMAN, 1, 1), (CLICK, SCANNER, 1, 1)]
    links = await reports.link_report(feed.database, told.feed.tenant_id, told.feed.campaign_id)
    assert [tuple(row[2:]) for row in links] == [(0, 0, 1)]
    assert await told.rows("SELECT first_open_at FROM message_fact") == [(LATER,)]
    await assert_as_counted(told, {0: 2, 1: 1})


async def test_blocks_about_the_same_messages_at_the_same_moment_count_as_one_after_the_other(
    feed: Feed,
) -> None:
    """Replicas of the consumer fold at once; a class that two blocks bring to a message counts it once."""
    hits = [Hit(number % 3, (OPEN, CLICK)[number % 2], 0, number, (HUMAN, SCANNER)) for number in range(12)]
    told = Telling(feed, hits)
    await told.begin()
    first = [told.engaged(*((number, 1) for number in range(start, 12, 4))) for start in range(4)]
    await asyncio.gather(*first, *(told.step("accepted", message) for message in range(2)))
    again = [told.engaged(*((number, 2) for number in range(start, 12, 4))) for start in range(4)]
    await asyncio.gather(*again, *(told.engaged((number, 1)) for number in range(4)))
    await assert_as_counted(told, dict.fromkeys(range(12), 2))


async def test_an_older_verdict_that_comes_late_changes_nothing(feed: Feed) -> None:
    told = Telling(feed, [Hit(0, OPEN, 0, 0, (PROXY, HUMAN))])
    await told.begin()
    await told.engaged((0, 2))
    await told.engaged((0, 1))
    await told.engaged((0, 2))
    await told.step("accepted", 0)
    await assert_as_counted(told, {0: 2})
