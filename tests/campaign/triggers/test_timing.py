"""When occurrences are due, against a clock that is read minute by minute and a calendar that is counted day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.campaign.triggers import timing
from services.campaign.triggers.domain import (
    STALE_AFTER,
    Anchor,
    Config,
    Timing,
    TriggerType,
    default,
    qualifies,
)

MINUTE = timedelta(minutes=1)
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Havana",  # goes back at one in the morning, to midnight
        "Africa/Cairo",  # skips midnight
        "Australia/Lord_Howe",  # by half an hour
        "Asia/Kathmandu",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
    )
]
zones = st.sampled_from(ZONES)
instants = st.integers(0, 9 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 2, tzinfo=UTC) + minutes * MINUTE
)
times = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))


def first_at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """The first minute of a day at which its clock shows a time or a later one."""
    wanted = time.fromisoformat(clock)
    minute = datetime.combine(day, time.min, UTC) - timedelta(hours=15)
    while True:
        local = minute.astimezone(zone)
        if local.date() == day and local.time() >= wanted:
            return minute
        if local.date() > day:
            # The time fell into what the end of the day skips.
            return minute
        minute += MINUTE


def next_day(day: tuple[int, int, int]) -> tuple[int, int, int]:
    year, month, number = day
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if number < lengths[month - 1]:
        return year, month, number + 1
    return (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)


def days_between(first: date, last: date) -> int:
    """How many steps of a calendar lead from one day to another."""
    at, steps = (first.year, first.month, first.day), 0
    while at != (last.year, last.month, last.day):
        at, steps = next_day(at), steps + 1
    return steps


def config(timing: Timing, amount: int, send_time: str = "") -> Config:
    kinds = {
        Timing.DELAY: Config(TriggerType.POST_VISIT_THANK_YOU, delay_minutes=amount, send_time=send_time),
        Timing.BEFORE: Config(TriggerType.PACKAGE_EXPIRY, days_before=amount, send_time=send_time),
        Timing.AFTER: Config(TriggerType.MISS_YOU, days_after=amount, send_time=send_time),
    }
    return kinds[timing]


def anchor(kind: TriggerType, at: datetime, on: date | None = None) -> Anchor:
    return Anchor(kind, UUID(int=1), "r", "r", at, at, on)


@pytest.mark.req("LIF-57")
@settings(max_examples=60, deadline=None)
@given(instants, times, zones)
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "02:30", ZONES[1])
@example(datetime(2026, 10, 25, 0, 45, tzinfo=UTC), "02:30", ZONES[1])
@example(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), "02:30", ZONES[1])
@example(datetime(2026, 11, 1, 4, 30, tzinfo=UTC), "00:30", ZONES[3])
@example(datetime(2026, 4, 23, 22, 0, tzinfo=UTC), "00:00", ZONES[4])
def test_a_send_time_is_the_first_one_that_is_not_over(instant: datetime, clock: str, zone: ZoneInfo) -> None:
    found = timing.after(instant, clock, zone)
    today = instant.astimezone(zone).date()
    candidates = [first_at(today + timedelta(days=offset), clock, zone) for offset in (-1, 0, 1, 2)]
    assert found == min(one for one in candidates if one >= instant)


@given(instants, st.integers(0, 100_000), zones)
@pytest.mark.req("LIF-57")
def test_without_a_send_time_an_event_counts_to_the_minute(
    instant: datetime, delay: int, zone: ZoneInfo
) -> None:
    wanted = config(Timing.DELAY, delay)
    found = timing.due(wanted, anchor(wanted.trigger_type, instant), zone, "09:00")
    assert found - instant == timedelta(minutes=delay)


@pytest.mark.req("LIF-57", "LIF-58")
@settings(max_examples=60, deadline=None)
@given(instants, st.integers(0, 400), times | st.just(""), zones)
@example(datetime(2028, 3, 1, 10, 0, tzinfo=UTC), 1, "", ZONES[1])
@example(datetime(2027, 1, 3, 10, 0, tzinfo=UTC), 7, "09:00", ZONES[2])
def test_days_before_an_end_are_days_of_the_contact_s_calendar(
    ends: datetime, days: int, clock: str, zone: ZoneInfo
) -> None:
    wanted = config(Timing.BEFORE, days, clock)
    found = timing.due(wanted, anchor(wanted.trigger_type, ends), zone, "10:15")
    last = ends.astimezone(zone).date()
    day = last - timedelta(days=days)
    assert days_between(day, last) == days
    assert found == first_at(day, clock or "10:15", zone)


@pytest.mark.req("LIF-57")
@settings(max_examples=60, deadline=None)
@given(instants, st.integers(0, 400), zones)
def test_days_after_a_visit_are_days_of_the_contact_s_calendar(
    visit: datetime, days: int, zone: ZoneInfo
) -> None:
    wanted = config(Timing.AFTER, days)
    found = timing.due(wanted, anchor(wanted.trigger_type, visit), zone, "09:00")
    first = visit.astimezone(zone).date()
    at = (first.year, first.month, first.day)
    for _ in range(days):
        at = next_day(at)
    assert found == first_at(date(*at), "09:00", zone)


@pytest.mark.req("LIF-58", "LIF-97")
def test_each_date_of_birth_is_kept_on_exactly_one_day_of_each_year() -> None:
    dates = [(month, day) for month in range(1, 13) for day in range(1, 32) if _exists(month, day)]
    assert len(dates) == 366
    for year in (2025, 2026, 2027, 2028, 2100, 2400):
        at, kept = (year, 1, 1), dict[tuple[int, int], list[date]]()
        while at[0] == year:
            for one in timing.kept_by(date(*at)):
                kept.setdefault(one, []).append(date(*at))
            at = next_day(at)
        assert kept == {one: [timing.kept_on(*one, year)] for one in dates}
        leap = next_day((year, 2, 28)) == (year, 2, 29)
        assert kept[2, 29] == [date(year, 2, 29 if leap else 28)]


def _exists(month: int, day: int) -> bool:
    return day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


@pytest.mark.req("JOB-11")
@settings(max_examples=200, deadline=None)
@given(
    instants,
    st.sampled_from([Timing.BEFORE, Timing.AFTER]),
    st.integers(0, 400),
    times,
    zones,
    st.integers(-600, 600),
)
def test_every_date_that_is_due_within_two_days_anywhere_is_looked_for(
    now: datetime, kind: Timing, days: int, clock: str, zone: ZoneInfo, offset: int
) -> None:
    wanted = config(kind, days, clock)
    day = now.date() + timedelta(days=offset)
    due = timing.due(wanted, anchor(wanted.trigger_type, timing.beginning(day), day), zone, "09:00")
    if now - STALE_AFTER < due <= now + timing.AHEAD:
        assert day in timing.dates_due(now, wanted)


@pytest.mark.req("LIF-18", "LIF-100")
@given(instants, instants, st.sampled_from(list(TriggerType)), zones)
def test_nothing_fires_that_is_older_than_its_trigger_s_enabling(
    enabled: datetime, happened: datetime, kind: TriggerType, zone: ZoneInfo
) -> None:
    known = default(kind, enabled)
    on = Config(
        kind,
        is_enabled=True,
        delay_minutes=known.delay_minutes,
        days_before=known.days_before,
        days_after=known.days_after,
        enabled_at=enabled,
    )
    one = anchor(kind, happened)
    due = timing.due(on, one, zone, "09:00")
    if qualifies(on, one, due):
        assert due >= enabled
        assert on.timing is Timing.BEFORE or happened >= enabled
    else:
        assert due < enabled or happened < enabled
