"""What all tests share: a real PostgreSQL and Valkey, databases of their own, a clock that stands still."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from redis.asyncio import Redis

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.valkey import EmbeddedValkey
from services.common import telemetry
from services.common.clock import Clock, FixedClock
from services.common.db.database import Database
from services.common.db.testing import TemplateDatabases, login_url
from tests.house import SERVICES, Served, whole_house
from tests.memory import folder_in_memory
from tests.spans import Recorded

SAMPLE = Path(__file__).parent / "common" / "sample"
"""Migrations of `sample`, a service that exists only in tests of what services share."""

QUICK = {"max_wal_size": "256MB", "deadlock_timeout": "50ms"}
"""Little room for the log, and deadlocks that are found at once: some tests provoke many."""

OpenDatabase = Callable[..., Awaitable[Database]]


def pytest_configure() -> None:
    # Tests start servers by fork and exec; gRPC's own handling of forks would close what they inherit.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    # A zone with an odd offset: code that takes the machine's zone for UTC fails here.
    os.environ["TZ"] = "Asia/Kathmandu"
    time.tzset()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The superuser's URL of DATABASE_URL's server, or of one that lives as long as this test process."""
    with ExitStack() as stack:
        url = os.environ.get("DATABASE_URL")
        if url is None:
            folder = stack.enter_context(folder_in_memory(tmp_path_factory.mktemp("postgres")))
            server = EmbeddedPostgres(folder, fast_for_tests=True, settings=QUICK)
            url = server.start()
            stack.callback(server.stop)
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The URL of a database of this test process on REDIS_URL's server, or of a server of its own."""
    with ExitStack() as stack:
        url = os.environ.get("REDIS_URL")
        if url is None:
            server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"), fast_for_tests=True)
            url = server.start()
            stack.callback(server.stop)
        else:
            number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
            url = urlunsplit(urlsplit(url)._replace(path=f"/{number}"))
        yield url


@pytest.fixture(scope="session")
def templates(postgres_url: str) -> TemplateDatabases:
    return TemplateDatabases(postgres_url, folders={"sample": SAMPLE, "other": SAMPLE.parent / "other"})


@pytest.fixture
def clone_database(templates: TemplateDatabases) -> Iterator[Callable[[Iterable[str]], str]]:
    """Makes databases with the schemas of the named services and returns their owner's URL; they go after the test."""
    made: list[str] = []

    def clone(services: Iterable[str]) -> str:
        made.append(templates.clone(services))
        return made[-1]

    yield clone
    for url in made:
        templates.drop(url)


@pytest.fixture
async def open_database(clone_database: Callable[[Iterable[str]], str]) -> AsyncIterator[OpenDatabase]:
    """Opens a service's database in its login role; closed after the test, and before the database goes."""
    opened: list[Database] = []

    async def open_one(
        owner_url: str, service: str, *, clock: Clock | None = None, **options: Any
    ) -> Database:
        folder = SAMPLE.parent / service if (SAMPLE.parent / service / "versions").is_dir() else None
        database = Database(login_url(owner_url, service), service, clock=clock, migrations=folder, **options)
        await database.connect()
        opened.append(database)
        return database

    yield open_one
    await asyncio.gather(*(database.close() for database in opened))


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of an empty Redis database."""
    client: Redis = Redis.from_url(redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon of a winter Thursday, UTC."""
    return FixedClock(datetime(2026, 1, 15, 12, 0, tzinfo=UTC))


@pytest.fixture
async def house(
    clone_database: Callable[[Iterable[str]], str], redis_url: str
) -> AsyncIterator[dict[str, Served]]:
    """The four services, served together on one database; nothing is in them."""
    async with whole_house(clone_database(SERVICES), redis_url) as served:
        yield served


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """Records spans while the test runs; without it nothing is recorded."""
    recorded = Recorded()
    telemetry.use_tracing(recorded.tracing)
    yield recorded
    telemetry.use_tracing(None)
    recorded.tracing.shutdown()
