"""Clock arithmetic of decisions: windows, digests and local days as instants of a named zone.

A window is a pair of local times. On each local date it becomes one interval of instants, start-inclusive and
end-exclusive (GEN-15), whose ends are found by the changeover rule (GEN-14). Everything else follows from those
intervals, so a window never opens twice in a repeated hour and never lasts into a skipped one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

Frequency = Literal["immediate", "daily", "weekly", "monthly"]

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Two local times; the window crosses midnight when start is later than end, equal ends mean none."""

    start: time
    end: time

    @property
    def is_empty(self) -> bool:
        """Returns whether there is no window at all."""
        return self.start == self.end


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Returns the zone of an IANA name."""
    return ZoneInfo(name)


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Returns whether this machine's zone data holds the name."""
    try:
        zone_of(name)
    except (KeyError, ValueError, OSError):
        return False
    return bool(name)


def resolve(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Returns the instant of a local time: the first of two, or the first valid one after a skipped hour."""
    local = datetime.combine(day, at)
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _changeover(before, instant, zone)


def _changeover(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Returns the first instant in (before, after] with the offset that holds at `after`."""
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, round((after - before) / _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + high * _SECOND


def intervals(window: Window, around: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yields the window's intervals from the day before to two days after the instant, in order."""
    crosses = window.start > window.end
    day = around.astimezone(zone).date() - _DAY
    for _ in range(4):
        start = resolve(day, window.start, zone)
        end = resolve(day + _DAY if crosses else day, window.end, zone)
        if start < end:
            yield start, end
        day += _DAY


def closed_until(quiet: Window, instant: datetime, zone: ZoneInfo) -> datetime | None:
    """Returns when the quiet window that holds the instant ends, or None outside of one."""
    if quiet.is_empty:
        return None
    for start, end in intervals(quiet, instant, zone):
        if start <= instant < end:
            return end
    return None


def opens_at(window: Window, instant: datetime, zone: ZoneInfo) -> datetime | None:
    """Returns when the window opens next, or None when it is open; no window is always open."""
    if window.is_empty:
        return None
    for start, end in intervals(window, instant, zone):
        if start <= instant < end:
            return None
        if start > instant:
            return start
    # Only a date line change that swallows whole days gets here; asking again a day later finds the window.
    return instant + _DAY


def next_local_day(instant: datetime, zone: ZoneInfo) -> datetime:
    """Returns the first instant of the next calendar day in the zone."""
    following = instant.astimezone(zone).date() + _DAY
    start = resolve(following, time(0), zone)
    while start <= instant:  # a repeated midnight belongs to the day it ends
        following += _DAY
        start = resolve(following, time(0), zone)
    return start


def next_digest(frequency: Frequency, at: time, instant: datetime, zone: ZoneInfo) -> datetime | None:
    """Returns the first digest at or after the instant, or None when nothing is collected.

    Daily digests leave every day, weekly ones on Monday, monthly ones on the first.
    """
    if frequency == "immediate":
        return None
    day = instant.astimezone(zone).date() - _DAY
    while True:
        if _leaves_on(frequency, day):
            leaves = resolve(day, at, zone)
            if leaves >= instant:
                return leaves
        day += _DAY


def _leaves_on(frequency: Frequency, day: date) -> bool:
    if frequency == "weekly":
        return day.weekday() == 0
    return frequency == "daily" or day.day == 1
