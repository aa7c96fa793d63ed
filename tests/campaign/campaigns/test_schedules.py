"""Occurrences of recurring campaigns, held against dateutil: its rules for the days, its zone files for the clocks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from services.campaign.campaigns.domain import PassedTime
from services.campaign.campaigns.pace import within_hours
from services.campaign.campaigns.recurrences import InvalidSchedule, Pattern, Recurrence, recurrence_problems
from services.campaign.campaigns.schedules import check_recurrence, launch_at, local_of, next_after
from services.campaign.runs.departures import departures
from services.common import zones

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
instants = st.integers(int(FIRST.timestamp()), int(LAST.timestamp())).map(
    lambda at: datetime.fromtimestamp(at, UTC)
)
DAYS = (SU, MO, TU, WE, TH, FR, SA)
QUARTER = timedelta(minutes=15)


@cache
def changeovers() -> dict[tuple[tuple[datetime, ...], timedelta | None], tuple[str, tuple[datetime, ...]]]:
    """One zone of each kind that changes its clocks from 2024 to 2030, with the quarters of an hour at which it does."""
    kinds = {}
    for name in sorted(zones.names()):
        zone = ZoneInfo(name)
        found, day, offset = [], FIRST, FIRST.astimezone(zone).utcoffset()
        while day < LAST:
            following = (day + timedelta(days=1)).astimezone(zone).utcoffset()
            if following != offset:
                moment = day
                while moment.astimezone(zone).utcoffset() == offset:
                    moment += QUARTER
                found.append(moment)
            day, offset = day + timedelta(days=1), following
        if found:
            kinds[tuple(found), FIRST.astimezone(zone).utcoffset()] = (name, tuple(found))
    return kinds


def instant_of(local: datetime, name: str) -> datetime:
    """The first instant at which the clocks of a zone show a local time or a later one, found by trying."""
    zone = tz.gettz(name)
    moment = local.replace(tzinfo=UTC) - timedelta(hours=15)
    while moment.astimezone(zone).replace(tzinfo=None) < local:
        moment += QUARTER
    return moment


@pytest.mark.req("CAM-103", "GEN-14", "CAM-147")
def test_occurrences_at_every_changeover_from_2024_to_2030_are_where_the_clocks_say() -> None:
    looked_at = 0
    for name, moments in changeovers().values():
        zone = ZoneInfo(name)
        for moment in moments:
            before = (moment - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) + timedelta(
                seconds=1
            )
            after = moment.astimezone(zone).replace(tzinfo=None)
            # Within what is skipped or repeated, and at both its ends.
            for local in {before, after, min(before, after) + QUARTER, max(before, after) + QUARTER}:
                daily = Recurrence(Pattern.DAILY, 0, f"{local:%H:%M}")
                expected = instant_of(local, name)
                assert next_after(daily, zone, expected - timedelta(seconds=1)) == expected, (name, local)
                following = next_after(daily, zone, expected)
                assert following == instant_of(local + timedelta(days=1), name), (name, local)
                looked_at += 1
    assert looked_at > 1500


def days_of(recurrence: Recurrence, first: date) -> Iterator[date]:
    start = datetime.combine(first, time())
    if recurrence.pattern is Pattern.DAILY:
        rule = rrule(DAILY, dtstart=start)
    elif recurrence.pattern is Pattern.WEEKLY:
        rule = rrule(WEEKLY, dtstart=start, byweekday=DAYS[recurrence.day])
    else:
        # The last day of a month that is none of 29, 30, 31 is the 28th.
        month_days = range(min(recurrence.day, 28), recurrence.day + 1)
        rule = rrule(MONTHLY, dtstart=start.replace(day=1), bymonthday=list(month_days), bysetpos=-1)
    return (found.date() for found in rule)


recurrences = st.one_of(
    st.builds(Recurrence, st.just(Pattern.DAILY), st.just(0), st.times().map("{:%H:%M}".format)),
    st.builds(Recurrence, st.just(Pattern.WEEKLY), st.integers(0, 6), st.times().map("{:%H:%M}".format)),
    st.builds(Recurrence, st.just(Pattern.MONTHLY), st.integers(1, 31), st.times().map("{:%H:%M}".format)),
)


@pytest.mark.req("CAM-103")
@settings(max_examples=200, deadline=None)
@given(
    recurrences,
    st.sampled_from(sorted(zones.names())),
    instants,
)
def test_every_pattern_comes_on_the_days_of_the_calendar_and_never_drifts(
    recurrence: Recurrence, name: str, begin: datetime
) -> None:
    zone, moment = ZoneInfo(name), zones.local_time(recurrence.local_time)
    expected = [
        instant
        for day, _ in zip(
            days_of(recurrence, begin.astimezone(zone).date() - timedelta(days=1)), range(8), strict=False
        )
        if (instant := zones.at(day, moment, zone)) > begin
    ][:5]
    found, after = [], begin
    while len(found) < len(expected):
        following = next_after(recurrence, zone, after)
        assert following is not None
        found.append(following)
        after = following
    assert found == expected


@pytest.mark.req("CAM-103")
def test_the_31st_is_the_last_day_of_a_shorter_month_and_the_31st_again() -> None:
    monthly = Recurrence(Pattern.MONTHLY, 31, "09:00")
    berlin, after, days = ZoneInfo("Europe/Berlin"), datetime(2028, 1, 5, tzinfo=UTC), []
    for _ in range(4):
        following = next_after(monthly, berlin, after)
        assert following is not None
        after = following
        days.append(f"{after.astimezone(berlin):%m-%d %H:%M}")
    assert days == ["01-31 09:00", "02-29 09:00", "03-31 09:00", "04-30 09:00"]


@pytest.mark.req("CAM-109")
def test_no_occurrence_lies_behind_the_end() -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    daily = Recurrence(Pattern.DAILY, 0, "13:00", datetime(2026, 6, 2, 13, tzinfo=UTC))
    utc = ZoneInfo("UTC")
    first = check_recurrence(daily, utc, now)
    assert first == datetime(2026, 6, 1, 13, tzinfo=UTC)
    second = next_after(daily, utc, first)
    assert second == daily.end_at
    assert next_after(daily, utc, second) is None
    with pytest.raises(InvalidSchedule):
        check_recurrence(daily, utc, second)


@pytest.mark.req("CAM-108")
@pytest.mark.parametrize(
    ("pattern", "day", "moment", "wrong"),
    [
        (Pattern.DAILY, 0, "09:00", 0),
        (Pattern.DAILY, 1, "09:00", 1),
        (Pattern.WEEKLY, 6, "09:00", 0),
        (Pattern.WEEKLY, 7, "9:00", 2),
        (Pattern.WEEKLY, -1, "09:00", 1),
        (Pattern.MONTHLY, 31, "23:59", 0),
        (Pattern.MONTHLY, 0, "24:00", 2),
        (Pattern.MONTHLY, 32, "09:00", 1),
    ],
)
def test_a_recurrence_that_cannot_be_is_named(pattern: Pattern, day: int, moment: str, wrong: int) -> None:
    assert len(list(recurrence_problems(Recurrence(pattern, day, moment)))) == wrong


@settings(max_examples=25, deadline=None)
@given(
    instants,
    st.timedeltas(timedelta(hours=-30), timedelta(hours=30)),
    st.sampled_from(sorted(zones.names())),
    st.sampled_from(list(PassedTime)),
)
def test_every_zone_gets_it_at_the_same_local_time_or_as_the_policy_says(
    planned: datetime, after: timedelta, home: str, passed: PassedTime
) -> None:
    began = planned + after
    found = departures(planned, began, home, passed)
    local = local_of(planned, ZoneInfo(home))
    assert list(found.due) == sorted(set(found.due))
    for name in ("Pacific/Kiritimati", "Europe/Berlin", "America/New_York", "Asia/Kolkata", home):
        due, zone = found.of(name), ZoneInfo(name)
        if zones.resolve(local, zone) >= began:
            assert due == zones.resolve(local, zone)
        elif passed is PassedTime.AT_ONCE:
            assert due == began
        else:
            assert due == zones.resolve(local + timedelta(days=1), zone)
    assert found.of(None) == found.of("nowhere") == found.of(home)


@settings(max_examples=25, deadline=None)
@given(
    instants,
    st.sampled_from(sorted(zones.names())),
)
def test_a_launch_for_recipients_zones_comes_before_the_first_of_them(planned: datetime, home: str) -> None:
    due = launch_at(planned, ZoneInfo(home), in_own_zones=True)
    assert planned - timedelta(hours=27) <= due <= planned
    assert min(departures(planned, due, home, PassedTime.NEXT_DAY).due) >= due
    assert launch_at(planned, ZoneInfo(home), in_own_zones=False) == planned


@pytest.mark.req("CAM-100")
@pytest.mark.parametrize(
    ("begin", "hours", "expected"),
    [
        ("2026-06-01 10:00", 2, "2026-06-01 12:00"),
        ("2026-06-01 20:00", 2, "2026-06-02 10:00"),
        ("2026-06-01 22:30", 1, "2026-06-02 10:00"),
        ("2026-06-01 06:00", 12, "2026-06-01 21:00"),
        ("2026-06-01 06:00", 25, "2026-06-03 10:00"),
    ],
)
def test_the_end_of_a_hand_over_lies_within_open_hours(begin: str, hours: int, expected: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime.fromisoformat(begin).replace(tzinfo=berlin)
    end = within_hours(start, timedelta(hours=hours), time(9), time(21), berlin)
    assert end == datetime.fromisoformat(expected).replace(tzinfo=berlin)
