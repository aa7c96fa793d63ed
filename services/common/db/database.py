"""The database of one service: its pool, its transactions, its wake-ups."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr

from services.common import telemetry
from services.common.clock import Clock, SystemClock
from services.common.db import revisions
from services.common.db.connection import NO_SCOPE, ScopedConnection
from services.common.db.probe import Probe
from services.common.db.uow import UnitOfWork
from services.common.db.wakeups import Wakeups
from services.common.events import outbox
from services.common.retry import backoff
from services.common.security.keys import KeySet

logger = logging.getLogger(__name__)
_connections = telemetry.gauge(
    "database_connections", "Connections of the pool by state.", ["schema", "state"]
)

STATEMENT_TIMEOUT_SECONDS = 30
_POOL_TIMEOUT_SECONDS = 10.0
_FIRST_WAIT = timedelta(milliseconds=200)
_LONGEST_WAIT = timedelta(seconds=5)


class DatabaseSettings(Protocol):
    """Where the database is and how many connections one process may hold."""

    @property
    def db_host(self) -> str: ...
    @property
    def db_port(self) -> int: ...
    @property
    def db_name(self) -> str: ...
    @property
    def db_user(self) -> str: ...
    @property
    def db_password(self) -> SecretStr: ...
    @property
    def db_pool_min(self) -> int: ...
    @property
    def db_pool_max(self) -> int: ...


class _Pool(AsyncConnectionPool[ScopedConnection]):
    """A pool that lends the connection that came back last, whose statements are most likely prepared and planned.

    Its parent lends the one that has rested longest, so that each connection of a pool plans every statement anew.
    """

    async def _get_ready_connection(self, timeout: float | None) -> ScopedConnection | None:  # noqa: ASYNC109 - as its parent has it
        self._pool.rotate(1)
        return await super()._get_ready_connection(timeout)


class Database:
    """Transactions of one service in its own schema, through one pool per process."""

    def __init__(
        self,
        conninfo: str,
        schema: str,
        *,
        pool_min: int = 2,
        pool_max: int = 10,
        clock: Clock | None = None,
        migrations: Path | None = None,
        keys: KeySet | None = None,
    ) -> None:
        self.schema = schema
        self.keys = keys
        self.clock: Clock = clock or SystemClock()
        self._migrations = migrations or revisions.folder_of(schema)
        self._conninfo = make_conninfo(
            conninfo,
            application_name=f"angarium-{schema}",
            connect_timeout=5,
            keepalives_idle=30,
            options=(
                f"-c search_path={schema} -c TimeZone=UTC -c client_min_messages=warning"
                f" -c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s -c idle_in_transaction_session_timeout=60s"
            ),
        )
        self.pool: AsyncConnectionPool[ScopedConnection] = _Pool(
            self._conninfo,
            connection_class=ScopedConnection,
            kwargs={"autocommit": False, "prepare_threshold": 1},
            configure=_configure,
            min_size=pool_min,
            max_size=pool_max,
            timeout=_POOL_TIMEOUT_SECONDS,
            # Short, because a pool that has given up asks again with the next request, while one that has not
            # doubles its pauses.
            reconnect_timeout=5.0,
            open=False,
            name=schema,
        )
        _measure(self.pool)
        self._wakeups = Wakeups(f"angarium_{schema}", self._connect)
        self._probe = Probe(self._connect, lambda: revisions.head(self._migrations))

    @classmethod
    async def open(
        cls,
        settings: DatabaseSettings,
        schema: str,
        *,
        clock: Clock | None = None,
        migrations: Path | None = None,
        wait: bool = True,
        keys: KeySet | None = None,
    ) -> Self:
        """Opens the pool; with `wait`, returns once the database answers, however long that takes.

        `keys` seal what is stored as proof, where the service stores such.
        """
        conninfo = make_conninfo(
            host=settings.db_host,
            port=settings.db_port,
            dbname=settings.db_name,
            user=settings.db_user,
            password=settings.db_password.get_secret_value(),
        )
        database = cls(
            conninfo,
            schema,
            pool_min=settings.db_pool_min,
            pool_max=settings.db_pool_max,
            clock=clock,
            migrations=migrations,
            keys=keys,
        )
        await database.connect(wait=wait)
        return database

    async def connect(self, *, wait: bool = True) -> None:
        """Opens the pool of a database that was constructed by hand."""
        if wait:
            await self._wait_until_it_answers()
        await self.pool.open(wait=wait, timeout=60)

    async def close(self) -> None:
        """Closes the pool; transactions in hand are not waited for."""
        await self._wakeups.close()
        await self._probe.close()
        await self.pool.close()

    async def trouble(self) -> str:
        """Returns what keeps the database from doing its work (GEN-10), in words fit for callers; empty when nothing.

        It asks over a connection of its own, so a pool that is used up is no trouble.
        """
        return await self._probe.trouble()

    def tenant(self, tenant_id: UUID) -> "Transaction":
        """Opens one transaction of one tenant; row-level security hides and guards every other tenant's rows."""
        if not isinstance(tenant_id, UUID):
            raise TypeError("tenant_id must be a UUID")
        return self._transaction(
            (b"SET LOCAL angarium.tenant_id = '%s'" % str(tenant_id).encode(),), tenant_id
        )

    def system(self) -> "Transaction":
        """Opens one transaction across tenants, in the role that may see all of this schema; loops and jobs only."""
        return self._transaction(self.system_scope, None)

    @property
    def system_scope(self) -> tuple[bytes, ...]:
        """Returns the statements that begin a transaction across tenants."""
        return (b'SET LOCAL ROLE "angarium_%s_system"' % self.schema.encode(),)

    def wake(self, topic: str, payload: str = "") -> None:
        """Wakes listeners of a topic in every process of this service."""
        self._wakeups.wake(topic, payload)

    def listen(self, topic: str) -> AsyncIterator[str]:
        """Yields payloads sent to a topic; wake-ups may be lost or merged, so the caller polls as well."""
        return self._wakeups.listen(topic)

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator["Session"]:
        """Opens a connection of its own, for transactions that share temporary tables; they end with it."""
        connection = await self._connect()
        try:
            await connection.set_autocommit(False)
            yield Session(self, connection)
        finally:
            await connection.close()

    def _transaction(self, scope: tuple[bytes, ...], tenant_id: UUID | None) -> "Transaction":
        return Transaction(self, scope, tenant_id)

    async def _connect(self) -> ScopedConnection:
        connecting = asyncio.ensure_future(ScopedConnection.connect(self._conninfo, autocommit=True))
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            # A handshake that is abandoned half way keeps its server process for a minute, and DROP DATABASE with it.
            with contextlib.suppress(OSError, psycopg.Error):
                await (await connecting).close()
            raise

    async def _wait_until_it_answers(self) -> None:
        failures = 0
        started = time.monotonic()
        while True:
            try:
                async with await self._connect():
                    break
            except psycopg.OperationalError as error:
                failures += 1
                delay = backoff(failures, base=_FIRST_WAIT, cap=_LONGEST_WAIT).total_seconds()
                logger.warning(
                    "database of %s does not answer (%s); waiting, next try in %.1f s",
                    self.schema,
                    type(error).__name__,
                    delay,
                )
            await asyncio.sleep(delay)
        if failures:
            logger.warning("database of %s answers after %.1f s", self.schema, time.monotonic() - started)


class Session:
    """A connection outside of the pool, and the transactions on it, one after the other."""

    def __init__(self, database: Database, connection: ScopedConnection) -> None:
        self._database = database
        self._connection = connection

    def system(self) -> "Transaction":
        """Opens one transaction across tenants, as `Database.system` does."""
        return Transaction(self._database, self._database.system_scope, None, self._connection)


class Transaction:
    """The block of a unit of work: commits once at its normal end, rolls back when it raises."""

    __slots__ = ("_connection", "_database", "_own", "_scope", "_tenant_id", "_uow")

    def __init__(
        self,
        database: Database,
        scope: tuple[bytes, ...],
        tenant_id: UUID | None,
        own: ScopedConnection | None = None,
    ) -> None:
        self._database = database
        self._own = own
        self._scope = scope
        self._tenant_id = tenant_id
        self._connection: ScopedConnection
        self._uow: UnitOfWork

    async def __aenter__(self) -> UnitOfWork:
        database = self._database
        self._connection = self._own or await self._lent()
        self._connection.scope = self._scope
        self._uow = UnitOfWork(
            self._connection,
            tenant_id=self._tenant_id,
            schema=database.schema,
            clock=database.clock,
            keys=database.keys,
        )
        return self._uow

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self._commit()
            else:
                await self._roll_back()
                if told := self._uow.told(error):
                    raise told from error
        finally:
            self._connection.scope = NO_SCOPE
            if self._own is None:
                await self._database.pool.putconn(self._connection)
        if error is None:
            if self._uow.events:
                self._database.wake(outbox.WAKE_RELAY)
            await self._uow.run_callbacks()

    async def _lent(self) -> ScopedConnection:
        """Returns a connection from the pool; those that died there are passed over."""
        pool = self._database.pool
        while True:
            connection = await pool.getconn()
            if not connection.disturbed:
                return connection
            await connection.close()
            await pool.putconn(connection)

    async def _commit(self) -> None:
        try:
            await self._uow.commit()
        except BaseException as error:
            await self._roll_back()
            if told := self._uow.told(error):
                raise told from error
            raise

    async def _roll_back(self) -> None:
        try:
            await self._connection.rollback()
        except psycopg.Error:
            # The connection is gone, and with it the transaction; the pool replaces it.
            await self._connection.close()


async def _configure(connection: ScopedConnection) -> None:
    connection.prepared_max = 400


def _measure(pool: AsyncConnectionPool[ScopedConnection]) -> None:
    """Shows the pool's use whenever metrics are read."""
    _connections.labels(pool.name, "open").set_function(lambda: pool.get_stats().get("pool_size", 0))
    _connections.labels(pool.name, "idle").set_function(lambda: pool.get_stats().get("pool_available", 0))
    _connections.labels(pool.name, "waited_for").set_function(
        lambda: pool.get_stats().get("requests_waiting", 0)
    )
