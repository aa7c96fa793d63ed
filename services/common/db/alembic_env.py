"""Alembic without its scaffolding: how the revisions of a service are found, run and compared."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, make_url, text
from sqlalchemy.pool import NullPool


@contextmanager
def owner_connection(url: str) -> Iterator[Connection]:
    """Opens a connection of the schemas' owner."""
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        connect_args={"options": "-c TimeZone=UTC -c client_min_messages=warning", "connect_timeout": 10},
    )
    with engine.connect() as connection:
        yield connection


def upgrade(connection: Connection, schema: str, folder: Path, revision: str) -> None:
    """Runs the missing revisions up to one, each in a transaction of its own."""
    script = ScriptDirectory(str(folder))

    def missing(current: Any, _context: Any) -> Any:
        return script._upgrade_revs(revision, current)  # noqa: SLF001 - what alembic's own command calls

    with EnvironmentContext(Config(), script, fn=missing) as environment:
        environment.configure(
            connection=connection,
            version_table_schema=schema,
            transaction_per_migration=True,
        )
        with environment.begin_transaction():
            environment.run_migrations()


def comparison_context(connection: Connection, metadata: MetaData) -> MigrationContext:
    """Returns a context that compares a schema with metadata; partitions count as part of their parent."""
    schema = metadata.schema
    partitions = set(
        connection.scalars(
            text(
                "SELECT c.relname FROM pg_class c WHERE c.relispartition AND c.relnamespace = to_regnamespace(:s)"
            ),
            {"s": schema},
        )
    )

    def belongs(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "schema":
            return name == schema
        if kind == "table":
            return name not in partitions and name != "alembic_version"
        return bool(parents.get("schema_name") == schema)

    return MigrationContext.configure(
        connection,
        opts={
            "target_metadata": metadata,
            "include_schemas": True,
            "include_name": belongs,
            "compare_type": True,
            "compare_server_default": False,
            "version_table_schema": schema,
        },
    )
