"""Long work in short turns: between two turns of a block the event loop serves whoever is more urgent."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

TURN: Final = 100
"""Messages worked on without a pause: one to two milliseconds."""


async def in_turns(values: Sequence[T], size: int = TURN) -> AsyncIterator[Sequence[T]]:
    """Yields slices and lets others run after each but the last."""
    for start in range(0, len(values), size):
        if start:
            await asyncio.sleep(0)
        yield values[start : start + size]
