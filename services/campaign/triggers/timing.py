"""When an occurrence is due: minutes after an event, or days from a date, in the contact's zone (LIF-57, LIF-58)."""

from calendar import isleap
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.campaign.triggers.domain import Anchor, Config, Timing
from services.common.zones import at, local_day, local_time

_DAY: Final = timedelta(days=1)
AHEAD: Final = timedelta(days=2)
"""How far ahead anchors of dates are made (JOB-11)."""
_ZONES: Final = timedelta(days=1)
"""A day of one zone is at most the day before or after in another."""


def due(config: Config, anchor: Anchor, zone: ZoneInfo, window_start: str) -> datetime:
    """Returns the instant at which an occurrence is due.

    Args:
        config: Delay, days and time of day.
        anchor: What happened, or the date that comes.
        zone: The contact's zone.
        window_start: Time of day at which the tenant's send window opens; stands in where a date has no time.
    """
    if config.timing is Timing.DELAY:
        return after(anchor.anchor_at + timedelta(minutes=config.delay_minutes), config.send_time, zone)
    day = (anchor.anchor_on or local_day(anchor.anchor_at, zone)) + timedelta(days=shift(config))
    return at(day, local_time(config.send_time or window_start), zone)


def shift(config: Config) -> int:
    """Returns how many days after its date a trigger is due; negative before it."""
    return (config.days_after or 0) - (config.days_before or 0)


def after(instant: datetime, send_time: str, zone: ZoneInfo) -> datetime:
    """Returns an instant, or the first time of day at or after it where one is set."""
    if not send_time:
        return instant
    day, moment = local_day(instant, zone), local_time(send_time)
    # The day before too: where a changeover skips the time, it means an instant of the next day.
    return min(
        found for offset in (-1, 0, 1, 2) if (found := at(day + offset * _DAY, moment, zone)) >= instant
    )


def kept_on(month: int, day: int, year: int) -> date:
    """Returns the day of a year on which a date recurs; 29 February is kept on 28 February in other years."""
    if (month, day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return date(year, month, day)


def kept_by(day: date) -> Iterator[tuple[int, int]]:
    """Yields the dates, as month and day, that are kept on a day."""
    yield day.month, day.day
    if (day.month, day.day) == (2, 28) and not isleap(day.year):
        yield 2, 29


def days_to_make(now: datetime) -> list[date]:
    """Returns the days on which something may become due within two days, in whatever zone."""
    first, last = (now - _ZONES).date(), (now + AHEAD + _ZONES).date()
    return [first + offset * _DAY for offset in range((last - first).days + 1)]


def dates_due(now: datetime, config: Config) -> list[date]:
    """Returns the dates for which a trigger may become due within two days, in whatever zone."""
    return [day - timedelta(days=shift(config)) for day in days_to_make(now)]


def term(reference: str, ends: datetime) -> str:
    """Returns the key of one term of something that can be renewed."""
    return f"{reference}/{ends.date().isoformat()}"


def beginning(day: date) -> datetime:
    """Returns the instant that stands for a date by itself."""
    return datetime.combine(day, time.min, UTC)
