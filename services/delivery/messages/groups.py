"""Calls of one caller that are accepted together, and how long they wait for each other."""

import asyncio
from typing import Final

from services.common.leases import wait_for
from services.delivery.messages.claims import Call
from services.delivery.messages.reading import Common

LARGEST: Final = 100
"""Calls of one group at most."""

SOON_SECONDS: Final = 0.01
"""So long a group waits at most for those who were just answered and call again."""


class Group:
    """Calls of one caller that wait for their turn."""

    __slots__ = ("_complete", "_expected", "contents", "running", "waiting")

    def __init__(self) -> None:
        self.waiting: list[Call] = []
        self.contents: dict[bytes, Common] = {}
        """What those who wait have read: calls of one moment mostly say the same."""
        self.running = 0
        self._expected = 0
        self._complete = asyncio.Event()

    def add(self, call: Call) -> None:
        """Lets a call wait for its turn."""
        self.waiting.append(call)
        if len(self.waiting) >= self._expected or call.is_critical:
            self._complete.set()

    async def gather(self, answered: int) -> None:
        """Waits a moment for callers who were just answered, until three quarters of all are there.

        Otherwise those who happened to wait would be a group, and those who call again a moment later the next one.
        Who is critical, or nearly alone, waits for nobody.
        """
        expected = min((answered + len(self.waiting)) * 3 // 4, LARGEST)
        if len(self.waiting) >= expected or any(call.is_critical for call in self.waiting):
            return
        self._expected = expected
        self._complete.clear()
        await wait_for(self._complete, SOON_SECONDS)
