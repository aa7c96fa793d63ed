"""Finds the stores of an installation without starting anything."""

import os

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.stack import DATABASE_VARIABLE, REDIS_VARIABLE
from cli.embedded.valkey import EmbeddedValkey
from cli.output import CommandError
from cli.state_folder import StateFolder


def embedded_postgres(state: StateFolder) -> EmbeddedPostgres:
    """Returns the embedded PostgreSQL of a state folder, running or not."""
    return EmbeddedPostgres(state.path / "postgres", log_path=state.logs / "postgres.log")


def embedded_valkey(state: StateFolder) -> EmbeddedValkey:
    """Returns the embedded Valkey of a state folder, running or not."""
    return EmbeddedValkey(state.path / "valkey", log_path=state.logs / "valkey.log")


def database_url(state: StateFolder) -> str:
    """Returns the owner's URL of a database that can be asked now; CommandError when there is none."""
    url = os.environ.get(DATABASE_VARIABLE) or embedded_postgres(state).running_url()
    if not url:
        raise CommandError("PostgreSQL is not running.", "Start the stack: angarium up – or set DATABASE_URL")
    return url


def redis_url(state: StateFolder) -> str:
    """Returns the URL of a Valkey or Redis that can be asked now; CommandError when there is none."""
    url = os.environ.get(REDIS_VARIABLE) or embedded_valkey(state).running_url()
    if not url:
        raise CommandError("Valkey is not running.", "Start the stack: angarium up – or set REDIS_URL")
    return url
