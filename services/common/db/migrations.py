"""Runs the migrations of a service: forward only, one transaction per revision, one runner at a time."""

import hashlib
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, text

from services.common.db import alembic_env, revisions
from services.common.db.rls import login_role, renewal, system_role

_RUNNER_LOCK = 4_872_190_336_511
LOCK_TIMEOUT = timedelta(seconds=4)
STATEMENT_TIMEOUT = timedelta(minutes=10)


def run(
    service: str,
    url: str,
    *,
    password: str | None = None,
    revision: str = "head",
    folder: Path | None = None,
    lock_timeout: timedelta = LOCK_TIMEOUT,
    statement_timeout: timedelta = STATEMENT_TIMEOUT,
) -> str:
    """Brings the schema of a service to a revision and returns it.

    Args:
        service: Name of the service, which is its schema's name too.
        url: Connection URL of the owner or superuser.
        password: Password of the service's login role; `<SERVICE>_DB_PASSWORD` or `…_FILE` when not given. The role
            keeps the one it has when there is none at all.
        revision: Where to stop.
        folder: Folder that holds `versions/`; the service's own when not given.
        lock_timeout: How long a statement may wait for a lock that traffic holds before the revision fails whole.
        statement_timeout: How long one statement may run.
    """
    folder = folder or revisions.folder_of(service)
    with alembic_env.owner_connection(url) as connection:
        # One runner per database, for the whole run; waiting runners then find nothing left to do.
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _RUNNER_LOCK})
        connection.commit()
        try:
            _set_timeouts(connection, lock_timeout, statement_timeout)
            _prepare_schema(connection, service, password or _password_of(service, os.environ))
            alembic_env.upgrade(connection, service, folder, revision)
            _renew_policies(connection, service)
            _guard_version_table(connection, service)
            return _version(connection, service)
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _RUNNER_LOCK})
            connection.commit()


def current(service: str, url: str) -> str:
    """Returns the revision a schema is at; `0000` when it was never migrated."""
    with alembic_env.owner_connection(url) as connection:
        return _version(connection, service)


def is_current(service: str, url: str, *, folder: Path | None = None) -> bool:
    """Returns whether a schema is at the newest revision of this release, or beyond it."""
    return int(current(service, url)) >= int(revisions.head(folder or revisions.folder_of(service)))


def _password_of(service: str, environment: Mapping[str, str]) -> str | None:
    name = f"{service.upper()}_DB_PASSWORD"
    if file := environment.get(f"{name}_FILE"):
        return Path(file).read_text(encoding="utf-8").strip()
    return environment.get(name)


def _set_timeouts(connection: Connection, lock: timedelta, statement: timedelta) -> None:
    settings = {"lock_timeout": lock, "statement_timeout": statement}
    for name, value in settings.items():
        connection.execute(
            text("SELECT set_config(:name, :value, false)"),
            {"name": name, "value": f"{int(value.total_seconds() * 1000)}ms"},
        )
    connection.commit()


def _prepare_schema(connection: Connection, service: str, password: str | None) -> None:
    """Makes roles, schema and rights; repeating it changes nothing but the password."""
    login, system = login_role(service), system_role(service)
    _make_role(
        connection, login, "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    )
    _make_role(
        connection, system, "NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    )
    if password is not None:
        _set_password(connection, login, password)
    schema = f'"{service}"'
    statements = [
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
        f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO {login}, {system}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {login}, {system}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE ON SEQUENCES TO {login}, {system}",
        f"GRANT {system} TO {login}",
    ]
    for statement in statements:
        connection.execute(text(statement))
    database = connection.scalar(text("SELECT quote_ident(current_database())"))
    connection.execute(text(f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {login}, {system}"))
    connection.commit()


def _make_role(connection: Connection, role: str, options: str) -> None:
    """Makes a role unless it exists; roles belong to the whole server, so another database's runner may be first."""
    connection.execute(
        text(
            f"DO $$ BEGIN CREATE ROLE {role} {options}; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    )


def _set_password(connection: Connection, role: str, password: str) -> None:
    """Sets a password as its verifier, so that it stands in no log of the server."""
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    verifier = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
    driver.execute(statement)


def _renew_policies(connection: Connection, service: str) -> None:
    """Brings policies of tables that were made by an earlier release to the form of this one."""
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    driver.execute(renewal(service).encode())
    connection.commit()


def _guard_version_table(connection: Connection, service: str) -> None:
    for role in (login_role(service), system_role(service)):
        connection.execute(
            text(f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "{service}".alembic_version FROM {role}')
        )
    connection.commit()


def _version(connection: Connection, service: str) -> str:
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": f'"{service}".alembic_version'}) is None:
        return "0000"
    found: str | None = connection.scalar(text(f'SELECT version_num FROM "{service}".alembic_version'))  # noqa: S608
    return found or "0000"


def fingerprint(folders: Mapping[str, Path]) -> str:
    """Returns a short word that changes with any revision of these services or with the common tables."""
    digest = hashlib.sha256()
    own = Path(__file__).parent
    files = [own / "common_schema.py", own / "rls.py", own / "migrations.py"]
    for service in sorted(folders):
        digest.update(service.encode())
        files += sorted((folders[service] / "versions").glob("*.py"))
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
