"""Connections at once to one domain of recipients, over all blocks of an account in this process."""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping

from services.delivery.providers.base import Outgoing

ANY = "*"


class Domains:
    """Counts the messages under way to each limited domain; with no limits it counts nothing."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._busy: Counter[str] = Counter()
        self._waiting: set[asyncio.Event] = set()

    def may_take(self, outgoing: Outgoing) -> bool:
        """Whether the domain of a message has a connection left."""
        if not self._limits:
            return True
        domain = _domain(outgoing)
        return self._busy[domain] < (self._limits.get(domain) or self._limits.get(ANY) or math.inf)

    def hold(self, outgoing: Outgoing) -> None:
        """Takes a connection until the message is settled or given back."""
        if self._limits:
            self._busy[_domain(outgoing)] += 1

    def free(self, outgoing: Outgoing) -> None:
        """Gives the connection of a message back."""
        if self._limits:
            domain = _domain(outgoing)
            self._busy[domain] = max(self._busy[domain] - 1, 0)
            for event in self._waiting:
                event.set()

    async def changed(self, seconds: float) -> None:
        """Waits until a connection was given back, or for some time."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return
        finally:
            self._waiting.discard(event)


def _domain(outgoing: Outgoing) -> str:
    return outgoing.address.rpartition("@")[2].lower()
