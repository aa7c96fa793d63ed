"""Waiting for what the kernel knows and tells nobody: whether a process still runs."""

import asyncio
from collections.abc import Callable

POLL_SECONDS = 0.05


async def until(condition: Callable[[], bool], every: float = POLL_SECONDS) -> None:
    """Returns once the condition holds."""
    while not condition():  # noqa: ASYNC110 - a process that was adopted sends no event when it ends
        await asyncio.sleep(every)
