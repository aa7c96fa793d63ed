"""How often a campaign is sent, and what a schedule may not be (CAM-103, CAM-108, CAM-109). Standard library only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

_LOCAL_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


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
    if not _LOCAL_TIME.fullmatch(recurrence.local_time):
        yield "campaign.recurrence.local_time", "must be a time HH:MM, 00:00 to 23:59"
