"""Brings opens and clicks to delivery in blocks: hits that arrive together share one call."""

import asyncio
import time
from dataclasses import dataclass

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from angarium.delivery.v1.receipt_service_pb2_grpc import ReceiptServiceStub
from services.common.errors import ServiceError, unavailable

MAX_HITS = 500
CALLS_AT_ONCE = 4
# While delivery is away blocks wait in memory, so many and so long; then their hits are lost and it is said so.
MAX_BLOCKS = 200
PATIENCE_SECONDS = 30.0
AWAY = frozenset({"DEPENDENCY_UNAVAILABLE", "DEADLINE_EXCEEDED", "VERSION_CONFLICT"})


@dataclass(slots=True)
class _Waiting:
    hit: delivery_pb2.EngagementHit
    answer: "asyncio.Future[delivery_pb2.EngagementResult]"


class EngagementRecorder:
    """Collects hits for a few milliseconds and records them as one block."""

    def __init__(self, stub: ReceiptServiceStub, *, linger_ms: int) -> None:
        self._stub = stub
        self._linger = linger_ms / 1000
        self._waiting: list[_Waiting] = []
        self._timer: asyncio.TimerHandle | None = None
        self._calls = asyncio.Semaphore(CALLS_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    async def record(self, hit: delivery_pb2.EngagementHit) -> delivery_pb2.EngagementResult:
        """Returns what delivery says of the hit; ServiceError when it stays away.

        Who gives up waiting takes nothing back: the hit is recorded once delivery answers again.
        """
        if len(self._running) >= MAX_BLOCKS:
            raise unavailable("delivery")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(hit, loop.create_future())
        self._waiting.append(waiting)
        if len(self._waiting) >= MAX_HITS:
            self._leave()
        elif self._timer is None:
            self._timer = loop.call_later(self._linger, self._leave)
        return await waiting.answer

    async def drain(self, within: float) -> None:
        """Waits until every hit taken so far is recorded, for so many seconds at most."""
        self._leave()
        if self._running:
            await asyncio.wait(self._running, timeout=within)

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            block, self._waiting = self._waiting, []
            task = asyncio.create_task(self._call(block))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _call(self, block: list[_Waiting]) -> None:
        try:
            async with self._calls:
                response = await self._told(
                    delivery_pb2.RecordEngagementRequest(hits=[waiting.hit for waiting in block])
                )
        except Exception as error:  # noqa: BLE001 - every waiting request must learn of any failure
            for waiting in block:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            return
        for waiting, result in zip(block, response.results, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(result)

    async def _told(
        self, request: delivery_pb2.RecordEngagementRequest
    ) -> delivery_pb2.RecordEngagementResponse:
        """Repeats a call until delivery answers; a hit it knows already is not counted again."""
        ends, pause = time.monotonic() + PATIENCE_SECONDS, 0.1
        while True:
            try:
                response: delivery_pb2.RecordEngagementResponse = await self._stub.RecordEngagement(request)
                return response
            except ServiceError as error:
                if error.reason not in AWAY or time.monotonic() + pause > ends:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1.0)
