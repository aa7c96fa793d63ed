"""A connection whose transactions always begin in the scope it was lent for."""

from collections import deque
from typing import Final

from psycopg import AsyncConnection, generators
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.rows import TupleRow

NO_SCOPE: Final[tuple[bytes, ...]] = ()


class ScopedConnection(AsyncConnection[TupleRow]):
    """A connection that sends its scope (tenant or role) in the same round trip as BEGIN.

    Whatever touches the connection first begins the transaction, so no statement can run outside of the scope, and
    what `SET LOCAL` set ends with the transaction.
    """

    scope: tuple[bytes, ...] = NO_SCOPE

    @property
    def stages(self) -> set[str]:
        """Returns the names of the temporary tables made on this connection."""
        found: set[str] = self.__dict__.setdefault("_stages", set())
        return found

    async def begin(self) -> None:
        """Begins the transaction unless one is open."""
        async with self.lock:
            await self.wait(self._start_query())

    def _start_query(self) -> PQGen[None]:
        if self._autocommit or self.pgconn.transaction_status != TransactionStatus.IDLE:
            return
        if self._pipeline:
            yield from super()._start_query()
            for command in self.scope:
                yield from self._exec_command(command)
            return
        self._check_connection_ok()
        self.pgconn.send_query(b";".join((b"BEGIN", *self.scope)))
        for result in deque((yield from generators.execute(self.pgconn))):
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result, encoding=self.info.encoding)
