"""What a unit of work may be asked to run, as text and parameters of psycopg."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT: Dialect = cast("Any", psycopg_dialect.dialect)(dbapi=psycopg)

Params = Sequence[Any] | Mapping[str, Any]


def compiled(query: str | sql.Composable | ClauseElement, params: Params) -> tuple[Any, Params]:
    """Returns the statement and its parameters as psycopg takes them.

    A SQLAlchemy Core statement brings its own parameters; those given are put over them. Compiling one costs about
    100 µs, so hot paths give text.
    """
    if isinstance(query, (str, sql.Composable)):
        return query, params
    done = cast("SQLCompiler", query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True}))
    values = done.construct_params(dict(params) if isinstance(params, Mapping) else None)
    processors = done._bind_processors  # noqa: SLF001 - the public execute() of an engine is what this replaces
    ready = {
        name: processors[name](value) if name in processors else value  # type: ignore[operator]
        for name, value in values.items()
    }
    return str(done), ready
