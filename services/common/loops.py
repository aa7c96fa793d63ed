"""Loops that look for work, do what is due, and rest."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from services.common.db.outages import is_outage
from services.common.errors import ServiceError
from services.common.leases import wait_for

logger = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_SECONDS: Final = 1.0
"""How long a loop rests that found nothing due."""


async def repeat(
    step: Callable[[], Awaitable[bool]], stop: asyncio.Event, what: str, *, rest: float = LOOK_SECONDS
) -> None:
    """Repeats a step until stop is set; rests when it found nothing, or when a service or the database is away.

    Args:
        step: Does what is due; False when nothing was.
        stop: What is in hand is finished after it is set.
        what: What waits while others are away, for the log.
        rest: Seconds between two looks.
    """
    while not stop.is_set():
        try:
            if await step():
                continue
        except Exception as error:
            if not isinstance(error, ServiceError) and not is_outage(error):
                raise
            logger.warning("%s wait: %s", what, type(error).__name__)
        await wait_for(stop, rest)


async def apart(what: str, work: Awaitable[T], otherwise: T) -> T:
    """Does one of several pieces of work; trouble with it is logged, and stops none of the others (JOB-4).

    An outage of the database is everybody's trouble, and raised.

    Args:
        what: The piece, for the log.
        work: Does it.
        otherwise: What is returned when it failed.
    """
    try:
        return await work
    except Exception as error:
        if is_outage(error):
            raise
        if isinstance(error, ServiceError):
            logger.warning("%s waits: %s", what, error.reason)
        else:
            logger.warning("work goes on without %s", what, exc_info=error)
        return otherwise
