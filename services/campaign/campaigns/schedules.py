"""When campaigns leave: one time, or every occurrence of a recurrence (CAM-103)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from services.common.zones import at, local_time, resolve

LONGEST_SCHEDULE = timedelta(days=366)
LATEST = timedelta(hours=1)
"""How late an occurrence may begin; later it is skipped and recorded."""
FIRST_ZONE = ZoneInfo("Pacific/Kiritimati")
"""Where every date and time comes first."""
_DAY = timedelta(days=1)
_WEEK = 7


class Pattern(IntEnum):
    """How often a campaign recurs, numbered as in the contract."""

    DAILY = 1
    WEEKLY = 2
    MONTHLY = 3


_DAYS = {Pattern.DAILY: (0, 0), Pattern.WEEKLY: (0, 6), Pattern.MONTHLY: (1, 31)}


class InvalidSchedule(Exception):
    """The time of a campaign is past or out of range."""

    reason = "INVALID_SCHEDULE"

    def __init__(self, description: str, field: str = "schedule_time") -> None:
        super().__init__(f"{field} {description}")
        self.violations = [(field, description)]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When a campaign is sent again and again, in the tenant's zone; `day` counts from Sunday (0) or in the month."""

    pattern: Pattern
    day: int
    local_time: str
    end_at: datetime | None = None


def recurrence_problems(recurrence: Recurrence) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with a recurrence by itself, as field and sentence (CAM-108)."""
    first, last = _DAYS[recurrence.pattern]
    if not first <= recurrence.day <= last:
        limits = f"must be {first} to {last}" if last else "belongs to weekly and monthly campaigns"
        yield "campaign.recurrence.day", limits
    try:
        local_time(recurrence.local_time)
    except ValueError as error:
        yield "campaign.recurrence.local_time", str(error)


def next_after(recurrence: Recurrence, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Returns the first occurrence after an instant; None when the end comes before it.

    The times are local: one that a changeover skips is the first instant after it, one that occurs twice the first of
    the two (GEN-14).
    """
    moment = local_time(recurrence.local_time)
    for day in _days(recurrence, after.astimezone(zone).date() - _DAY):
        instant = at(day, moment, zone)
        if instant > after:
            is_over = recurrence.end_at is not None and instant > recurrence.end_at
            return None if is_over else instant
    return None


def _days(recurrence: Recurrence, first: date) -> Iterator[date]:
    """Yields the days of a recurrence from a day on, in order."""
    if recurrence.pattern is Pattern.MONTHLY:
        month = first.replace(day=1)
        while True:
            following = (month + 31 * _DAY).replace(day=1)
            day = min(month + (recurrence.day - 1) * _DAY, following - _DAY)
            if day >= first:
                yield day
            month = following
    step = _DAY
    if recurrence.pattern is Pattern.WEEKLY:
        first += ((recurrence.day - first.isoweekday()) % _WEEK) * _DAY
        step = _WEEK * _DAY
    while True:
        yield first
        first += step


def check_schedule(scheduled_at: datetime | None, now: datetime) -> None:
    """Raises InvalidSchedule for a time that is past or more than a year ahead (CAM-109)."""
    if scheduled_at is None:
        return
    if scheduled_at < now:
        raise InvalidSchedule("lies in the past")
    if scheduled_at > now + LONGEST_SCHEDULE:
        raise InvalidSchedule("lies more than a year ahead")


def check_recurrence(recurrence: Recurrence | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Returns the next occurrence; InvalidSchedule when the end comes before it (CAM-109)."""
    if recurrence is None:
        return None
    found = next_after(recurrence, zone, now)
    if found is None:
        raise InvalidSchedule("lies before the next occurrence", "campaign.recurrence.end_time")
    return found


def local_of(planned_at: datetime, home: ZoneInfo) -> datetime:
    """Returns the date and time of an instant as the tenant's clocks show it."""
    return planned_at.astimezone(home).replace(tzinfo=None)


def launch_at(planned_at: datetime, home: ZoneInfo, *, in_own_zones: bool) -> datetime:
    """Returns when a launch is due: at the planned time, or as the first zone of the world reaches it."""
    if not in_own_zones:
        return planned_at
    return min(planned_at, resolve(local_of(planned_at, home), FIRST_ZONE))
