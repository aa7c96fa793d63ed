"""Clock arithmetic of decisions, over every zone there is and the changeovers in them."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.consent.decisions.windows import (
    Window,
    closed_until,
    intervals,
    is_zone,
    next_digest,
    next_local_day,
    opens_at,
    resolve,
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


ZONES = sorted(available_timezones() - {"Factory", "localtime"})
zones = st.sampled_from(ZONES).map(ZoneInfo)
times = st.times().map(lambda found: found.replace(second=0, microsecond=0))
instants = st.floats(utc(1995, 1, 1).timestamp(), utc(2037, 12, 31).timestamp()).map(
    lambda seconds: datetime.fromtimestamp(int(seconds), UTC)
)
windows = st.builds(Window, times, times).filter(lambda window: not window.is_empty)

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.req("GEN-14")
def test_a_skipped_local_time_means_the_first_instant_after_the_gap() -> None:
    assert resolve(SPRING, time(2, 30), BERLIN) == utc(2026, 3, 29, 1)
    assert resolve(SPRING, time(2, 0), BERLIN) == utc(2026, 3, 29, 1)
    assert resolve(SPRING, time(3, 0), BERLIN) == utc(2026, 3, 29, 1)
    # Samoa skipped the whole of 30 December 2011.
    assert resolve(date(2011, 12, 30), time(12), ZoneInfo("Pacific/Apia")) == utc(2011, 12, 30, 10)


@pytest.mark.req("GEN-14")
def test_a_repeated_local_time_means_the_first_of_the_two() -> None:
    assert resolve(AUTUMN, time(2, 30), BERLIN) == utc(2026, 10, 25, 0, 30)
    assert resolve(AUTUMN, time(3, 0), BERLIN) == utc(2026, 10, 25, 2)


@pytest.mark.req("GEN-15", "CON-110")
def test_windows_include_their_start_exclude_their_end_and_may_cross_midnight() -> None:
    night = Window(time(22), time(8))
    assert closed_until(night, utc(2026, 1, 15, 21), BERLIN) == utc(2026, 1, 16, 7)
    assert closed_until(night, utc(2026, 1, 15, 20, 59, 59), BERLIN) is None
    assert closed_until(night, utc(2026, 1, 16, 6, 59, 59), BERLIN) == utc(2026, 1, 16, 7)
    assert closed_until(night, utc(2026, 1, 16, 7), BERLIN) is None
    day = Window(time(9), time(21))
    assert opens_at(day, utc(2026, 1, 16, 8), BERLIN) is None
    assert opens_at(day, utc(2026, 1, 16, 20), BERLIN) == utc(2026, 1, 17, 8)
    assert opens_at(day, utc(2026, 1, 16, 7, 59), BERLIN) == utc(2026, 1, 16, 8)


@pytest.mark.req("GEN-15")
@given(instants, times, zones)
def test_a_window_whose_ends_are_equal_is_none(instant: datetime, at: time, zone: ZoneInfo) -> None:
    assert closed_until(Window(at, at), instant, zone) is None
    assert opens_at(Window(at, at), instant, zone) is None


@pytest.mark.req("GEN-14", "CON-80", "REL-15")
@settings(max_examples=400)
@given(instants, windows, zones)
def test_quiet_hours_defer_to_an_instant_outside_of_them(
    instant: datetime, quiet: Window, zone: ZoneInfo
) -> None:
    end = closed_until(quiet, instant, zone)
    if end is None:
        local = instant.astimezone(zone).time()
        if (
            zone.utcoffset(instant.replace(tzinfo=zone))
            == zone.utcoffset((instant + timedelta(hours=26)).replace(tzinfo=zone))
            == zone.utcoffset((instant - timedelta(hours=26)).replace(tzinfo=zone))
        ):
            # On a day without changeover the plain comparison of wall clocks says the same.
            inside = (
                quiet.start <= local < quiet.end
                if quiet.start < quiet.end
                else local >= quiet.start or local < quiet.end
            )
            assert not inside
    else:
        assert instant < end <= instant + timedelta(hours=50)
        assert closed_until(quiet, end, zone) is None


@pytest.mark.req("GEN-14", "CON-82", "REL-15")
@settings(max_examples=400)
@given(instants, windows, zones)
def test_a_closed_window_defers_to_the_instant_it_opens(
    instant: datetime, window: Window, zone: ZoneInfo
) -> None:
    opens = opens_at(window, instant, zone)
    if opens is not None:
        assert instant < opens <= instant + timedelta(hours=75)
        assert opens_at(window, opens, zone) is None


@settings(max_examples=200)
@given(instants, windows, zones)
def test_intervals_follow_each_other_without_overlap(
    instant: datetime, window: Window, zone: ZoneInfo
) -> None:
    found = list(intervals(window, instant, zone))
    assert all(start < end for start, end in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))


@pytest.mark.req("GEN-14")
@settings(max_examples=400)
@given(st.dates(date(1995, 1, 1), date(2037, 12, 31)), times, zones)
def test_every_local_time_means_one_instant_not_before_it_shows(day: date, at: time, zone: ZoneInfo) -> None:
    instant = resolve(day, at, zone)
    local = instant.astimezone(zone).replace(tzinfo=None)
    assert local >= datetime.combine(day, at)
    if local == datetime.combine(day, at):
        earlier = instant - timedelta(hours=1)
        assert earlier.astimezone(zone).replace(tzinfo=None) < local or earlier > instant
    else:
        just_before = (instant - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
        assert just_before < datetime.combine(day, at)


@pytest.mark.req("CON-85")
@settings(max_examples=200)
@given(instants, zones)
def test_the_next_local_day_is_another_day(instant: datetime, zone: ZoneInfo) -> None:
    following = next_local_day(instant, zone)
    assert instant < following <= instant + timedelta(hours=49)
    assert following.astimezone(zone).date() > instant.astimezone(zone).date()


@pytest.mark.req("CON-83")
def test_digests_leave_daily_on_monday_and_on_the_first() -> None:
    thursday = utc(2026, 1, 15, 12)
    nine = time(9)
    assert next_digest("immediate", nine, thursday, BERLIN) is None
    assert next_digest("daily", nine, thursday, BERLIN) == utc(2026, 1, 16, 8)
    assert next_digest("weekly", nine, thursday, BERLIN) == utc(2026, 1, 19, 8)
    assert next_digest("monthly", nine, thursday, BERLIN) == utc(2026, 2, 1, 8)
    assert next_digest("daily", nine, utc(2026, 1, 16, 8), BERLIN) == utc(2026, 1, 16, 8)


@pytest.mark.req("GEN-13")
def test_only_iana_names_are_zones() -> None:
    assert is_zone("Asia/Kathmandu")
    assert not any(map(is_zone, ("", "Nowhere", "../etc/passwd", "Europe/", "+02:00")))
