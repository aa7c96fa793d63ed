"""The relay: stamps committed events with gapless positions and publishes them in that order (EVT-10)."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.common.db.database import Database
from services.common.events import measures, outbox
from services.common.events.groups import Groups
from services.common.events.routes import consumers_of
from services.common.events.stream import Entry, EventStream
from services.common.leases import Lease, wait_for, while_leased
from services.common.retry import backoff

logger = logging.getLogger(__name__)

WAKE_WATCHERS = "events"
"""Topic on which newly stamped positions wake the feeds."""

BLOCK = 1000
BLOCK_BYTES = 4 * 1024 * 1024
WINDOW_BYTES = 64 * 1024 * 1024
"""How much the stream may hold that living groups have not acknowledged; the rest waits in the outbox."""

_LEASE_TTL = timedelta(seconds=10)
_POLL_SECONDS = 0.5
_GATHER_SECONDS = 0.01
_LONGEST_GATHER_SECONDS = 0.04
_STEADY_SECONDS = 0.05
"""Events that follow each other closer than this are a stream: each pause is then twice the one before."""
_CHECK_SECONDS = 1.0
_FULL_PAUSE_SECONDS = 0.1

# Whoever stamps holds the one row of relay_state, so positions stay gapless even when a lease is lost unnoticed. The
# lock is a statement of its own: the next one then sees what the previous holder committed. Within one look at the table
# the order of ids is that of commits wherever it matters, because a transaction takes its ids just before its commit,
# while it holds the locks of what it changed.
# Where nothing waits nothing is locked, and so nothing written.
_LOCK = """
SELECT position FROM relay_state WHERE EXISTS (SELECT FROM outbox WHERE position IS NULL) FOR UPDATE
"""

_STAMP = """
WITH waiting AS (
    SELECT tenant_id, id, octet_length(envelope) AS size
    FROM outbox WHERE position IS NULL ORDER BY id LIMIT %(rows)s
), counted AS (
    SELECT tenant_id, id, row_number() OVER (ORDER BY id) AS number, sum(size) OVER (ORDER BY id) - size AS before
    FROM waiting
), stamped AS (
    UPDATE outbox SET position = %(position)s + counted.number
    FROM counted
    WHERE outbox.tenant_id = counted.tenant_id AND outbox.id = counted.id AND counted.before < %(bytes)s
      AND outbox.position IS NULL
    RETURNING outbox.position, outbox.type, outbox.envelope
), moved AS (
    UPDATE relay_state SET position = (SELECT max(position) FROM stamped) WHERE EXISTS (SELECT FROM stamped)
)
SELECT position, type, envelope FROM stamped ORDER BY position
"""

_READ = """
SELECT position, type, envelope FROM (
    SELECT position, type, envelope, sum(octet_length(envelope)) OVER (ORDER BY position) AS size
    FROM (
        SELECT position, type, envelope FROM outbox
        WHERE position > %(after)s ORDER BY position LIMIT %(rows)s
    ) AS next
) AS measured
WHERE size - octet_length(envelope) < %(bytes)s ORDER BY position
"""

_BACKLOG = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM (
    SELECT created_at FROM outbox WHERE position IS NULL
    UNION ALL
    (SELECT created_at FROM outbox WHERE position > %s ORDER BY position LIMIT 10000)
) AS waiting
"""


class Relay:
    """Carries the outbox of one service to its stream; any number may run, one at a time works.

    `groups` names the services that consume this one's events, those of the routes unless given. Nothing is trimmed before all of them have it, except
    that a group nobody consumes in may be passed over when the stream is full: the stream is rebuilt for it from the
    outbox once it is back.
    """

    def __init__(
        self,
        database: Database,
        redis: Redis,
        service: str,
        *,
        groups: Iterable[str] | None = None,
        window_bytes: int = WINDOW_BYTES,
        lease_ttl: timedelta = _LEASE_TTL,
    ) -> None:
        self.stream = EventStream(redis, service)
        self._database = database
        self._service = service
        known = consumers_of(service) if groups is None else groups
        self._groups = Groups(database, self.stream, service, known)
        self._window_bytes = window_bytes
        self._lease_ttl = lease_ttl
        self._position = 0
        self._published = 0
        self._may_start = False
        self._stream_bytes = 0

    async def loop(self, stop: asyncio.Event) -> None:
        """Relays until stop is set; an unreachable database or Redis is waited for."""
        await while_leased(
            self._database, "relay", lambda lease: self._work(lease, stop), stop, ttl=self._lease_ttl
        )

    async def _work(self, lease: Lease, stop: asyncio.Event) -> None:
        failures = 0
        pause = _GATHER_SECONDS
        async with self._woken() as woken:
            checked = 0.0
            while lease.held and not stop.is_set():
                woken.clear()
                try:
                    stamped = await self._stamp()
                    if time.monotonic() - checked >= _CHECK_SECONDS:
                        await self._check()
                        checked = time.monotonic()
                    busy = await self._publish(stamped) or _is_full(stamped)
                    failures = 0
                except RedisError as error:
                    # Stamping goes on, for feeds read the outbox; the stream is looked at anew when Redis is back.
                    failures += 1
                    checked = 0.0
                    logger.warning("stream of %s is unreachable: %s", self._service, type(error).__name__)
                    await wait_for(stop, backoff(failures, base=timedelta(seconds=0.2)).total_seconds())
                    continue
                if not busy:
                    waiting = time.monotonic()
                    await wait_for(woken, _POLL_SECONDS)
                    # What is committed within a moment is carried together; who was quiet is heard at once.
                    is_steady = bool(stamped) and time.monotonic() - waiting < _STEADY_SECONDS
                    await asyncio.sleep(pause if stamped else 0)
                    pause = min(2 * pause, _LONGEST_GATHER_SECONDS) if is_steady else _GATHER_SECONDS

    @contextlib.asynccontextmanager
    async def _woken(self) -> AsyncIterator[asyncio.Event]:
        """Gives an event that is set by every commit with events, in whatever process it happened."""
        woken = asyncio.Event()

        async def follow() -> None:
            async for _ in self._database.listen(outbox.WAKE_RELAY):
                woken.set()

        task = asyncio.create_task(follow(), name=f"relay-wake-{self._service}")
        try:
            yield woken
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _stamp(self) -> list[Entry]:
        """Gives the next block of committed events its positions and returns it."""
        async with self._database.system() as uow:
            position = await uow.fetch_value(_LOCK)
            if position is None:
                return []
            rows = await uow.fetch_all(_STAMP, {"position": position, "rows": BLOCK, "bytes": BLOCK_BYTES})
        if rows:
            self._position = rows[-1][0]
            self._database.wake(WAKE_WATCHERS)
        return [Entry(*row) for row in rows]

    async def _publish(self, stamped: list[Entry]) -> bool:
        """Publishes what follows the stream's end; returns whether there may be more to do at once."""
        if self._published >= self._position:
            return False
        if self._stream_bytes >= self._window_bytes:
            await self._check()
            if self._stream_bytes >= self._window_bytes:
                await asyncio.sleep(_FULL_PAUSE_SECONDS)
                return True
        block = stamped
        if not block or block[0].position != self._published + 1:
            block = await self._read()
        if not block:
            await self._resume()
            return True
        last = await self.stream.publish(block, may_start=self._may_start)
        if last != block[-1].position:
            logger.warning("stream of %s stands at %s, not before %s", self._service, last, block[0].position)
            await self._resume()
            return True
        self._may_start = False
        self._published = last
        self._stream_bytes += sum(len(entry.envelope) for entry in block)
        measures.published.labels(self._service).inc(len(block))
        return self._published < self._position

    async def _read(self) -> list[Entry]:
        async with self._database.system() as uow:
            rows = await uow.fetch_all(_READ, {"after": self._published, "rows": BLOCK, "bytes": BLOCK_BYTES})
        block = [Entry(*row) for row in rows]
        if block and block[0].position != self._published + 1:
            return []
        return block

    async def _check(self) -> None:
        """Looks at the stream and its groups: trims, heals, measures."""
        state = await self.stream.state()
        self._stream_bytes = state.memory
        if state.last != self._published or self._may_start or self._position == 0:
            await self._resume()
        await self._groups.refresh(state, full=self._stream_bytes >= self._window_bytes)
        if self._groups.needs_rebuild:
            logger.warning("stream of %s is rebuilt for a group that missed events", self._service)
            await self._rebuild()
        elif self._groups.trimmed:
            self._stream_bytes = (await self.stream.state()).memory
        async with self._database.system() as uow:
            pending, age = (await uow.fetch_one(_BACKLOG, (self._published,))) or (0, 0.0)
        measures.outbox_pending.labels(self._service).set(pending)
        measures.outbox_lag.labels(self._service).set(age)

    async def _resume(self) -> None:
        """Finds where to go on: after the stream's last entry, or where a lost stream must begin again."""
        state = await self.stream.state()
        async with self._database.system() as uow:
            oldest, position = await outbox.bounds(uow)
        self._position = position
        start = state.last
        if state.last > position:
            logger.error("stream of %s is ahead of its outbox; it belongs to another database", self._service)
            await self._rebuild()
            return
        if state.last == 0:
            # A lost stream begins where the slowest group stands.
            start = await self._groups.floor()
        if start < oldest - 1:
            measures.stream_gap.labels(self._service).inc()
            logger.error("events %s to %s of %s are no longer kept", start + 1, oldest - 1, self._service)
            await self.stream.reset()
            start = oldest - 1
            self._may_start = True
        else:
            self._may_start = state.last == 0
        if state.last == 0 and start < position:
            measures.stream_healed.labels(self._service).inc()
        self._published = min(start, position)

    async def _rebuild(self) -> None:
        await self.stream.reset()
        self._stream_bytes = 0
        await self._resume()


def _is_full(stamped: list[Entry]) -> bool:
    """Returns whether more events may have waited than were stamped at once."""
    return len(stamped) >= BLOCK or sum(len(entry.envelope) for entry in stamped) >= BLOCK_BYTES
