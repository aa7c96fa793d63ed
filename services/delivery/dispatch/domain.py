"""What becomes of a message after a try: retried, failed, or unknown (DEL-77 to DEL-83)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from random import random
from typing import Final

from services.delivery.messages.domain import Lane, State

LATER_FACTORS: Final = (1, 6, 60)
"""The second and third delay are 6 and 60 times the first: 5 s, 30 s, 300 s."""

LONGEST_DELAY: Final = timedelta(minutes=5)
LONGEST_CRITICAL_DELAY: Final = timedelta(seconds=30)
JITTER: Final = 0.2

DUPLICATE_ACCEPTED: Final = "duplicate_accepted"
"""Code of a try whose outcome nobody knows, where somebody said that the message may go out twice."""


class Result(IntEnum):
    """What came of one try."""

    ACCEPTED = 1
    RETRYABLE = 2
    PERMANENT = 3
    UNKNOWN = 4


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon a refused message is tried again (DEL-81)."""

    retries: int = 3
    first_delay: timedelta = timedelta(seconds=5)

    def delay(
        self,
        attempt: int,
        lane: Lane,
        retry_after: timedelta | None = None,
        draw: Callable[[], float] = random,
    ) -> timedelta:
        """Returns how long to wait after try number `attempt`, within 20 % of the plan and below the lane's limit."""
        factor = LATER_FACTORS[min(attempt, len(LATER_FACTORS)) - 1]
        planned = self.first_delay * factor * (1 - JITTER + 2 * JITTER * draw())
        if retry_after is not None:
            planned = max(planned, retry_after)
        return min(planned, LONGEST_CRITICAL_DELAY if lane is Lane.CRITICAL else LONGEST_DELAY)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a try makes of a message."""

    state: State
    wake_at: datetime | None = None
    dead_letter: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a message, as its outcome is weighed."""

    number: int
    lane: Lane
    expire_at: datetime
    retry_after: timedelta | None = None
    recipient_fault: bool = False
    is_code_unknown: bool = False
    """Nobody knows the code: it is tried a second time only (DEL-82)."""


def settle(
    result: Result, done: Try, policy: RetryPolicy, now: datetime, draw: Callable[[], float] = random
) -> Settled:
    """Returns the state after a try.

    A retry is never planned past the expiry; a message whose time comes first expires then.
    """
    if result is Result.ACCEPTED:
        return Settled(State.SENT)
    if result is Result.UNKNOWN:
        return Settled(State.UNKNOWN)
    retries = min(policy.retries, 1) if done.is_code_unknown else policy.retries
    if result is Result.PERMANENT or done.number > retries:
        return Settled(State.FAILED, dead_letter=not done.recipient_fault)
    due = now + policy.delay(done.number, done.lane, done.retry_after, draw)
    return Settled(State.RETRYING, wake_at=min(due, done.expire_at))
