"""Deadlines: each call knows how long it has, outgoing calls get less, and work that cannot finish is refused."""

from __future__ import annotations

import math
import time
from contextvars import ContextVar

from services.common.errors import deadline_exceeded

SHAVE_SECONDS = 0.02
"""What an outgoing call gets less, so that its answer can still be used."""

LEAST_SECONDS = 0.03
"""Work with less time than this is refused instead of begun."""

UNARY_SECONDS = 5.0
"""Deadline of a unary call whose caller set none and whose service config says nothing (GEN-4)."""

_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


def remaining() -> float:
    """Returns the seconds the work in hand still has; infinite when nothing limits it."""
    return _deadline.get() - time.monotonic()


def begin(seconds: float) -> None:
    """Gives the rest of the task `seconds`; deadline exceeded when that is nearly nothing."""
    if seconds < LEAST_SECONDS:
        raise deadline_exceeded()
    _deadline.set(time.monotonic() + seconds)


def lift() -> None:
    """Takes the deadline off the rest of the task: several calls share its work, and each has its own."""
    _deadline.set(math.inf)


def outgoing(wanted: float | None) -> float | None:
    """Returns the time-out of an outgoing call: what it wants, but less than what is left; None when unlimited."""
    left = _deadline.get()
    if left == math.inf:
        return wanted
    seconds = left - time.monotonic() - SHAVE_SECONDS
    if seconds < LEAST_SECONDS:
        raise deadline_exceeded()
    return seconds if wanted is None or seconds < wanted else wanted
