"""Two services that exist only in tests: `sample` emits, `other` consumes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue
from redis.asyncio import Redis

from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event

Run = Callable[[Callable[[asyncio.Event], Awaitable[None]]], asyncio.Event]


@pytest.fixture
def owner_url(clone_database) -> str:
    return clone_database(["sample", "other"])


@pytest.fixture
async def sample(open_database, owner_url) -> Database:
    return await open_database(owner_url, "sample")


@pytest.fixture
async def other(open_database, owner_url) -> Database:
    return await open_database(owner_url, "other")


@pytest.fixture
async def run() -> AsyncIterator[Run]:
    """Runs loops beside the test; they are stopped and must have ended well when it is over."""
    stops: list[asyncio.Event] = []
    tasks: list[asyncio.Task[None]] = []

    def start(loop: Callable[[asyncio.Event], Awaitable[None]]) -> asyncio.Event:
        stop = asyncio.Event()
        stops.append(stop)
        tasks.append(asyncio.ensure_future(loop(stop)))
        return stop

    yield start
    for stop in stops:
        stop.set()
    async with asyncio.timeout(20):
        await asyncio.gather(*tasks)


class Seen:
    """A handler that writes a row per event, so that effects are counted in the database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.calls: list[str] = []
        self.envelopes: list[EventEnvelope] = []
        self.fail: Callable[[str], bool] = lambda _name: False
        self.before_commit: Callable[[], Awaitable[None]] | None = None

    async def __call__(self, uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        assert isinstance(payload, StringValue)
        self.calls.append(payload.value)
        self.envelopes.append(envelope)
        if self.fail(payload.value):
            raise ValueError(payload.value)
        await uow.execute(
            "INSERT INTO thing (tenant_id, thing_id, name, created_at) VALUES (%s, gen_random_uuid(), %s, now())",
            (uow.tenant_id, payload.value),
        )
        if self.before_commit:
            await self.before_commit()

    async def effects(self) -> list[str]:
        """Returns the names of all rows written, in their order."""
        async with self.database.system() as uow:
            return [
                name for (name,) in await uow.fetch_all("SELECT name FROM thing ORDER BY created_at, name")
            ]

    async def until(self, count: int, seconds: float = 20) -> list[str]:
        """Waits for that many effects and a moment longer, so that one too many is seen as well."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(await self.effects()) < count:  # noqa: ASYNC110 - effects are rows, and rows set no event
                    await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        return await self.effects()


@pytest.fixture
def seen(other) -> Seen:
    return Seen(other)


async def emit(
    database: Database, tenant_id: UUID, *names: str, aggregate: str = "a", type: str = "thing.made"
) -> None:
    """Emits one event per name in one transaction."""
    async with database.tenant(tenant_id) as uow:
        for name in names:
            uow.emit(Event(type, "thing", aggregate, StringValue(value=name)))


async def positions(database: Database) -> list[int]:
    """Returns the stamped positions of the outbox."""
    async with database.system() as uow:
        return [found for (found,) in await uow.fetch_all("SELECT position FROM outbox ORDER BY position")]


async def stream_positions(redis: Redis, service: str) -> list[int]:
    """Returns the positions that are in the stream now."""
    return [int(name.split(b"-")[0]) for name, _ in await redis.xrange(f"angarium:events:{service}")]


async def until(
    look: Callable[[], Awaitable[object]], wanted: object, *, seconds: float = 20, pause: float = 0.02
) -> None:
    """Waits until a look finds what is wanted; fails with what it found last."""
    found: object = None
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = await look()
        if found == wanted:
            return
        await asyncio.sleep(pause)
    assert found == wanted
