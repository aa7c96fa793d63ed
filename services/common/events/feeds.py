"""Feeds of a service's own events for any number of readers, read from the outbox by position (EVT-11).

Nobody polls for one reader. One task per process asks which tenants have something new, reads it once for each tenant that
is followed, in that tenant's own transaction, and keeps the newest of it. A reader that keeps up is served from there; one
that is behind, because it resumes or because its client is slow, reads the outbox on its own until it has caught up.
"""

import asyncio
import base64
import binascii
import contextlib
import logging
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.common.db.database import Database, Transaction
from services.common.db.outages import is_outage
from services.common.errors import ServiceError, failed, invalid
from services.common.events import outbox
from services.common.events.outbox import Bounds
from services.common.events.relay import WAKE_WATCHERS
from services.common.leases import wait_for

logger = logging.getLogger(__name__)

BLOCK: Final = 200
"""Events of one page."""

_KEPT: Final = 500
_KEPT_BYTES: Final = 8 * 1024 * 1024
_POLL_SECONDS: Final = 1.0

_NEW: Final = "SELECT tenant_id, max(position) FROM outbox WHERE position > %s GROUP BY tenant_id"
_READ: Final = """
SELECT position, type, envelope FROM outbox
WHERE position > %(after)s AND position <= %(until)s AND (%(every)s OR type = ANY (%(types)b::text[]))
ORDER BY position LIMIT %(limit)s
"""
_END: Final = 2**62


class Row(NamedTuple):
    """One event of a feed."""

    position: int
    type: str
    envelope: bytes


class Page(NamedTuple):
    """Events in their order, and up to where the feed is read; without events, nothing of what was asked for happened."""

    rows: list[Row]
    position: int


class Tail:
    """The newest events of one tenant, or of all, shared by whoever follows them in this process."""

    def __init__(self, head: int) -> None:
        self.head = head
        """Everything after `floor` and up to here is kept."""
        self.floor = head
        self.followers = 0
        self._rows: list[Row] = []
        self._bytes = 0
        self._changed = asyncio.Event()

    def after(self, position: int, types: Collection[str]) -> Page:
        """Returns the next page after a position that is not below the floor."""
        start = bisect_right(self._rows, position, key=lambda row: row.position)
        found: list[Row] = []
        for row in self._rows[start:]:
            if not types or row.type in types:
                found.append(row)
                if len(found) == BLOCK:
                    return Page(found, row.position)
        return Page(found, max(position, self.head))

    def add(self, rows: list[Row], head: int) -> None:
        """Keeps further events up to a position; the oldest go."""
        self._rows += rows
        self._bytes += sum(len(row.envelope) for row in rows)
        drop = max(0, len(self._rows) - _KEPT)
        size = self._bytes - sum(len(row.envelope) for row in self._rows[:drop])
        while size > _KEPT_BYTES and drop < len(self._rows):
            size -= len(self._rows[drop].envelope)
            drop += 1
        if drop:
            self.floor = self._rows[drop - 1].position
            del self._rows[:drop]
        self._bytes = size
        self.head = head
        if rows:
            self._changed.set()
            self._changed = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Waits until something is added, at most some seconds."""
        await wait_for(self._changed, seconds)


class Feeds:
    """The feeds of a service; one per process."""

    def __init__(self, database: Database, service: str) -> None:
        self._database = database
        self._service = service
        self._tails: dict[UUID | None, Tail] = {}
        self._head = 0
        self._task: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def start(self, token: str, *, from_start: bool) -> int:
        """Returns the position after which a reader begins.

        Raises:
            ServiceError: VALIDATION_FAILED for a token of another service, EVENTS_LOST for one of what is not kept.
        """
        known = await self._bounds()
        if token:
            position = self._position(token)
            # A token beyond the feed is of a database that was put back to an older state since.
            if not known.oldest - 1 <= position <= known.head:
                raise self._lost(known)
            return position
        return known.oldest - 1 if from_start else known.head

    async def pages(
        self, tenant_id: UUID | None, position: int, types: Collection[str], idle_seconds: float
    ) -> AsyncGenerator[Page, None]:
        """Yields events after a position and goes on; a page without events whenever nothing happened for a while.

        Raises:
            ServiceError: EVENTS_LOST when events after the position are not kept any more.
        """
        clock = asyncio.get_running_loop()
        told_at = clock.time()
        async with self._following(tenant_id) as tail:
            while True:
                if position < tail.floor:
                    page = await self._behind(tenant_id, position, types)
                else:
                    page = tail.after(position, types)
                position = page.position
                left = told_at + idle_seconds - clock.time()
                if page.rows or left <= 0:
                    told_at = clock.time()
                    yield page
                elif tail.floor <= position and tail.head <= position:
                    await tail.wait(left)

    def token(self, position: int) -> str:
        """Returns the token that goes on after a position."""
        return base64.urlsafe_b64encode(f"{self._service}.{position}".encode()).decode().rstrip("=")

    async def _behind(self, tenant_id: UUID | None, position: int, types: Collection[str]) -> Page:
        """Reads on from a position that is not kept in memory."""
        known = await self._bounds()
        rows = await self._read(tenant_id, position, _END, types, BLOCK)
        # Looked at afterwards: rows that went while this block was read would be missed in silence.
        now_known = await self._bounds()
        if position + 1 < now_known.oldest:
            raise self._lost(now_known)
        last = rows[-1].position if rows else position
        # Nothing else that was asked for happened up to where the feed stood before it was read.
        return Page(rows, last if len(rows) == BLOCK else max(last, known.head))

    @contextlib.asynccontextmanager
    async def _following(self, tenant_id: UUID | None) -> AsyncIterator[Tail]:
        async with self._starting:
            if self._task is None:
                self._head = (await self._bounds()).head
                self._task = asyncio.create_task(self._run(), name=f"feeds-{self._service}")
            tail = self._tails.setdefault(tenant_id, Tail(self._head))
            tail.followers += 1
        try:
            yield tail
        finally:
            tail.followers -= 1
            if not tail.followers:
                del self._tails[tenant_id]
            if not self._tails and self._task is not None:
                task, self._task = self._task, None
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        """Keeps the tails that are followed up to date."""
        woken = asyncio.Event()

        async def follow() -> None:
            async for _ in self._database.listen(WAKE_WATCHERS):
                woken.set()

        following = asyncio.create_task(follow(), name=f"feeds-wake-{self._service}")
        try:
            while True:
                woken.clear()
                try:
                    await self._advance()
                except Exception as error:
                    if not isinstance(error, ServiceError) and not is_outage(error):
                        raise
                    logger.warning(
                        "feeds of %s wait for the database: %s", self._service, type(error).__name__
                    )
                await wait_for(woken, _POLL_SECONDS)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _advance(self) -> None:
        known_to_all = min((tail.head for tail in self._tails.values()), default=self._head)
        async with self._database.system() as uow:
            found: dict[UUID, int] = dict(await uow.fetch_all(_NEW, (known_to_all,)))
        if not found:
            return
        # Whoever begins to follow from here on starts behind it.
        self._head = head = max(found.values())
        for tenant_id, tail in list(self._tails.items()):
            newest = head if tenant_id is None else found.get(tenant_id, 0)
            while tail.head < newest:
                rows = await self._read(tenant_id, tail.head, newest, (), _KEPT)
                tail.add(rows, rows[-1].position if len(rows) == _KEPT else newest)
            if tail.head < head:
                tail.add([], head)

    async def _read(
        self, tenant_id: UUID | None, after: int, until: int, types: Collection[str], limit: int
    ) -> list[Row]:
        values: dict[str, Any] = {
            "after": after,
            "until": until,
            "every": not types,
            "types": list(types),
            "limit": limit,
        }
        async with self._transaction(tenant_id) as uow:
            return [Row(*row) for row in await uow.fetch_all(_READ, values)]

    async def _bounds(self) -> Bounds:
        async with self._database.system() as uow:
            return await outbox.bounds(uow)

    def _transaction(self, tenant_id: UUID | None) -> Transaction:
        return self._database.tenant(tenant_id) if tenant_id else self._database.system()

    def _lost(self, known: Bounds) -> ServiceError:
        return failed(
            "EVENTS_LOST",
            "events after the resume token are no longer kept: read anew what is built from them, then start "
            "without a token, or with oldest_resume_token",
            oldest_resume_token=self.token(known.oldest - 1),
        )

    def _position(self, token: str) -> int:
        try:
            text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
            service, _, position = text.partition(".")
            if service != self._service or not position.isascii() or not position.isdigit():
                raise ValueError(token)
            return min(int(position), _END)
        except (ValueError, binascii.Error):
            raise invalid("resume_token", "is not a token of this service's events") from None
