"""Cron expressions by the clock of a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaign.automations import timetable

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "UTC",
    "America/Santiago",
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.req("LIF-65")
@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 59), MOMENTS)
def test_a_daily_time_comes_once_a_day_whatever_clocks_do(
    name: str, hour: int, minute: int, moment: datetime
) -> None:
    zone, expression = ZoneInfo(name), f"{minute} {hour} * * *"
    first = timetable.after(expression, zone, moment)
    assert first is not None
    second = timetable.after(expression, zone, first)
    assert second is not None
    assert moment < first < second
    assert first - moment <= timedelta(hours=26)
    days = [planned.astimezone(zone).date() for planned in (first, second)]
    assert days[1] - days[0] == timedelta(days=1)
    for planned in (first, second):
        local = planned.astimezone(zone)
        # A time that was skipped comes right after the changeover.
        skipped = local.replace(hour=hour, minute=minute, tzinfo=None).replace(tzinfo=zone).astimezone(UTC)
        exists = skipped.astimezone(zone).replace(tzinfo=None) == local.replace(
            hour=hour, minute=minute, tzinfo=None
        )
        assert not exists or (local.hour, local.minute) == (hour, minute)


@given(
    st.sampled_from(ZONES),
    MOMENTS,
    st.sampled_from(["*/5 * * * *", "*/15 * * * *", "0 * * * *", "7,37 */2 * * *"]),
)
def test_planned_times_lie_at_least_five_minutes_apart(name: str, moment: datetime, expression: str) -> None:
    assert timetable.problem(expression) == ""
    zone = ZoneInfo(name)
    times = [moment]
    for _ in range(4):
        planned = timetable.after(expression, zone, times[-1])
        assert planned is not None
        times.append(planned)
    gaps = [later - earlier for earlier, later in pairwise(times[1:])]
    assert all(gap >= timedelta(minutes=5) for gap in gaps)


def test_a_time_that_is_skipped_comes_right_after_and_one_that_comes_twice_comes_once() -> None:
    expression = "30 2 * * *"
    spring = timetable.after(expression, BERLIN, at("2026-03-28T12:00"))
    assert spring == at("2026-03-29T01:00")
    assert timetable.after(expression, BERLIN, spring) == at("2026-03-30T00:30")
    autumn = timetable.after(expression, BERLIN, at("2026-10-24T12:00"))
    assert autumn == at("2026-10-25T00:30")
    assert timetable.after(expression, BERLIN, autumn) == at("2026-10-26T01:30")


@pytest.mark.req("LIF-65")
def test_of_missed_times_the_last_one_counts_within_an_hour() -> None:
    since, now = at("2026-11-21T08:00"), at("2026-11-21T12:20")
    assert timetable.latest("*/30 * * * *", BERLIN, since, now) == at("2026-11-21T12:00")
    assert timetable.latest("0 9 * * *", BERLIN, since, now) is None
    assert timetable.latest("20 12 * * *", ZoneInfo("UTC"), now, now) == now


@pytest.mark.req("LIF-89")
@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "0 9 * * * *",
        "x 9 * * *",
        "61 9 * * *",
        "* * * * *",
        "*/4 * * * *",
        "58,2 * * * *",
        "@daily",
    ],
)
def test_what_is_no_expression_or_too_often_is_refused(expression: str) -> None:
    assert timetable.problem(expression)


def test_a_day_that_never_comes_is_refused() -> None:
    assert timetable.problem("0 9 31 2 *")
    assert timetable.problem("0 9 29 2 *") == ""
