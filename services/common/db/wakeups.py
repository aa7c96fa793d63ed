"""Wake-ups between processes: LISTEN and NOTIFY beside the transactions, never inside them.

A NOTIFY inside a transaction makes every such commit of the database wait for one lock. So a commit only sets a
flag here; one connection per process then notifies: at once of what was not told for a pause, else when the pause is
over. A process that dies between its commit and the wake-up loses nothing: whoever waits also polls.
"""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg

from services.common.db.connection import ScopedConnection
from services.common.retry import backoff

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.02
"""So long the same word for the same topic is told once; other words do not wait for it."""

_NOTIFY = "SELECT pg_notify(%s, word) FROM unnest(%s::text[]) AS word"

Connect = Callable[[], Awaitable[ScopedConnection]]


class Wakeups:
    """Topics of one schema; a payload is a short word, and several of one moment may arrive as one."""

    def __init__(self, channel: str, connect: Connect) -> None:
        self._channel = channel
        self._connect = connect
        self._waiting: defaultdict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self._pending: dict[str, None] = {}
        self._told: dict[str, float] = {}
        self._wanted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._notifying = False
        self._listening = False

    def wake(self, topic: str, payload: str = "") -> None:
        """Wakes whoever listens to the topic, here at once and in other processes within milliseconds."""
        self._deliver(topic, payload)
        self._pending[f"{topic}:{payload}"] = None
        self._wanted.set()
        if not self._notifying:
            self._notifying = True
            self._tasks.append(asyncio.create_task(self._notify(), name="wakeups-notify"))

    async def listen(self, topic: str) -> AsyncIterator[str]:
        """Yields payloads of a topic as they come; an empty one also after a reconnection, since some may be lost."""
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=100)
        self._waiting[topic].add(queue)
        if not self._listening:
            self._listening = True
            self._tasks.append(asyncio.create_task(self._listen(), name="wakeups-listen"))
        try:
            while True:
                yield await queue.get()
        finally:
            self._waiting[topic].discard(queue)

    async def close(self) -> None:
        """Ends both connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def _deliver(self, topic: str, payload: str) -> None:
        for queue in self._waiting.get(topic, ()):
            # A full queue already holds a reason to look.
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(payload)

    async def _notify(self) -> None:
        await self._keep_connected(self._send_pending)

    async def _listen(self) -> None:
        await self._keep_connected(self._receive)

    async def _keep_connected(self, work: Callable[[ScopedConnection], Awaitable[None]]) -> None:
        failures = 0
        while True:
            try:
                async with await self._connect() as connection:
                    failures = 0
                    await work(connection)
            except (OSError, psycopg.Error) as error:
                failures += 1
                logger.info("wake-ups of %s are interrupted: %s", self._channel, type(error).__name__)
                await asyncio.sleep(backoff(failures).total_seconds())

    async def _send_pending(self, connection: ScopedConnection) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if words := self._due():
                await connection.execute(_NOTIFY, (self._channel, words))
            if self._pending:
                await self._until_next()

    def _due(self) -> list[str]:
        """Returns the words that were not told for a pause, and forgets which were told before that."""
        now = time.monotonic()
        self._told = {word: at for word, at in self._told.items() if now - at < PAUSE_SECONDS}
        words = [word for word in self._pending if word not in self._told]
        for word in words:
            del self._pending[word]
            self._told[word] = now
        return words

    async def _until_next(self) -> None:
        """Waits until a word that waits may be told again, or until there is another one."""
        first = min(self._told.get(word, 0.0) for word in self._pending)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(first + PAUSE_SECONDS - time.monotonic()):
                await self._wanted.wait()
        self._wanted.set()

    async def _receive(self, connection: ScopedConnection) -> None:
        await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(self._channel)))
        for topic in list(self._waiting):
            self._deliver(topic, "")
        async for notice in connection.notifies():
            if notice.pid != connection.info.backend_pid:
                topic, _, payload = notice.payload.partition(":")
                self._deliver(topic, payload)
