"""Streams of numbered blocks: a few in flight, answered in order, sent again after an interruption."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, Protocol, Self, TypeVar

from services.common.errors import ServiceError


class Answer(Protocol):
    """What a service answers to a block."""

    block_number: int


class Block(Protocol):
    """What is sent."""

    block_number: int


BlockT = TypeVar("BlockT", bound=Block)
AnswerT = TypeVar("AnswerT", bound=Answer)
NotesT = TypeVar("NotesT")

_IN_FLIGHT = 4
_PATIENCE = 90.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
# Streams end before the shortest time-out of the contract does, and are opened anew.
_LIFE = 240.0
_TRANSIENT = frozenset({"DEPENDENCY_UNAVAILABLE", "DEADLINE_EXCEEDED", "VERSION_CONFLICT", "RATE_LIMITED"})


class BlockPump(Generic[BlockT, AnswerT, NotesT]):
    """Sends blocks by a bidirectional call and hands each answer to `on_answer`, with what was noted beside the block.

    Repeats must be safe: after a lost connection, blocks without an answer are sent again. ServiceError when the
    service refuses, or is away for more than a minute and a half.
    """

    def __init__(
        self,
        call: Callable[[AsyncIterator[Any]], AsyncIterator[Any]],
        on_answer: Callable[[BlockT, NotesT, AnswerT], Awaitable[None]],
    ) -> None:
        self._call = call
        self._on_answer = on_answer
        self._waiting: deque[tuple[BlockT, NotesT]] = deque()
        self._sent = 0
        self._numbered = 0
        self._stream = 0
        self._ending = False
        self._over = False
        self._changed = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def send(self, block: BlockT, notes: NotesT) -> None:
        """Numbers a block and takes it, waiting while too many are in flight."""
        self._numbered += 1
        block.block_number = self._numbered
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._waiting) < _IN_FLIGHT or self._over)
            self._waiting.append((block, notes))
            self._changed.notify_all()
        if self._over:
            await self.finish()

    async def finish(self) -> None:
        """Returns once everything that was sent has been answered."""
        async with self._changed:
            self._ending = True
            self._changed.notify_all()
        if self._task:
            await self._task

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            await self._until_finished()
        finally:
            async with self._changed:
                # Who waits for a place learns that none will come.
                self._over = True
                self._changed.notify_all()

    async def _until_finished(self) -> None:
        pause, failing_since = _FIRST_PAUSE, 0.0
        while await self._something_to_send():
            self._stream += 1
            self._sent = 0
            try:
                async for answer in self._call(self._blocks(self._stream)):
                    pause, failing_since = _FIRST_PAUSE, 0.0
                    await self._answered(answer)
            except ServiceError as error:
                failing_since = failing_since or time.monotonic()
                if error.reason not in _TRANSIENT or time.monotonic() - failing_since > _PATIENCE:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _something_to_send(self) -> bool:
        """Waits for a block; False once the last one has been answered."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting or self._ending)
            return bool(self._waiting)

    async def _answered(self, answer: AnswerT) -> None:
        block, notes = self._waiting[0]
        if answer.block_number != block.block_number:
            raise RuntimeError(f"block {block.block_number} was answered as {answer.block_number}")
        await self._on_answer(block, notes, answer)
        async with self._changed:
            self._waiting.popleft()
            self._sent -= 1
            self._changed.notify_all()

    async def _blocks(self, stream: int) -> AsyncIterator[BlockT]:
        """Yields blocks for one stream: those without an answer first."""
        ends = time.monotonic() + _LIFE
        while stream == self._stream:
            async with self._changed:
                await self._changed.wait_for(
                    lambda: stream != self._stream or self._ending or self._sent < len(self._waiting)
                )
                if stream != self._stream or self._sent >= len(self._waiting):
                    return
                block = self._waiting[self._sent][0]
                self._sent += 1
            yield block
            if time.monotonic() > ends:
                return
