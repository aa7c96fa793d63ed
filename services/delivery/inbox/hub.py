"""Who watches which inbox: one question to the database for all of them, whenever something changed."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

import structlog

from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.errors import ServiceError
from services.common.leases import wait_for
from services.delivery.inbox import store

log = structlog.get_logger("inbox")

WAKE: Final = "inbox"
_POLL_SECONDS: Final = 1.0

Whose = tuple[UUID, UUID]
"""A tenant and a contact."""


class Watcher:
    """One stream: woken once its inbox stands further than it has read."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.woken = asyncio.Event()


class Hub:
    """Wakes the watchers of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watchers: defaultdict[Whose, set[Watcher]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def watching(self, whose: Whose, position: int) -> AsyncIterator[Watcher]:
        """Yields a watcher of an inbox; the last one to leave ends the listening."""
        watcher = Watcher(position)
        self._watchers[whose].add(watcher)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="inbox-watch")
        try:
            yield watcher
        finally:
            self._watchers[whose].discard(watcher)
            if not self._watchers[whose]:
                del self._watchers[whose]
            if not self._watchers and self._task is not None:
                task, self._task = self._task, None
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        changed = asyncio.Event()
        listener = asyncio.create_task(self._listen(changed), name="inbox-wake-ups")
        try:
            while True:
                changed.clear()
                try:
                    await self._look()
                except Exception as error:
                    # Whatever it was, who watches is looked after again: nobody else would begin anew.
                    if isinstance(error, ServiceError) or is_outage(error):
                        log.warning("inboxes cannot be looked at", error=type(error).__name__)
                    else:
                        log.exception("looking at inboxes broke off")
                await wait_for(changed, _POLL_SECONDS)
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    async def _look(self) -> None:
        async with self._database.system() as uow:
            found = await store.positions(uow, list(self._watchers))
        for whose, last in found.items():
            for watcher in self._watchers.get(whose, ()):
                if last > watcher.position:
                    watcher.woken.set()

    async def _listen(self, changed: asyncio.Event) -> None:
        async for _ in self._database.listen(WAKE):
            changed.set()
