"""When campaigns leave: one time, or every occurrence of a recurrence (CAM-103)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.campaign.campaigns.recurrences import InvalidSchedule, Pattern, Recurrence
from services.common.zones import at, local_time, resolve

LONGEST_SCHEDULE = timedelta(days=366)
LATEST = timedelta(hours=1)
"""How late an occurrence may begin; later it is skipped and recorded."""
FIRST_ZONE = ZoneInfo("Pacific/Kiritimati")
"""Where every date and time comes first."""
_DAY = timedelta(days=1)
_WEEK = 7


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
