"""Which of two events holds, whatever order they come in (CAM-80). Standard library only."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

Stamp = list[Any]
"""When something was said and by which event, as JSON: of two, the greater one holds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def stamp(occurred_at: datetime, event_id: UUID, *, rank: int = 0) -> Stamp:
    """Returns the stamp of what an event says; a higher rank holds against any later event."""
    return [rank, micros(occurred_at), str(event_id)]


def first_stamp(occurred_at: datetime, event_id: UUID) -> Stamp:
    """Returns the stamp of what holds from the first event on that says it."""
    return [0, -micros(occurred_at), str(event_id)]


def holds(known: Mapping[str, Stamp], name: str, said: Stamp) -> bool:
    """Returns whether what is said now holds against what was said before."""
    return name not in known or known[name] < said


def micros(instant: datetime) -> int:
    """Returns an instant as microseconds since 1970, which JSON keeps exactly."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(microseconds: int) -> datetime:
    """Returns the instant of `micros`."""
    return _EPOCH + microseconds * _MICROSECOND
