"""Waiting longer after each failure, with jitter."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")


def backoff(
    attempt: int,
    *,
    base: timedelta = timedelta(seconds=1),
    factor: float = 2.0,
    cap: timedelta = timedelta(seconds=60),
    jitter: float = 0.3,
    draw: Callable[[], float] = random.random,
) -> timedelta:
    """Returns how long to wait after failure number `attempt` (from 1).

    The delay is `base * factor ** (attempt - 1)`, at most `cap`, lengthened by up to `jitter` of itself so that
    many waiters do not return together.
    """
    if attempt < 1:
        raise ValueError("attempts are counted from 1")
    # The exponent is bounded before the power: a waiter that has failed for days must not overflow.
    delay = min(base.total_seconds() * factor ** min(attempt - 1, 64), cap.total_seconds())
    return timedelta(seconds=delay * (1 + jitter * draw()))


async def retrying(
    operation: Callable[[], Awaitable[T]],
    *,
    attempts: int,
    retry_on: Callable[[Exception], bool],
    delay: Callable[[int], timedelta] = backoff,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Runs an operation up to `attempts` times and raises its last error; an error not retried on is raised at once."""
    attempt = 0
    while True:
        attempt += 1
        try:
            return await operation()
        except Exception as error:
            if attempt >= attempts or not retry_on(error):
                raise
        await sleep(delay(attempt).total_seconds())
