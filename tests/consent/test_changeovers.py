"""Clock arithmetic against clocks: every zone, every changeover from 2024 to 2030, held against zdump and a walk.

The oracle (clock_oracle.py) shares no code and no library with the product: offsets come from the `zdump` binary,
windows from looking at each minute in turn.
"""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.common.zones import resolve as common_resolve
from services.consent.decisions.law import Opening, Rule, Source, rule_opens_at
from services.consent.decisions.windows import (
    Window,
    closed_until,
    next_digest,
    next_local_day,
    opens_at,
    resolve,
)
from tests.consent import clock_oracle
from tests.consent.clock_oracle import MINUTE, NAMES, Timeline, Walk

pytestmark = pytest.mark.skipif(not clock_oracle.available(), reason="needs the zdump binary")

HOUR = timedelta(hours=1)
Change = tuple[str, datetime, timedelta, timedelta]


def utc(plain: datetime) -> datetime:
    return plain.replace(tzinfo=UTC)


def changes() -> list[Change]:
    found = clock_oracle.timelines()
    return [(name, *change) for name in NAMES for change in found[name].changes()]


def kinds() -> list[Change]:
    """One changeover of each kind: offsets before and after, and what the clock shows."""
    known: dict[tuple[timedelta, timedelta, time], Change] = {}
    for change in changes():
        _, instant, before, after = change
        known.setdefault((before, after, (instant + before).time()), change)
    return list(known.values())


@pytest.mark.req("GEN-14")
def test_every_zone_shows_the_oracles_offset_around_every_changeover() -> None:
    found = clock_oracle.timelines()
    assert len(changes()) > 2000
    for name in NAMES:
        zone, timeline = ZoneInfo(name), found[name]
        quarters = [datetime(year, month, 15, 11) for year in range(2024, 2031) for month in (1, 4, 7, 10)]  # noqa: DTZ001
        beside = [
            instant + step for instant, *_ in timeline.changes() for step in (-MINUTE, 0 * MINUTE, MINUTE)
        ]
        for instant in [*quarters, *beside]:
            assert utc(instant).astimezone(zone).replace(tzinfo=None) == timeline.local(instant), (
                name,
                instant,
            )


@pytest.mark.req("GEN-14", "CON-110")
def test_every_local_time_around_every_changeover_of_every_zone_is_the_oracles_instant() -> None:
    found = clock_oracle.timelines()
    for name, instant, before, after in changes():
        zone, timeline = ZoneInfo(name), found[name]
        shown = instant + min(before, after)
        span = abs(after - before)
        asked = [
            shown - MINUTE,
            shown,
            shown + span / 2,
            shown + span - MINUTE,
            shown + span,
            shown + 5 * HOUR,
        ]
        for local in asked:
            local = local.replace(second=0)
            expected = utc(timeline.first_at(local.date(), local.time()))
            assert resolve(local.date(), local.time(), zone) == expected, (name, local)
            assert common_resolve(local, zone) == expected, (name, local)


WINDOWS = [
    (time(9), time(21)),
    (time(21), time(9)),
    (time(22), time(8)),
    (time(1, 30), time(3, 15)),
    (time(2, 30), time(2, 45)),
    (time(0), time(6)),
    (time(23, 30), time(0, 30)),
    (time(23, 45), time(23, 15)),
]


@pytest.mark.req("GEN-14", "GEN-15", "CON-80", "CON-81", "CON-82")
def test_windows_open_and_close_in_the_minutes_of_the_walk_through_every_kind_of_changeover() -> None:
    found = clock_oracle.timelines()
    draw = random.Random(20240101)
    some = kinds()
    assert len(some) >= 40
    compared = 0
    for name, instant, before, after in some:
        zone, timeline = ZoneInfo(name), found[name]
        # A window that starts and one that ends within the hour that is skipped or repeated.
        shown = (instant + min(before, after) + abs(after - before) / 2).time()
        near = [*draw.sample(WINDOWS, 3), (shown, time(12)), (time(12), shown)]
        for start, end in near:
            walk = Walk(timeline, start, end, instant - 30 * HOUR, 75 * 60)
            window = Window(start, end)
            places = {*range(0, 56 * 60, 41), *range(28 * 60, 32 * 60, 7), 30 * 60 - 1, 30 * 60, 30 * 60 + 1}
            for place in places:
                now = utc(walk.begins + place * MINUTE)
                _same(opens_at(window, now, zone), walk, place, wanted=True)
                _same(closed_until(window, now, zone), walk, place, wanted=False)
                compared += 2
    assert compared > 30_000


def _same(told: datetime | None, walk: Walk, place: int, *, wanted: bool) -> None:
    """What is told is the first minute of the walk that is as wanted; none when the minute itself is."""
    expected = walk.changes_to(wanted, place)
    if walk.open[place] == wanted:
        assert told is None, (walk.timeline, walk.start, walk.end, place)
    elif expected is not None:
        assert told == utc(expected), (walk.start, walk.end, walk.begins + place * MINUTE)


@pytest.mark.req("CON-79", "CON-83", "CON-85")
def test_days_and_digests_begin_where_the_clock_says_so() -> None:
    found = clock_oracle.timelines()
    for name, instant, *_ in changes()[::7]:
        zone, timeline = ZoneInfo(name), found[name]
        for ahead in (-26, -3, 0, 1, 20):
            now = instant + ahead * HOUR
            day = timeline.local(now).date()
            start = timeline.first_at(day + timedelta(days=1), time(0))
            if start <= now:  # a midnight that comes twice belongs to the day it ends
                start = timeline.first_at(day + timedelta(days=2), time(0))
            assert next_local_day(utc(now), zone) == utc(start), (name, now)
            days = [day + timedelta(days=more) for more in range(-1, 33)]
            for frequency, leaves in (
                ("daily", days),
                ("weekly", [one for one in days if one.weekday() == 0]),
                ("monthly", [one for one in days if one.day == 1]),
            ):
                expected = next(
                    one for one in (timeline.first_at(each, time(2, 30)) for each in leaves) if one >= now
                )
                assert next_digest(frequency, time(2, 30), utc(now), zone) == utc(expected), (name, now)  # type: ignore[arg-type]


@pytest.mark.req("CON-81")
def test_laws_open_in_the_minutes_of_the_walk() -> None:
    found = clock_oracle.timelines()
    source = Source("law", "section", "https://example.com", date(2026, 1, 1), "text")
    hours = Opening(frozenset(range(7)), time(1, 15), time(20))
    rule = Rule("XX", "hours", "window", frozenset({"sms"}), frozenset({"marketing"}), source, (hours,))
    for name, instant, *_ in kinds():
        zone, timeline = ZoneInfo(name), found[name]
        walk = Walk(timeline, time(1, 15), time(20), instant - 30 * HOUR, 75 * 60)
        for place in {*range(0, 50 * 60, 61), *range(28 * 60, 32 * 60, 11)}:
            _same(rule_opens_at(rule, utc(walk.begins + place * MINUTE), zone), walk, place, wanted=True)


def test_the_oracle_agrees_with_what_is_printed_in_calendars() -> None:
    berlin: Timeline = clock_oracle.timelines()["Europe/Berlin"]
    spring = datetime(2026, 3, 29, 1)  # noqa: DTZ001
    assert (spring, HOUR, 2 * HOUR) in list(berlin.changes())
    assert berlin.first_at(date(2026, 3, 29), time(2, 30)) == spring
    assert berlin.first_at(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30)  # noqa: DTZ001
