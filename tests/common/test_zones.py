from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.zones import at, day_bounds, local_day, local_time, resolve, zone

ZONES = st.sampled_from(sorted(available_timezones()))
FIRST = datetime.fromisoformat("1975-01-01T00:00")
LOCAL = st.integers(0, 60 * 366 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@pytest.mark.req("GEN-13")
@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "america/chicago", "UTC+3"]
)
def test_only_iana_names_are_zones(name: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        zone(name)


def test_a_name_gives_its_zone() -> None:
    assert zone("Asia/Kolkata").key == "Asia/Kolkata"


@pytest.mark.req("GEN-14")
@pytest.mark.parametrize(
    ("name", "local", "instant"),
    [
        (
            "America/New_York",
            "2026-03-08T02:30",
            "2026-03-08T07:00",
        ),  # skipped: 02:00 to 03:00
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),  # twice: the first
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T02:59", "2026-10-25T00:59"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),  # half an hour
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),  # a whole day
        ("Asia/Kolkata", "2026-06-01T09:00", "2026-06-01T03:30"),
    ],
)
def test_a_local_time_means_one_instant(name: str, local: str, instant: str) -> None:
    resolved = resolve(datetime.fromisoformat(local), zone(name))
    assert resolved == datetime.fromisoformat(f"{instant}+00:00")


@pytest.mark.req("GEN-14")
@settings(max_examples=400)
@given(ZONES, LOCAL)
def test_resolved_times_read_back_or_stand_right_behind_a_gap(name: str, local: datetime) -> None:
    in_zone = ZoneInfo(name)
    instant = resolve(local, in_zone)
    read_back = instant.astimezone(in_zone).replace(tzinfo=None)
    if read_back == local:
        earlier = local.replace(tzinfo=in_zone, fold=0).astimezone(UTC)
        assert instant == earlier
    else:
        assert read_back > local
        before = (instant - timedelta(seconds=1)).astimezone(in_zone).replace(tzinfo=None)
        assert before < local


@given(ZONES, st.dates(date(1980, 1, 1), date(2035, 1, 1)))
def test_days_meet_without_gap_or_overlap(name: str, day: date) -> None:
    in_zone = ZoneInfo(name)
    start, end = day_bounds(day, in_zone)
    assert end == day_bounds(day + timedelta(days=1), in_zone)[0]
    if end > start:
        assert local_day(start, in_zone) == day
        assert local_day(end - timedelta(seconds=1), in_zone) == day


@pytest.mark.req("GEN-15")
@pytest.mark.parametrize("text", ["", "24:00", "9:00", "09:60", "09:00:00", " 09:00", "0900", "٠٩:00"])
def test_a_local_time_is_written_in_one_way(text: str) -> None:
    with pytest.raises(ValueError, match="HH:MM"):
        local_time(text)


def test_times_of_a_day() -> None:
    assert local_time("23:59") == time(23, 59)
    assert at(date(2026, 6, 1), local_time("09:00"), zone("Asia/Kolkata")) == datetime(
        2026, 6, 1, 3, 30, tzinfo=UTC
    )


def test_an_instant_is_not_a_local_time() -> None:
    with pytest.raises(ValueError, match="no zone"):
        resolve(datetime(2026, 1, 1, tzinfo=UTC), zone("UTC"))
