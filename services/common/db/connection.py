"""A connection whose transactions always begin in the scope it was lent for, in as few round trips as possible."""

import logging
import select
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection, errors, generators
from psycopg._preparing import Key, Prepare
from psycopg._queries import PostgresQuery
from psycopg.abc import PQGen
from psycopg.abc import Transformer as RowReader
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

from services.common import telemetry

NO_SCOPE: Final[tuple[bytes, ...]] = ()
_BEGIN = b"BEGIN"
_COMMIT = b"COMMIT"

SLOW_SECONDS = 1.0
slow = telemetry.counter(
    "database_slow_round_trips_total", "Round trips that took longer than a second.", ["application"]
)
logger = logging.getLogger(__name__)


class Statement(NamedTuple):
    """One statement as psycopg takes it; `prepare` as in `cursor.execute`."""

    query: Any
    params: Sequence[Any] | Mapping[str, Any] | None = None
    prepare: bool | None = None


class Result(NamedTuple):
    """What a statement did: how many rows it changed or found, and the rows it returned."""

    rowcount: int
    rows: list[tuple[Any, ...]]


class _Sent(NamedTuple):
    """A statement on its way: how to read its rows, and what the cache of prepared statements must be told."""

    transformer: RowReader
    key: Key | None
    prepare: Prepare
    name: bytes


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

    @property
    def disturbed(self) -> bool:
        """Returns whether an idle connection has something to say, which is most often that its server is gone."""
        if self.closed:
            return True
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))

    async def begin(self) -> None:
        """Begins the transaction unless one is open."""
        async with self.lock:
            await self.wait(self._start_query())

    async def run(self, statements: Sequence[Statement], *, commit: bool = False) -> list[Result]:
        """Runs statements in one round trip, after BEGIN and the scope if need be, before COMMIT if asked.

        When one fails, those after it and the commit are not executed, and its error is raised.
        """
        started = time.monotonic()
        async with self.lock:
            results = await self.wait(self._run_together(statements, commit=commit))
        if time.monotonic() - started > SLOW_SECONDS:
            self._note_slow(statements, time.monotonic() - started)
        return results

    def _note_slow(self, statements: Sequence[Statement], seconds: float) -> None:
        """Counts and logs a slow round trip; the text of a statement holds no values."""
        slow.labels(self.info.parameter_status("application_name") or "").inc()
        texts = "; ".join(str(statement.query)[:200] for statement in statements)
        logger.warning("a round trip to the database took %.1f s: %s", seconds, " ".join(texts.split()))

    def _start_query(self) -> PQGen[None]:
        if self._autocommit or self.pgconn.transaction_status != TransactionStatus.IDLE:
            return
        if self._pipeline:
            yield from super()._start_query()
            for command in self.scope:
                yield from self._exec_command(command)
            return
        self._check_connection_ok()
        self.pgconn.send_query(b";".join((_BEGIN, *self.scope)))
        for result in (yield from generators.execute(self.pgconn)):
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result, encoding=self.info.encoding)

    def _run_together(self, statements: Sequence[Statement], *, commit: bool) -> PQGen[list[Result]]:
        self._check_connection_ok()
        begins = self.pgconn.transaction_status == TransactionStatus.IDLE
        commands = (_BEGIN, *self.scope) if begins else ()
        self.pgconn.enter_pipeline_mode()
        try:
            # libpq keeps what is sent here until the flush below, so all of it leaves at once.
            for command in commands:
                self.pgconn.send_query_params(command, None)
            sent = [self._send(statement) for statement in statements]
            if commit:
                self.pgconn.send_query_params(_COMMIT, None)
            self.pgconn.pipeline_sync()
            yield from generators.send(self.pgconn)
            answers = yield from self._answers()
        finally:
            if self.pgconn.status == ConnStatus.OK:
                self.pgconn.exit_pipeline_mode()
        found = self._read(sent, answers[len(commands) :], answers)
        if commit and answers[-1].command_status != _COMMIT:
            raise errors.InFailedSqlTransaction("the transaction was rolled back instead of committed")
        yield from self._prepared.maintain_gen(self)
        return found

    def _send(self, statement: Statement) -> _Sent:
        transformer = Transformer(self)
        query = PostgresQuery(transformer)
        query.convert(statement.query, statement.params)
        prepare, name = self._prepared.get(query, statement.prepare)
        if prepare is Prepare.NO:
            self.pgconn.send_query_params(
                query.query,
                query.params,
                param_types=query.types,
                param_formats=query.formats,
                result_format=Format.BINARY,
            )
        else:
            if prepare is Prepare.SHOULD:
                self.pgconn.send_prepare(name, query.query, param_types=query.types)
            self.pgconn.send_query_prepared(
                name, query.params, param_formats=query.formats, result_format=Format.BINARY
            )
        return _Sent(transformer, self._prepared.maybe_add_to_cache(query, prepare, name), prepare, name)

    def _answers(self) -> PQGen[list[PGresult]]:
        """Reads the answer of every command up to the synchronisation point, also after one has failed."""
        answers: list[PGresult] = []
        while True:
            for result in (yield from generators.fetch_many(self.pgconn)):
                if result.status == ExecStatus.PIPELINE_SYNC:
                    return answers
                answers.append(result)

    def _read(
        self, sent: Sequence[_Sent], own: Sequence[PGresult], all_answers: Sequence[PGresult]
    ) -> list[Result]:
        """Turns answers into results and raises the first failure; the cache learns what was really prepared."""
        found: list[Result] = []
        answers = iter(own)
        for statement in sent:
            if statement.prepare is Prepare.SHOULD:
                next(answers)
            answer = next(answers)
            if statement.key is not None:
                self._prepared.validate(statement.key, statement.prepare, statement.name, [answer])
            if answer.status == ExecStatus.TUPLES_OK:
                statement.transformer.set_pgresult(answer)
                rows = statement.transformer.load_rows(0, answer.ntuples, tuple)
                found.append(Result(answer.ntuples, rows))
            elif answer.status in (ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY):
                found.append(Result(answer.command_tuples or 0, []))
        for answer in all_answers:
            if answer.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(answer, encoding=self.info.encoding)
        return found
