"""Long work in short turns: between two turns of a block the event loop serves whoever is more urgent.

A turn that is taken while somebody urgent is served takes the core from what serves him: the database, another
process. So blocks wait between two turns while urgent work is in hand, for a moment each time and never for long.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

T = TypeVar("T")

TURN: Final = 100
"""Messages worked on without a pause: one to two milliseconds."""

FEW: Final = 20
"""So much is short work; more is worked on in turns that give way."""

PATIENCE_SECONDS: Final = 0.01
"""So long a turn waits for urgent work at most: a block of a thousand is a tenth of a second later, not more."""

_LOOK_SECONDS: Final = 0.001
_is_urgent: ContextVar[bool] = ContextVar("is_urgent", default=False)


class _InHand:
    """How much urgent work this process has in hand."""

    count = 0


@contextmanager
def urgent() -> Iterator[None]:
    """Marks work that somebody waits for; blocks give way to it between their turns."""
    mark = _is_urgent.set(True)
    _InHand.count += 1
    try:
        yield
    finally:
        _InHand.count -= 1
        _is_urgent.reset(mark)


async def give_way(size: int) -> None:
    """Lets others run, and waits a moment for what is urgent; short work and urgent work go on at once."""
    if size <= FEW or _is_urgent.get():
        return
    await asyncio.sleep(0)
    if not _InHand.count:
        return
    until = time.monotonic() + PATIENCE_SECONDS
    while _InHand.count and time.monotonic() < until:  # noqa: ASYNC110 - it ends in tasks that set nothing
        await asyncio.sleep(_LOOK_SECONDS)


async def in_turns(values: Sequence[T], size: int = TURN) -> AsyncIterator[Sequence[T]]:
    """Yields slices and gives way after each but the last."""
    for start in range(0, len(values), size):
        if start:
            await give_way(len(values))
        yield values[start : start + size]
