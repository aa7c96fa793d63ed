"""Databases for tests: each a copy of a migrated template, made in milliseconds."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from alembic.autogenerate import compare_metadata
from psycopg import sql
from sqlalchemy import MetaData

from services.common.db import alembic_env, migrations, revisions
from services.common.db.rls import login_role

PASSWORD = "password of tests"  # noqa: S105 - tests only
_TEMPLATE_LOCK = 4_872_190_336_512


class TemplateDatabases:
    """Makes databases on one server; the template of a set of services is migrated once and kept."""

    def __init__(self, admin_url: str, *, folders: Mapping[str, Path] | None = None) -> None:
        self._admin_url = admin_url
        self._folders = dict(folders or {})

    def clone(self, services: Iterable[str]) -> str:
        """Makes a database with these services' schemas and returns its owner's URL."""
        name = f"test_{uuid4().hex[:16]}"
        with psycopg.connect(self._admin_url, autocommit=True) as admin:
            # Copying a template needs it idle, and making roles of the server is no place for a race either.
            admin.execute("SELECT pg_advisory_lock(%s)", (_TEMPLATE_LOCK,))
            template = self._template(admin, sorted(services))
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return self._url_of(name)

    def drop(self, url: str) -> None:
        """Drops a cloned database and whatever is still connected to it."""
        name = urlsplit(url).path.removeprefix("/")
        with psycopg.connect(self._admin_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _template(self, admin: psycopg.Connection[Any], services: list[str]) -> str:
        folders = {service: self._folders.get(service, revisions.folder_of(service)) for service in services}
        name = f"template_{migrations.fingerprint(folders)}"
        row = admin.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if row == (True,):
            return name
        identifier = sql.Identifier(name)
        # An interrupted run left one that is not marked as finished.
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(identifier))
        for service, folder in folders.items():
            migrations.run(service, self._url_of(name), password=PASSWORD, folder=folder)
        admin.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(identifier))
        return name

    def _url_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self._admin_url)._replace(path=f"/{database}"))


def login_url(owner_url: str, service: str) -> str:
    """Returns the URL with which a service logs in to a cloned database."""
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{login_role(service)}:{quote(PASSWORD)}@{place}"))


def database_environment(owner_url: str, service: str) -> dict[str, str]:
    """Returns the environment variables with which a service's process finds a cloned database."""
    parts = urlsplit(owner_url)
    return {
        "DB_HOST": parts.hostname or "127.0.0.1",
        "DB_PORT": str(parts.port or 5432),
        "DB_NAME": parts.path.removeprefix("/"),
        "DB_USER": login_role(service),
        "DB_PASSWORD": PASSWORD,
    }


def assert_migrations_equal_metadata(owner_url: str, metadata: MetaData) -> None:
    """Fails with the differences when the migrated schema is not what the tables say."""
    with alembic_env.owner_connection(owner_url) as connection:
        differences = compare_metadata(alembic_env.comparison_context(connection, metadata), metadata)
    if differences:
        raise AssertionError("migrations and metadata differ:\n" + "\n".join(map(repr, differences)))


def unguarded_tables(owner_url: str, schema: str) -> list[str]:
    """Returns tables that have `tenant_id` but no enabled, forced policies, or whose key it does not lead."""
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(_UNGUARDED, {"schema": schema}).fetchall()
    return [name for (name,) in rows]


_UNGUARDED = """
SELECT c.relname
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND (
    NOT c.relrowsecurity OR NOT c.relforcerowsecurity
    OR (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) <> 2
    OR NOT EXISTS (
        SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indkey[0] = a.attnum
    )
  )
ORDER BY c.relname
"""
