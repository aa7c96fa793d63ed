"""Whether the database could do its work now, asked over a connection of its own.

Calls may hold every connection of the pool and the database still be well, so whoever asks must not wait for one.
"""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg

from services.common.db.connection import ScopedConnection

AWAY = "database does not answer"
REFUSED = "database refuses the login of this service: run `migrate`"
BEHIND = "migrations are not current: run `migrate`"

_VERSION = "SELECT version_num FROM alembic_version"
# libpq gives no code for a login that fails, only the server's words, in the language of its own log.
_REFUSALS = ("password authentication failed", "does not exist", "is not permitted to log in", "pg_hba.conf")


class Probe:
    """Asks the database for the revision of its schema; keeps its connection between questions."""

    def __init__(self, connect: Callable[[], Awaitable[ScopedConnection]], head: Callable[[], str]) -> None:
        self._connect = connect
        self._head = head
        self._connection: ScopedConnection | None = None
        self._least: int | None = None
        self._asking = asyncio.Lock()

    async def trouble(self) -> str:
        """Returns what keeps the database from doing its work, in words that hold nothing of it; empty when nothing."""
        try:
            # The answer to one question must not look like something the server says unasked to another.
            async with self._asking:
                revision = await self._revision()
        except psycopg.Error as error:
            return REFUSED if any(words in str(error) for words in _REFUSALS) else AWAY
        return "" if revision is not None and int(revision) >= self._needed() else BEHIND

    async def close(self) -> None:
        """Closes the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _needed(self) -> int:
        """Returns the revision of this release: that of its files when it was asked first, whatever is put there later."""
        if self._least is None:
            self._least = int(self._head())
        return self._least

    async def _revision(self) -> str | None:
        if self._connection is None or self._connection.disturbed:
            await self.close()
            self._connection = await self._connect()
        try:
            row = await (await self._connection.execute(_VERSION)).fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
            return None
        except BaseException:
            # Whatever this connection was about to say is not the answer to the next question.
            await self.close()
            raise
        return row[0] if row else None
