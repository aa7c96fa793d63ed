"""Ranges of time as reports cut them: instants in quarter hours, days in a zone (ANA-59, ANA-63)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.common import zones
from services.common.errors import invalid

LONGEST: Final = timedelta(days=400)
FINE_KEPT: Final = timedelta(days=90)
"""How long quarter hours are kept; before that there are days only (GEN-47)."""
FACTS_KEPT: Final = timedelta(days=730)
HITS_KEPT: Final = timedelta(days=396)
_LIVELY: Final = timedelta(days=60)
"""For so long things happen to a message: its links are good for thirty days, and it may bounce within sixty."""
QUARTER: Final = timedelta(minutes=15)
WEEK: Final = timedelta(days=7)
MONTH: Final = timedelta(days=30)
_SECONDS: Final = 900
_ALMOST: Final = QUARTER - timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A range as a caller gave it: instants or days; what is absent has a default."""

    start: datetime | None = None
    end: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A range as it is read: whole days of the tenant from the daily rollup, the rest from quarter hours.

    Attributes:
        start: Start of the range, included; a quarter hour.
        end: End of the range, excluded.
        zone: Zone whose days the report shows.
        first_day: First whole day of the tenant's zone.
        day_after: The day after the last whole one; `first_day` when there is none.
        days_start: When `first_day` begins; `end` when there is no whole day.
        days_end: When `day_after` begins; `end` when there is no whole day.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo
    first_day: date
    day_after: date
    days_start: datetime
    days_end: datetime

    def days(self) -> list[date]:
        """Returns the days of the report's zone that the range touches."""
        first = zones.local_day(self.start, self.zone)
        last = zones.local_day(self.end - timedelta(microseconds=1), self.zone)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def span(asked: Asked, now: datetime, own_zone: str, default: timedelta) -> Span:
    """Returns the range of a report; invalid when it is reversed, and RANGE_TOO_LARGE above 400 days.

    Args:
        asked: What the caller gave.
        now: The present.
        own_zone: Zone of the tenant.
        default: How far the report reaches back when nothing is given.
    """
    zone = _zone(asked.zone or own_zone)
    start, end = _instants(asked, now, zone, default)
    if end <= start:
        raise invalid("range", "must end after it starts")
    if end - start > LONGEST + timedelta(hours=2):
        raise invalid("range", "is at most 400 days long", reason="RANGE_TOO_LARGE")
    home = _zone(own_zone)
    horizon = _midnight(now - FINE_KEPT + timedelta(days=1), home)
    if start < horizon:
        start = _midnight(start, home)
    if end < horizon:
        end = _midnight(end - timedelta(microseconds=1), home, later=1)
    return _with_days(_floor(start), _floor(end + _ALMOST), zone, home)


def of_instants(start: datetime, end: datetime, zone: ZoneInfo, own_zone: str, now: datetime) -> Span:
    """Returns the range between midnights of a zone; what lies before quarter hours is read by the tenant's days."""
    home = _zone(own_zone)
    if start < _midnight(now - FINE_KEPT + timedelta(days=1), home) and zone.key != home.key:
        return Span(start, end, zone, start.date(), start.date(), end, end)
    return _with_days(start, end, zone, home)


def whole_days(asked: Asked, now: datetime, own_zone: str, default: timedelta) -> Span:
    """Returns the range widened to whole days of the tenant's zone, for reports by day."""
    found = span(asked, now, own_zone, default)
    home = _zone(own_zone)
    start = _midnight(found.start, home)
    end = _midnight(found.end - timedelta(microseconds=1), home, later=1)
    return _with_days(start, end, home, home)


def instants(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Returns a range of instants in whole quarter hours; invalid when reversed or too long."""
    if end <= start:
        raise invalid("end_time", "must be after start_time")
    if end - start > LONGEST:
        raise invalid("end_time", "at most 400 days after start_time", reason="RANGE_TOO_LARGE")
    return _floor(start), _floor(end + _ALMOST)


def reaches_beyond_hours(found: Span, now: datetime) -> bool:
    """Returns whether a range begins before quarter hours are kept."""
    return found.start < now - FINE_KEPT


def countable(instant: datetime, now: datetime) -> datetime:
    """Returns the instant, or a later one: from it on there are facts of everything that happened (ANA-5)."""
    return max(instant, now - FACTS_KEPT + _LIVELY)


def _instants(asked: Asked, now: datetime, zone: ZoneInfo, default: timedelta) -> tuple[datetime, datetime]:
    if asked.first_day or asked.last_day:
        if asked.start or asked.end:
            raise invalid("range", "takes instants or days, not both")
        last = asked.last_day or zones.local_day(now, zone)
        first = asked.first_day or last - default + timedelta(days=1)
        return zones.at(first, datetime.min.time(), zone), zones.day_bounds(last, zone)[1]
    end = asked.end or now
    return asked.start or end - default, end


def _with_days(start: datetime, end: datetime, zone: ZoneInfo, home: ZoneInfo) -> Span:
    first = _midnight(start, home)
    first_day = zones.local_day(start, home) + timedelta(days=int(first < start))
    day_after = zones.local_day(end, home)
    if first_day >= day_after:
        return Span(start, end, zone, first_day, first_day, end, end)
    days_start, _ = zones.day_bounds(first_day, home)
    days_end, _ = zones.day_bounds(day_after, home)
    return Span(start, end, zone, first_day, day_after, days_start, days_end)


def _midnight(instant: datetime, zone: ZoneInfo, later: int = 0) -> datetime:
    return zones.day_bounds(zones.local_day(instant, zone) + timedelta(days=later), zone)[0]


def _zone(name: str) -> ZoneInfo:
    try:
        return zones.zone(name)
    except ValueError as error:
        raise invalid("time_zone", str(error)) from None


def _floor(instant: datetime) -> datetime:
    return datetime.fromtimestamp(int(instant.timestamp()) // _SECONDS * _SECONDS, tz=UTC)
