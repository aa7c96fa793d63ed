"""Time zones: IANA names only, and local times that mean exactly one instant (GEN-13 to GEN-15)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_LOCAL_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SECOND = timedelta(seconds=1)


@cache
def names() -> frozenset[str]:
    """Returns the IANA names this machine's zone data holds."""
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """Returns the zone of an IANA name; ValueError for any other text."""
    if name not in names():
        raise ValueError("must be an IANA time zone")
    return ZoneInfo(name)


def local_time(text: str) -> time:
    """Returns the time of `HH:MM`, 00:00 to 23:59; ValueError for any other text."""
    match = _LOCAL_TIME.fullmatch(text)
    if match is None:
        raise ValueError("must be a time HH:MM, 00:00 to 23:59")
    return time(int(match[1]), int(match[2]))


def resolve(local: datetime, in_zone: ZoneInfo) -> datetime:
    """Returns the UTC instant of a local date and time.

    A time that a changeover skips means the first instant after it; a time that occurs twice means the first of the
    two (GEN-14).
    """
    if local.tzinfo is not None:
        raise ValueError("a local time has no zone of its own")
    instant = local.replace(tzinfo=in_zone, fold=0).astimezone(UTC)
    if instant.astimezone(in_zone).replace(tzinfo=None) == local:
        return instant
    # In a gap fold=0 is read with the offset before it, fold=1 with the offset after it; the changeover lies between.
    late, early = instant, local.replace(tzinfo=in_zone, fold=1).astimezone(UTC)
    after = late.astimezone(in_zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(in_zone).utcoffset() == after:
            late = middle
        else:
            early = middle
    return late.replace(microsecond=0)


def at(day: date, moment: time, in_zone: ZoneInfo) -> datetime:
    """Returns the UTC instant of a time on a day in a zone."""
    return resolve(datetime.combine(day, moment), in_zone)


def local_day(instant: datetime, in_zone: ZoneInfo) -> date:
    """Returns the calendar day of an instant in a zone."""
    return instant.astimezone(in_zone).date()


def day_bounds(day: date, in_zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Returns the UTC instants at which a day of a zone begins and ends; the end is the next day's beginning."""
    return at(day, time.min, in_zone), at(day + timedelta(days=1), time.min, in_zone)
