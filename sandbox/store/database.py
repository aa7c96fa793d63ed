"""One SQLite file: grouped writes that are on disk before they are answered, and readers beside them."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from sandbox.store.schema import ADDED, SCHEMA

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


class Database:
    """Writes of one turn of the event loop share one transaction; each future answers after the commit.

    The file is written by the time a future answers, so the death of the process at any instant
    neither loses an acknowledged write nor leaves half of one. `synchronous` is off on purpose: only
    the death of the machine, not of the process, could then cost a write, and no commit waits for a disk.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA wal_autocheckpoint = 8000")
        self._connection.execute("PRAGMA cache_size = -65536")
        self._connection.executescript(SCHEMA)
        for table, column, kind in ADDED:
            known = {row[1] for row in self._connection.execute(f"PRAGMA table_info({table})")}
            if column not in known:
                self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        self._waiting: list[tuple[Work[Any], asyncio.Future[Any]]] = []

    def close(self) -> None:
        """Writes what is waiting and closes the file."""
        self._flush()
        self._connection.close()

    def write(self, work: Work[T]) -> asyncio.Future[T]:
        """Runs `work` in the next transaction; the future answers once that is committed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append((work, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._flush)
        return future

    def query(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Answers a short query at once, on the writer's connection."""
        return self._connection.execute(sql, parameters).fetchall()

    async def read(self, work: Work[T]) -> T:
        """Runs a long read in a thread on a connection of its own, beside the writer."""
        return await asyncio.to_thread(self._read, work)

    def _read(self, work: Work[T]) -> T:
        connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)
        try:
            connection.execute("BEGIN")
            return work(connection)
        finally:
            connection.close()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            results = self._transaction([work for work, _ in waiting])
        except Exception:  # noqa: BLE001 - one write is bad: the others must not suffer, so each gets its own transaction
            for work, future in waiting:
                try:
                    _answer(future, self._transaction([work])[0])
                except Exception as error:  # noqa: BLE001 - it is handed to the one who waits
                    if not future.done():
                        future.set_exception(error)
            return
        for (_, future), result in zip(waiting, results, strict=True):
            _answer(future, result)

    def _transaction(self, works: list[Work[Any]]) -> list[Any]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            results = [work(connection) for work in works]
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return results


def _answer(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():  # the one who waited may have gone away
        future.set_result(result)


def setting(database: Database, name: str) -> str | None:
    """Returns a stored setting."""
    rows = database.query("SELECT value FROM setting WHERE name = ?", (name,))
    return cast("str", rows[0][0]) if rows else None
