"""When a cron expression is due, by the clock of a zone (LIF-65)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from services.common.zones import resolve

CLOSEST: Final = 5
"""Minutes that lie between two planned times at least."""
LATEST: Final = timedelta(hours=1)
"""How late a planned time is still caught up with (JOB-18)."""
_FIELDS: Final = 5
_AHEAD: Final = 100
"""Years are not searched for ever: an expression whose days never come is due at no time."""


def problem(expression: str) -> str:
    """Returns what is wrong with an expression; empty when nothing is."""
    if len(expression.split()) != _FIELDS:
        return "must have five fields: minute, hour, day of month, month, day of week"
    try:
        times = CronSim(expression, datetime(2024, 1, 1))  # noqa: DTZ001 - a clock without zone is meant
        if next(iter(times), None) is None:
            return "never comes"
    except (CronSimError, StopIteration):
        return "is no cron expression"
    if _closest(times) < CLOSEST:
        return f"must leave at least {CLOSEST} minutes between two times"
    return ""


def after(expression: str, zone: ZoneInfo, moment: datetime) -> datetime | None:
    """Returns the first planned time after an instant, in UTC; None when there is none any more.

    Expressions with fixed hours and minutes follow the clock: a time that a changeover skips comes right after it, one
    that occurs twice comes once (GEN-14). Those that repeat within hours go on evenly.
    """
    for planned in islice(_times(expression, zone, moment), _AHEAD):
        if planned > moment:
            return planned
    return None


def latest(expression: str, zone: ZoneInfo, since: datetime, moment: datetime) -> datetime | None:
    """Returns the last planned time from one instant up to another, both included; None when there is none.

    Looks back for as long as a time may be caught up with.
    """
    found = None
    planned = after(expression, zone, max(since, moment - LATEST) - timedelta(microseconds=1))
    while planned is not None and planned <= moment:
        found, planned = planned, after(expression, zone, planned)
    return found


def _times(expression: str, zone: ZoneInfo, moment: datetime) -> Iterator[datetime]:
    minute, hour = expression.split()[:2]
    local = moment.astimezone(zone)
    if minute.startswith("*") or hour.startswith("*"):
        for planned in CronSim(expression, local):
            yield planned.astimezone(UTC)
        return
    # An hour back, so that what a changeover moved is not passed over.
    for planned in CronSim(expression, local.replace(tzinfo=None, fold=0) - timedelta(hours=3)):
        yield resolve(planned, zone)


def _closest(times: CronSim) -> int:
    """Returns how many minutes lie between two times at least, whatever the days are."""
    minutes, hours = sorted(times.minutes), sorted(times.hours)
    gaps = [later - earlier for earlier, later in pairwise(minutes)]
    around = {(hour + 1) % 24 for hour in hours}
    if around & set(hours):
        gaps.append(60 - minutes[-1] + minutes[0])
    return min(gaps, default=60)
