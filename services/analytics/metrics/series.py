"""The periods of a series: hours, days, weeks from Monday, months, in a zone. No database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from services.analytics.rollups.ranges import Span
from services.common import zones


class Period(Enum):
    """Length of one point."""

    HOUR = 1
    DAY = 2
    WEEK = 3
    MONTH = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One period, by when it begins."""

    start: datetime


def points(span: Span, period: Period) -> list[Point]:
    """Returns the periods of a range that begins and ends with one."""
    if period is Period.HOUR:
        return [Point(start) for start in steps(span.start, span.end, timedelta(hours=1))]
    first = zones.local_day(span.start, span.zone)
    last = zones.local_day(span.end - timedelta(microseconds=1), span.zone)
    return [point_of(day, period, span.zone) for day in _starts(first, last, period)]


def point_of(day: date, period: Period, zone: ZoneInfo) -> Point:
    """Returns the period a day lies in."""
    return Point(zones.day_bounds(start_of(day, period), zone)[0].astimezone(UTC))


def start_of(day: date, period: Period) -> date:
    """Returns the first day of the period a day lies in; weeks begin on Monday."""
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period is Period.MONTH else day


def next_of(day: date, period: Period) -> date:
    """Returns the first day of the next period."""
    start = start_of(day, period)
    if period is Period.MONTH:
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if period is Period.WEEK else 1)


def steps(start: datetime, end: datetime, step: timedelta) -> list[datetime]:
    """Returns the instants from a start to an end by a step."""
    return [start + number * step for number in range(-(-(end - start) // step))]


def _starts(first: date, last: date, period: Period) -> Iterator[date]:
    day = start_of(first, period)
    while day <= last:
        yield day
        day = next_of(day, period)
