"""The unit of work: one transaction of one use case, its events, and what follows its commit."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import psycopg
from psycopg import AsyncCursor, sql
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from sqlalchemy.sql import ClauseElement

from services.common.clock import Clock
from services.common.db.connection import Result, ScopedConnection, Statement
from services.common.db.statements import compiled
from services.common.errors import aborted
from services.common.events import outbox
from services.common.events.event import Event
from services.common.security.keys import KeySet

Query = str | sql.Composable | ClauseElement
Params = Sequence[Any] | Mapping[str, Any]
Callback = Callable[[], Awaitable[None] | None]

_LOST_RACES = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
)


class UnitOfWork:
    """One transaction: commits once when its block ends normally, leaves no trace when it raises.

    Statements of a tenant's unit of work see and change rows of that tenant only, whatever their WHERE says.
    """

    def __init__(
        self,
        connection: ScopedConnection,
        *,
        tenant_id: UUID | None,
        schema: str,
        clock: Clock,
        keys: KeySet | None = None,
    ) -> None:
        self.connection = connection
        self._keys = keys
        self.tenant_id = tenant_id
        self.schema = schema
        self._clock = clock
        self.events: list[outbox.OutboxRow] = []
        self.deferred: list[Statement] = []
        self._violations: dict[str, Callable[[], Exception]] = {}
        self._callbacks: list[Callback] = []
        self._staged: set[str] = set()
        self._sent = 0
        self._finished = False

    def now(self) -> datetime:
        """Returns the instant of the clock the database was opened with."""
        return self._clock.now()

    @property
    def keys(self) -> KeySet:
        """Returns the keys that stored proof is sealed with; LookupError when the database was opened without."""
        if self._keys is None:
            raise LookupError("the database was opened without keys")
        return self._keys

    async def execute(self, query: Query, params: Params = (), *, prepare: bool | None = None) -> int:
        """Runs a statement and returns how many rows it changed or found."""
        return (await self._run(query, params, prepare)).rowcount

    async def fetch_all(
        self, query: Query, params: Params = (), *, prepare: bool | None = None
    ) -> list[tuple[Any, ...]]:
        """Runs a query and returns all rows."""
        return (await self._run(query, params, prepare)).rows

    async def fetch_one(
        self, query: Query, params: Params = (), *, prepare: bool | None = None
    ) -> tuple[Any, ...] | None:
        """Runs a query and returns its first row, or None."""
        rows = (await self._run(query, params, prepare)).rows
        return rows[0] if rows else None

    async def fetch_value(self, query: Query, params: Params = (), *, prepare: bool | None = None) -> Any:
        """Runs a query and returns the first value of its first row, or None."""
        rows = (await self._run(query, params, prepare)).rows
        return rows[0][0] if rows else None

    async def run_together(self, *statements: tuple[Query, Params]) -> list[Result]:
        """Runs several statements in one round trip; each sees what those before it did, the first error ends it."""
        return await self.connection.run([_statement(query, params) for query, params in statements])

    async def finish(self, *statements: tuple[Query, Params]) -> list[Result]:
        """Runs the last statements, sends what was deferred and commits, all in one round trip; nothing may follow."""
        return await self._finish([_statement(query, params) for query, params in statements])

    async def stream(
        self, query: Query, params: Params = (), *, size: int = 1000
    ) -> AsyncIterator[list[TupleRow]]:
        """Runs a query behind a server-side cursor and yields its rows in blocks; memory holds one block."""
        text, values = compiled(query, params)
        await self.connection.begin()
        async with self.connection.cursor(name=f"stream_{id(self):x}", binary=True) as cursor:
            await cursor.execute(text, values or None)
            while rows := await cursor.fetchmany(size):
                yield rows

    async def copy_in(
        self,
        table: str,
        columns: Sequence[str],
        types: Sequence[str],
        rows: Iterable[Sequence[Any]],
        *,
        on_conflict: str = "",
    ) -> int:
        """Writes many rows by binary COPY and returns how many the table took.

        Args:
            table: Name of a table of this schema.
            columns: Columns that the rows fill, in their order.
            types: PostgreSQL type of each column, for example `uuid`, `timestamptz`, `int4`, `text[]`.
            rows: The rows; Python values must fit the type exactly (an int for `int4`, a str for `jsonb`).
            on_conflict: What follows the INSERT, for example `ON CONFLICT DO NOTHING`; trusted text, never data.

        PostgreSQL refuses COPY into a table with row-level security, so the rows go by COPY into a temporary table
        of the same columns and from there by one INSERT, which the policies check.
        """
        stage = await self._stage(table, columns)
        async with self.connection.cursor() as cursor:
            statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(stage, _names(columns))
            async with cursor.copy(statement) as copy:
                copy.set_types(types)
                for row in rows:
                    await copy.write_row(row)
            return await self._unstage(cursor, stage, table, columns, on_conflict)

    async def copy_text(
        self,
        table: str,
        columns: Sequence[str],
        blocks: AsyncIterator[bytes] | Iterable[bytes],
        *,
        on_conflict: str = "",
    ) -> int:
        """Writes rows that are already in COPY's text format, in blocks of any size, like `copy_in`."""
        stage = await self._stage(table, columns)
        async with self.connection.cursor() as cursor:
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(stage, _names(columns))
            async with cursor.copy(statement) as copy:
                if isinstance(blocks, AsyncIterator):
                    async for block in blocks:
                        await copy.write(block)
                else:
                    for block in blocks:
                        await copy.write(block)
            return await self._unstage(cursor, stage, table, columns, on_conflict)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Opens a savepoint: an exception undoes what its block did, events and deferred statements too."""
        await self.connection.begin()
        events, deferred, callbacks = len(self.events), len(self.deferred), len(self._callbacks)
        try:
            async with self.connection.transaction():
                yield
        except BaseException:
            del self.events[events:], self.deferred[deferred:], self._callbacks[callbacks:]
            raise

    def emit(self, event: Event) -> None:
        """Adds an event; it is written to the outbox with the commit, or not at all."""
        self.events.append(outbox.row_of(self, event))

    def defer(self, query: Query, params: Params = ()) -> None:
        """Adds a statement whose result nobody needs; it travels with the commit in one round trip."""
        self.deferred.append(_statement(query, params))

    def on_violation(self, constraint: str, error: Callable[[], Exception]) -> None:
        """Names the error to raise when this transaction breaks a constraint, for example a natural key."""
        self._violations[constraint] = error

    def told(self, error: BaseException) -> Exception | None:
        """Returns what a driver's error means to the caller: a named violation, a lost race, or nothing known."""
        if isinstance(error, psycopg.IntegrityError):
            named = self._violations.get(error.diag.constraint_name or "")
            return named() if named else None
        if isinstance(error, _LOST_RACES):
            return aborted("another change came first; read again and repeat")
        return None

    async def commit(self) -> None:
        """Sends deferred statements, events and COMMIT together; the transaction's block does this at its end."""
        if self._finished:
            more = len(self.deferred) + len(self.events) > self._sent
            if more or self.connection.pgconn.transaction_status != TransactionStatus.IDLE:
                raise RuntimeError("the transaction was finished before all of it was said")
            return
        await self._finish(())

    def after_commit(self, callback: Callback) -> None:
        """Adds a callback that runs once the transaction is durable."""
        self._callbacks.append(callback)

    async def run_callbacks(self) -> None:
        """Runs what waits for the commit."""
        for callback in self._callbacks:
            result = callback()
            if inspect.isawaitable(result):
                await result

    async def _finish(self, last: Sequence[Statement]) -> list[Result]:
        statements = [*last, *self.deferred]
        if self.events:
            statements.append(outbox.insert(self.events))
        status = self.connection.pgconn.transaction_status
        if status == TransactionStatus.INERROR:
            # COMMIT would quietly roll back: somebody swallowed the error of a statement.
            raise RuntimeError("a statement of this transaction failed and its error was not raised")
        found: list[Result] = []
        if statements or status != TransactionStatus.IDLE:
            found = await self.connection.run(statements, commit=True)
        self._sent = len(self.deferred) + len(self.events)
        self._finished = True
        return found[: len(last)]

    async def _run(self, query: Query, params: Params, prepare: bool | None) -> Result:
        [result] = await self.connection.run([_statement(query, params, prepare)])
        return result

    async def _stage(self, table: str, columns: Sequence[str]) -> sql.Identifier:
        """Makes the temporary table of these columns, once per connection and role."""
        await self.connection.begin()
        role = "system" if self.tenant_id is None else "tenant"
        name = f"stage_{role}_{table[:40]}_{crc32(' '.join(columns).encode()):x}"
        stage = sql.Identifier("pg_temp", name)
        if name in self._staged:
            # A second COPY of the same transaction must not bring the first one's rows again.
            await self.connection.execute(sql.SQL("TRUNCATE {}").format(stage))
        self._staged.add(name)
        if name not in self.connection.stages:
            await self.connection.execute(
                sql.SQL(
                    "CREATE TEMPORARY TABLE IF NOT EXISTS {} ON COMMIT DELETE ROWS AS SELECT {} FROM {} WITH NO DATA"
                ).format(stage, _names(columns), sql.Identifier(self.schema, table))
            )
            self.after_commit(lambda: self.connection.stages.add(name))
        return stage

    async def _unstage(
        self,
        cursor: AsyncCursor[TupleRow],
        stage: sql.Identifier,
        table: str,
        columns: Sequence[str],
        on_conflict: str,
    ) -> int:
        names = _names(columns)
        moved = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} {}").format(
            sql.Identifier(self.schema, table), names, names, stage, sql.SQL(on_conflict)
        )
        await cursor.execute(moved)
        return cursor.rowcount


def _statement(query: Query, params: Params, prepare: bool | None = None) -> Statement:
    text, values = compiled(query, params)
    return Statement(text, values or None, prepare)


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
