"""What the roles hold and what waits, looked at again and again."""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from redis.asyncio import Redis

from bench.processes import Meter
from bench.quiet import events_waiting
from bench.stack import Stack

KEEPING: Final = frozenset({"postgres", "valkey", "sandbox"})
"""Roles that are there to keep: what they hold is told, and may grow."""
_SLACK: Final = 8 * 2**20
"""Bytes that a process may grow by whatever its size: an arena of its allocator."""
_SPAN: Final = 0.1
_WAITING: Final[Mapping[str, str]] = {
    "messages for a worker": "SELECT coalesce(sum(message_count), 0) FROM delivery.dispatch_block",
    "messages for their time": "SELECT count(*) FROM delivery.message_wait",
    "hand-overs without an end": "SELECT count(*) FROM delivery.handover WHERE finished_at IS NULL",
    "bodies of webhooks": "SELECT count(*) FROM delivery.receipt_batch WHERE state = 1",
    "opens and clicks": "SELECT count(*) FROM delivery.engagement_hit",
    "blocks of campaigns": "SELECT count(*) FROM campaign.campaign_block WHERE state < 3",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One look."""

    seconds: float
    memory: dict[str, int]
    waiting: dict[str, int]


@dataclass
class Samples:
    """All looks of a run, in their order."""

    stack: Stack
    redis: "Redis"
    every: float
    taken: list[Sample] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    async def take(self) -> Sample:
        """Looks once."""
        memory = await asyncio.to_thread(self._meter().memory)
        sample = Sample(time.monotonic() - self._began, memory, await self.waiting())
        self.taken.append(sample)
        return sample

    async def waiting(self) -> dict[str, int]:
        """Returns what waits now, by the name of its queue."""
        found = {name: await self.stack.count(query) for name, query in _WAITING.items()}
        return {**found, **await events_waiting(self.stack, self.redis)}

    async def loop(self, tell: Any) -> None:
        """Looks until it is cancelled."""
        while True:
            tell(await self.take())
            await asyncio.sleep(self.every)

    def _meter(self) -> Meter:
        return self.stack.meter()


@dataclass(frozen=True, slots=True)
class Growth:
    """What a role held early and late."""

    role: str
    early: int
    late: int
    most: int

    @property
    def share(self) -> float:
        """Returns by which share of itself it grew."""
        return self.late / self.early - 1 if self.early else 0.0

    def is_flat(self, allowed: float) -> bool:
        """Returns whether it grew by no more than is allowed."""
        return self.share <= allowed or self.late - self.early <= _SLACK


def growth(samples: Sequence[Sample], begins: float, ends: float) -> list[Growth]:
    """Returns how the roles grew from one instant to another, by medians of a tenth of the time at either end."""
    span = (ends - begins) * _SPAN
    early = [one for one in samples if begins <= one.seconds <= begins + span]
    late = [one for one in samples if ends - span <= one.seconds <= ends]
    if not early or not late:
        return []
    return [
        Growth(
            role,
            int(statistics.median(one.memory.get(role, 0) for one in early)),
            int(statistics.median(one.memory.get(role, 0) for one in late)),
            max(one.memory.get(role, 0) for one in samples),
        )
        for role in late[-1].memory
    ]
