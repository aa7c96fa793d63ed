"""Callers: many unary calls in flight, timed one by one, and streams of blocks."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Load:
    """What a caller saw."""

    seconds: float
    milliseconds: Sequence[float]
    """Time of each call, sorted."""

    def quantile(self, share: float) -> float:
        """Returns the time within which a share of the calls was answered."""
        return self.milliseconds[min(len(self.milliseconds) - 1, int(share * len(self.milliseconds)))]


async def unary(
    call: Callable[..., Awaitable[Any]], requests: Iterable[Any], metadata: Metadata, *, in_flight: int
) -> Load:
    """Makes a call for each request, so many at once, and times each."""
    waiting = iter(requests)
    times: list[float] = []

    async def caller() -> None:
        for request in waiting:
            began = time.perf_counter()
            await call(request, metadata=metadata, timeout=30)
            times.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(caller())
    return Load(time.perf_counter() - began, sorted(times))


async def stream(
    call: Callable[..., grpc.aio.StreamStreamCall[Any, Any]], requests: Sequence[Any], metadata: Metadata
) -> list[Any]:
    """Sends requests over one stream, as fast as flow control lets it, and returns the answers."""
    return [answer async for answer in call(iter(requests), metadata=metadata, timeout=300)]
