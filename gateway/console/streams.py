"""Live streams: how many there may be, and how they end when the gateway drains."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PER_SESSION: Final = 4
"""Streams of one session in one process; browsers keep no more than six connections to a host."""
IN_ALL: Final = 200


class TooManyStreams(Exception):
    """One more stream than there may be."""


class Streams:
    """The live streams of a process."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._draining = asyncio.Event()

    @contextmanager
    def opened(self, session_id: str) -> Iterator[None]:
        """Counts one stream while the block runs; TooManyStreams beyond the limits."""
        if self._open[session_id] >= PER_SESSION or self._open.total() >= IN_ALL:
            raise TooManyStreams
        self._open[session_id] += 1
        try:
            yield
        finally:
            self._open[session_id] -= 1
            if not self._open[session_id]:
                del self._open[session_id]

    @property
    def count(self) -> int:
        """Returns how many streams are open."""
        return self._open.total()

    def drain(self) -> None:
        """Ends all streams at their next breath; no new one begins."""
        self._draining.set()

    async def breath(self, seconds: float) -> bool:
        """Waits, and returns whether streams go on."""
        try:
            async with asyncio.timeout(seconds):
                await self._draining.wait()
        except TimeoutError:
            return True
        return False
