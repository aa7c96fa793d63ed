"""Whatever the order, repetition and lateness of events: figures are those that plain counting of them gives."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as delivery_pb2
from angarium.delivery.v1 import message_pb2
from services.analytics import events
from services.analytics.metrics import handlers as metrics
from services.analytics.metrics.domain import Found
from services.analytics.rollups import handlers as rollups
from services.analytics.rollups import measures, ranges
from services.analytics.rollups.filters import Filters
from services.analytics.rollups.ranges import Asked
from services.common.clock import FixedClock
from services.common.ids import uuid7
from tests.analytics.conftest import NOON, Feed

ZONES = ("UTC", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe")
BRANCHES = (UUID(int=0), uuid7(), uuid7())
CHANNELS = (1, 2, 3)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Life:
    """One message: what it is, and when in minutes what happened to it; None when it did not."""

    channel: int
    branch: int
    template: str
    is_test: bool
    is_campaigns: bool
    sent: int | None
    price: int | None
    delivered: int | None
    bounced: int | None
    failed: int | None
    skipped: int | None
    retried: int | None
    read: int | None
    hits: tuple[tuple[int, int, int], ...]
    """Kind, class and minute."""


minutes = st.integers(0, 3 * 24 * 60)
maybe = st.one_of(st.none(), minutes)
lives = st.builds(
    Life,
    channel=st.sampled_from(CHANNELS),
    branch=st.integers(0, 2),
    template=st.sampled_from(("news", "offer")),
    is_test=st.booleans(),
    is_campaigns=st.booleans(),
    sent=maybe,
    price=st.one_of(st.none(), st.integers(1, 5)),
    delivered=maybe,
    bounced=st.one_of(st.none(), st.none(), minutes),
    failed=st.one_of(st.none(), st.none(), minutes),
    skipped=st.one_of(st.none(), st.none(), minutes),
    retried=st.one_of(st.none(), st.none(), minutes),
    read=maybe,
    hits=st.lists(st.tuples(st.sampled_from((1, 2)), st.integers(1, 4), minutes), max_size=3).map(tuple),
)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


class World:
    """Lives of messages as a tenant's events, and what plain counting makes of them."""

    def __init__(self, feed: Feed, zone: str, told: list[Life]) -> None:
        self.feed = Feed(feed.database, tenant_id=uuid4())
        self.zone = zone
        self.lives = told
        self.ids = [uuid7() for _ in told]
        self.hits = {
            (number, place): uuid7() for number, life in enumerate(told) for place in range(len(life.hits))
        }

    def steps(self) -> list[Callable[[], Awaitable[None]]]:
        found: list[Callable[[], Awaitable[None]]] = []
        for number, life in enumerate(self.lives):
            found.append(lambda number=number, life=life: self.accept(number, life))
            if life.sent is not None:
                found.append(lambda number=number, life=life: self.send(number, life))
            if life.price is not None:
                found.append(lambda number=number, life=life: self.price(number, life))
            found += [
                lambda kind=kind, number=number, minute=minute: self.feed.reached(
                    f"message.{kind}", [self.ids[number]], at=at(minute)
                )
                for kind in ("delivered", "read")
                if (minute := getattr(life, kind)) is not None
            ]
            found += [
                lambda kind=kind, number=number, minute=minute: self.feed.stopped(
                    f"message.{kind}", [self.ids[number]], "why", at=at(minute)
                )
                for kind in ("failed", "skipped")
                if (minute := getattr(life, kind)) is not None
            ]
            if life.bounced is not None:
                found.append(
                    lambda number=number, life=life: self.feed.reported(
                        "message.bounced", [self.ids[number]], at=at(life.bounced or 0)
                    )
                )
            if life.retried is not None:
                found.append(lambda number=number, life=life: self.retry(number, life))
            found += [
                lambda number=number, place=place: self.hit(number, place) for place in range(len(life.hits))
            ]
        return found

    async def accept(self, number: int, life: Life) -> None:
        payload = delivery_pb2.MessagesAccepted()
        shared = payload.dimensions
        shared.channel, shared.message_class, shared.category = life.channel, 2, 22  # type: ignore[assignment]
        shared.template_name = life.template
        shared.branch_id = str(BRANCHES[life.branch]) if life.branch else ""
        shared.origin = message_pb2.ORIGIN_TEST if life.is_test else message_pb2.ORIGIN_CAMPAIGN
        if life.is_campaigns:
            shared.campaign_id, shared.run_id = str(self.feed.campaign_id), str(self.feed.run_id)
            shared.variant_key = "ab"[number % 2]
        payload.messages.add(message_id=str(self.ids[number]), contact_id=str(uuid7()))
        await self.feed.apply("message.accepted", payload, NOON)

    async def send(self, number: int, life: Life) -> None:
        payload = delivery_pb2.MessagesSent(provider="sendgrid", provider_account_id=str(uuid7()))
        item = payload.messages.add(message_id=str(self.ids[number]), attempt=1)
        item.send_time.FromDatetime(at(life.sent or 0))
        await self.feed.apply("message.sent", payload)

    async def price(self, number: int, life: Life) -> None:
        payload = delivery_pb2.CostsRecorded(provider="sendgrid")
        item = payload.costs.add(message_id=str(self.ids[number]), attempt=1, billing_period="2026-03")
        item.cost.currency_code, item.cost.units = "EUR", life.price or 0
        await self.feed.apply("message.cost_recorded", payload)

    async def retry(self, number: int, life: Life) -> None:
        payload = delivery_pb2.AttemptsFailed()
        item = payload.messages.add(message_id=str(self.ids[number]), attempt=1)
        item.occur_time.FromDatetime(at(life.retried or 0))
        await self.feed.apply("message.retry_scheduled", payload)

    async def hit(self, number: int, place: int) -> None:
        kind, judged, minute = self.lives[number].hits[place]
        payload = delivery_pb2.MessagesEngaged()
        item = payload.hits.add(
            engagement_id=str(self.hits[number, place]),
            message_id=str(self.ids[number]),
            kind=kind,  # type: ignore[arg-type]
            engagement_class=judged,  # type: ignore[arg-type]
            judgement=1,
        )
        item.occur_time.FromDatetime(at(minute))
        await self.feed.apply("message.engaged", payload)

    def expected(self, start: datetime, end: datetime, channel: int) -> Counter[str]:
        """Counts what happened in a range, one message after the other."""
        found: Counter[str] = Counter()

        def happened(name: str, minute: int | None, *, only: bool = True, count: int = 1) -> None:
            if minute is not None and only and start <= at(minute) < end:
                found[name] += count

        for life in self.lives:
            if life.channel != channel:
                continue
            when = life.sent if life.sent is not None else 0
            happened("cost", when, only=life.price is not None, count=life.price or 0)
            if life.is_test:
                continue
            opens = [minute for kind, judged, minute in life.hits if judged == 1]
            clicks = [minute for kind, judged, minute in life.hits if judged == 1 and kind == 2]
            final = (life.sent, life.delivered, life.bounced, life.failed, life.skipped)
            happened("accepted", 0)
            happened("pending", 0, only=all(one is None for one in final))
            happened("sent", life.sent)
            happened("delivered", life.delivered, only=life.bounced is None)
            happened("bounced", life.bounced)
            happened("failed", life.failed)
            happened("failed_unsent", life.failed, only=life.sent is None)
            happened("skipped", life.skipped)
            happened("read", life.read)
            happened("retried", life.retried)
            happened("retry_success", life.sent, only=life.retried is not None)
            happened("opened", min(opens, default=None))
            happened("clicked", min(clicks, default=None))
            happened("any_opened", min((minute for *_, minute in life.hits), default=None))
            happened("any_clicked", min((minute for kind, _, minute in life.hits if kind == 2), default=None))
            happened("clicks", min(clicks, default=None), count=len(clicks))
            if life.delivered is not None and life.sent is not None and life.bounced is None:
                elapsed = max(0, life.delivered - life.sent) * 60_000
                happened("delivery_time_sum_ms", life.delivered, count=elapsed)
                happened("delivery_time_count", life.delivered)
        return found


NAMES = (
    *(
        "accepted",
        "pending",
        "sent",
        "delivered",
        "bounced",
        "failed",
        "failed_unsent",
        "skipped",
        "read",
        "retried",
    ),
    *("retry_success", "opened", "clicked", "any_opened", "any_clicked", "clicks"),
    *("delivery_time_sum_ms", "delivery_time_count"),
)


def as_counted(found: Found) -> Counter[str]:
    counted = Counter({name: getattr(found.counts, name) for name in NAMES})
    counted["cost"] = int(found.costs.get("EUR", Decimal(0)))
    return +counted


@pytest.mark.req("ANA-61", "ANA-62", "ANA-63", "ANA-83", "ANA-86", "ANA-87", "JOB-34", "ANA-21", "ARC-13")
@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    told=st.lists(lives, min_size=1, max_size=6),
    zone=st.sampled_from(ZONES),
    seed=st.integers(0, 2**32),
    quarters=st.tuples(st.integers(-8, 290), st.integers(1, 200)),
)
async def test_figures_are_those_of_plain_counting_however_events_come(
    feed: Feed, told: list[Life], zone: str, seed: int, quarters: tuple[int, int]
) -> None:
    world = World(feed, zone, told)
    await world.feed.tenant(zone)
    steps = world.steps()
    chance = random.Random(seed)
    order = steps + chance.choices(steps, k=len(steps) // 2)
    chance.shuffle(order)
    for number, step in enumerate(order):
        await step()
        if number == len(order) // 2:
            await rollups.recount_dirty(feed.database)
    start = NOON + quarters[0] * ranges.QUARTER
    end = start + quarters[1] * ranges.QUARTER
    for asked in (Asked(start, end), Asked(NOON - DAY, NOON + 5 * DAY)):
        found = await metrics.by(
            feed.database, world.feed.tenant_id, asked, ranges.WEEK, Filters(), ("channel",)
        )
        assert asked.start is not None
        assert asked.end is not None
        for channel in CHANNELS:
            expected = world.expected(asked.start, asked.end, channel)
            assert as_counted(found.get((channel,), Found())) == +expected
    await assert_days_are_cut_in_the_zone(world)
    again = await rollups.rebuild(feed.database, world.feed.tenant_id, NOON - 2 * DAY, NOON + 6 * DAY)
    assert again.changed == 0


async def assert_days_are_cut_in_the_zone(world: World) -> None:
    local = ZoneInfo(world.zone)
    expected = Counter(
        at(life.sent).astimezone(local).date()
        for life in world.lives
        if life.sent is not None and not life.is_test
    )
    async with world.feed.database.tenant(world.feed.tenant_id) as uow:
        daily = await uow.fetch_all(
            "SELECT day, sum(total_sent) FROM rollup_daily GROUP BY 1 HAVING sum(total_sent) > 0"
        )
        cohorts = await uow.fetch_all(
            "SELECT day, sum(total_sent) FROM cohort_stat GROUP BY 1 HAVING sum(total_sent) > 0"
        )
    assert dict(daily) == expected
    assert dict(cohorts) == expected


@pytest.mark.req("ANA-62", "ANA-63")
async def test_another_zone_cuts_every_day_elsewhere(feed: Feed) -> None:
    chance = random.Random(3)
    told = [
        Life(1, 0, "news", False, True, chance.randrange(4000), 1, None, None, None, None, None, None, ())
        for _ in range(40)
    ]
    world = World(feed, "UTC", told)
    await world.feed.tenant("UTC")
    for step in world.steps():
        await step()
    world.zone = "Pacific/Chatham"
    await world.feed.tenant(world.zone)
    assert await rollups.recount_dirty(feed.database) == 1
    await assert_days_are_cut_in_the_zone(world)


@pytest.mark.req("ANA-61", "ANA-62")
async def test_events_that_come_at_the_same_moment_count_as_one_after_the_other(feed: Feed) -> None:
    chance = random.Random(5)
    told = [
        Life(
            1,
            0,
            "news",
            False,
            True,
            chance.randrange(300),
            2,
            400,
            None,
            None,
            None,
            None,
            None,
            ((1, 1, 500),),
        )
        for _ in range(12)
    ]
    world = World(feed, "UTC", told)
    await world.feed.tenant("UTC")
    steps = world.steps() * 2
    chance.shuffle(steps)

    async def some(part: Iterable[Callable[[], Awaitable[None]]]) -> None:
        for step in part:
            await step()

    await asyncio.gather(*(some(steps[number::4]) for number in range(4)))
    found = await metrics.totals(
        feed.database, world.feed.tenant_id, Asked(NOON - DAY, NOON + 5 * DAY), ranges.WEEK, Filters()
    )
    assert as_counted(found) == +world.expected(NOON - DAY, NOON + 5 * DAY, 1)
    again = await rollups.rebuild(feed.database, world.feed.tenant_id, NOON - 2 * DAY, NOON + 6 * DAY)
    assert again.changed == 0


@pytest.mark.req("ANA-1", "ANA-99", "ANA-77")
async def test_how_late_events_are_is_measured(feed: Feed) -> None:
    clock = feed.database.clock
    assert isinstance(clock, FixedClock)
    for age, late in ((timedelta(seconds=10), 0.0), (timedelta(minutes=6), 1.0)):
        envelope = EventEnvelope(event_id=str(uuid7()), type="message.read", tenant_id=str(feed.tenant_id))
        envelope.occur_time.FromDatetime(clock.now() - age)
        async with feed.database.tenant(feed.tenant_id) as uow:
            await events.HANDLERS["message.read"](uow, envelope, delivery_pb2.MessagesReached())
        assert measures.lag.labels("message.read")._value.get() == age.total_seconds()
        assert measures.late.labels("message.read")._value.get() == late
