"""The whole product as a benchmark meets it: every role a process of its own, limits out of the way, nobody acting."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from bench.processes import Meter
from cli.client import ClientSettings, client_settings
from cli.installation import Installation
from cli.state_folder import StateFolder
from cli.supervisor import Supervisor

OUTSIDE = ("sandbox",)
"""Roles that stand for the outside world: what they use is told apart."""

# The limits stay on and are asked; their numbers are out of reach.
_LIMITS = {
    "RATE_LIMIT_PER_SECOND": "1000000",
    "RATE_LIMIT_EMAIL_PER_HOUR": "1000000",
    "RATE_LIMIT_GLOBAL_EMAIL_PER_MIN": "1000000000",
    "RATE_LIMIT_SEND_PER_MIN": "1000000000",
    "RATE_LIMIT_MAX_REQUESTS": "1000000000",
}


@dataclass(frozen=True, slots=True)
class Stack:
    """An installation that is ready, and what a benchmark asks of it."""

    installation: Installation
    supervisor: Supervisor
    settings: ClientSettings
    database: psycopg.AsyncConnection[Any]
    """The owner's connection, for counting what the services have written."""

    @property
    def sandbox_url(self) -> str:
        """Returns where the emulators listen."""
        return self.installation.sandbox_url

    @property
    def database_url(self) -> str:
        """Returns the owner's URL over the socket the services use."""
        postgres = self.installation.stack.postgres
        return postgres.socket_url if postgres else self.installation.database_url

    def meter(self) -> Meter:
        """Returns a meter of all roles."""
        names = [role.name for role in self.supervisor.roles if not role.once]
        return Meter({name: partial(self.supervisor.pid, name) for name in names})

    async def count(self, query: str, *values: Any) -> int:
        """Returns the number a query answers."""
        row = await (await self.database.execute(query.encode(), values)).fetchone()
        return int(row[0]) if row and row[0] is not None else 0


@asynccontextmanager
async def running(*, workers: int, state: Path | None = None) -> AsyncIterator[Stack]:
    """Starts everything in a folder of its own, which is removed afterwards unless it was named."""
    async with AsyncExitStack() as held:
        folder = state or Path(held.enter_context(tempfile.TemporaryDirectory(prefix="angarium-bench-")))
        environment = {**os.environ, **_LIMITS}
        installation = Installation(StateFolder.at(folder), workers=workers, environment=environment)
        supervisor = await held.enter_async_context(installation.supervisor())
        stack = Stack(
            installation,
            supervisor,
            client_settings(installation.state),
            await psycopg.AsyncConnection.connect(installation.database_url, autocommit=True),
        )
        held.push_async_callback(stack.database.close)
        yield stack


def split(cpu: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Returns the CPU seconds of the product, and those of what stands for the outside world."""
    inside = {name: seconds for name, seconds in cpu.items() if name not in OUTSIDE}
    return inside, {name: seconds for name, seconds in cpu.items() if name in OUTSIDE}
