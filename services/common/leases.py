"""Leases: among all processes of a service, one holds a name at a time."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

import psycopg

from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.errors import ServiceError
from services.common.ids import uuid7

logger = logging.getLogger(__name__)

DEFAULT_TTL = timedelta(seconds=60)

# The database's clock decides, for those of processes may differ. Who asks in vain only reads: a row that is locked is
# written down, and each process but one asks every second.
_TAKE = """
INSERT INTO lease (name, holder, acquired_at, expires_at)
SELECT %(name)s, %(holder)s, clock_timestamp(), clock_timestamp() + %(ttl)s
WHERE NOT EXISTS (SELECT FROM lease WHERE name = %(name)s AND expires_at > clock_timestamp())
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, acquired_at = excluded.acquired_at, expires_at = excluded.expires_at
WHERE lease.expires_at <= clock_timestamp()
"""

_RENEW = """
UPDATE lease SET expires_at = clock_timestamp() + %(ttl)s
WHERE name = %(name)s AND holder = %(holder)s AND expires_at > clock_timestamp()
"""

_RELEASE = "DELETE FROM lease WHERE name = %(name)s AND holder = %(holder)s"


class Lease:
    """A name held until the block ends; true while it is held.

    It renews itself every third of its time. When renewing fails for its whole time the lease is lost: it turns
    false, `lost` is set, and another process may have taken over.
    """

    def __init__(self, database: Database, name: str, ttl: timedelta = DEFAULT_TTL) -> None:
        self.name = name
        self.lost = asyncio.Event()
        self._database = database
        self._ttl = ttl
        self._holder = uuid7()
        self._until = 0.0
        self._renewal: asyncio.Task[None] | None = None

    @property
    def held(self) -> bool:
        """Returns whether nobody else can hold the name now."""
        return time.monotonic() < self._until

    def __bool__(self) -> bool:
        return self.held

    async def __aenter__(self) -> Self:
        asked = time.monotonic()
        if await self._execute(_TAKE):
            self._until = asked + self._ttl.total_seconds()
            self._renewal = asyncio.create_task(self._renew(), name=f"lease-{self.name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._renewal is None:
            return
        self._renewal.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._renewal
        self._until = 0.0
        # If the database cannot be asked, the lease ends by itself.
        with contextlib.suppress(psycopg.Error, ServiceError):
            await self._execute(_RELEASE)

    async def _renew(self) -> None:
        pause = self._ttl.total_seconds() / 3
        while self.held:
            await asyncio.sleep(min(pause, max(0.05, self._until - time.monotonic())))
            asked = time.monotonic()
            try:
                if not await self._execute(_RENEW):
                    break
                self._until = asked + self._ttl.total_seconds()
            except (psycopg.Error, ServiceError) as error:
                logger.warning("lease %s could not be renewed: %s", self.name, type(error).__name__)
        self._until = 0.0
        self.lost.set()
        logger.warning("lease %s is lost", self.name)

    async def _execute(self, statement: str) -> bool:
        async with self._database.system() as uow:
            parameters = {"name": self.name, "holder": self._holder, "ttl": self._ttl}
            return await uow.execute(statement, parameters) == 1


def lease(database: Database, name: str, ttl: timedelta = DEFAULT_TTL) -> Lease:
    """Returns a lease for an `async with` block; what the block is given is true while the lease is held."""
    return Lease(database, name, ttl)


async def while_leased(
    database: Database,
    name: str,
    work: Callable[[Lease], Awaitable[None]],
    stop: asyncio.Event,
    *,
    ttl: timedelta = DEFAULT_TTL,
    retry: timedelta = timedelta(seconds=1),
) -> None:
    """Does work whenever this process can hold the name, until stop is set.

    `work` returns when stop is set or its lease is no longer held; when the lease is taken by another process, it is
    tried again every `retry`. An unreachable database is waited for.
    """
    while not stop.is_set():
        try:
            async with lease(database, name, ttl) as held:
                if held:
                    await work(held)
        except (psycopg.OperationalError, ServiceError) as error:
            if not isinstance(error, ServiceError) and not is_outage(error):
                raise
            logger.warning("work under lease %s is interrupted: %s", name, type(error).__name__)
        await wait_for(stop, retry.total_seconds())


async def wait_for(event: asyncio.Event, seconds: float) -> bool:
    """Waits until an event is set, at most some seconds; returns whether it is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
