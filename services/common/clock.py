"""The clock: code that decides by time takes one, so that a test can choose the instant (GEN-16)."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Returns the instant, aware and in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Returns the instant, aware and in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = _in_utc(start)

    def now(self) -> datetime:
        """Returns the instant it was set to."""
        return self._now

    def set(self, instant: datetime) -> None:
        """Moves to an instant."""
        self._now = _in_utc(instant)

    def advance(self, by: timedelta) -> None:
        """Moves forward."""
        self._now += by


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC)
