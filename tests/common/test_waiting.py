"""A service whose database comes late, goes away and comes back: it says so from the start, and serves when it can."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import psycopg
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angarium.consent.v1 import suppression_service_pb2 as pb
from angarium.consent.v1 import suppression_service_pb2_grpc as rpc
from cli.embedded.postgres import EmbeddedPostgres
from services.common.db.testing import TemplateDatabases, database_environment
from services.common.errors import ServiceError
from services.consent.bootstrap import build
from services.consent.settings import ConsentSettings
from tests.common.given import COMPLETE, RECEIPT_KEYS
from tests.house import Served, serving, settings_for

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Observer:
    """Asks a service how it is, as an orchestrator and as a caller do."""

    def __init__(self, served: Served) -> None:
        self._channel = grpc.aio.insecure_channel(served.address)
        self._health: Any = health_pb2_grpc.HealthStub(self._channel)
        self._stub: Any = served.person(rpc.SuppressionServiceStub)

    async def close(self) -> None:
        await self._channel.close()

    async def status(self, service: str = "") -> tuple[int, str]:
        """The status, and the words that go with it."""
        call = self._health.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
        status = (await call).status
        trailing = dict(await call.trailing_metadata())
        return status, trailing["readiness"]

    async def until(self, wanted: int, seconds: float = 20) -> str:
        async with asyncio.timeout(seconds):
            while True:
                status, words = await self.status()
                if status == wanted:
                    return words
                await asyncio.sleep(0.05)

    async def ask(self) -> None:
        await self._stub.ListSuppressions(pb.ListSuppressionsRequest())

    async def refused(self) -> ServiceError:
        with pytest.raises(ServiceError) as refused:
            await self.ask()
        return refused.value


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of its own, for it is stopped."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("late"), fast_for_tests=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def url(server: EmbeddedPostgres) -> str:
    return TemplateDatabases(server.start()).clone(["consent"])


@pytest.fixture
async def observed(
    server: EmbeddedPostgres, url: str, redis_url: str
) -> AsyncIterator[tuple[Observer, EmbeddedPostgres]]:
    """A service that was started while its database was down."""
    server.stop()
    settings = settings_for(ConsentSettings, url, redis_url, "consent")
    async with serving(build, settings) as served:
        observer = Observer(served)
        yield observer, server
        await observer.close()
    server.start()


@pytest.mark.req("GAT-18", "GEN-5", "REL-22")
async def test_a_service_answers_from_the_start_and_serves_once_its_database_came_went_and_came_back(
    observed: tuple[Observer, EmbeddedPostgres],
) -> None:
    observer, server = observed
    for _ in range(2):
        assert await observer.until(NOT_SERVING) == "database does not answer"
        assert (await observer.status("angarium.consent.v1.SuppressionService"))[0] == NOT_SERVING
        refused = await observer.refused()
        assert refused.status is grpc.StatusCode.UNAVAILABLE
        assert refused.reason == "DEPENDENCY_UNAVAILABLE"
        assert refused.metadata["dependency"] == "database"
        assert refused.retry_after is not None
        assert refused.retry_after.total_seconds() > 0
        await asyncio.sleep(1)
        server.start()
        assert await observer.until(SERVING) == "serving"
        await observer.ask()
        server.stop()


@pytest.mark.req("GEN-10", "GAT-18")
async def test_a_schema_that_is_not_current_is_told_and_calls_are_refused_until_it_is(
    server: EmbeddedPostgres, url: str, redis_url: str
) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        row = owner.execute("SELECT version_num FROM consent.alembic_version").fetchone()
        assert row is not None
        owner.execute("UPDATE consent.alembic_version SET version_num = '0000'")
        settings = settings_for(ConsentSettings, url, redis_url, "consent")
        async with serving(build, settings) as served:
            observer = Observer(served)
            assert await observer.until(NOT_SERVING) == "migrations are not current: run `migrate`"
            assert (await observer.refused()).metadata[
                "detail"
            ] == "migrations are not current: run `migrate`"
            owner.execute("UPDATE consent.alembic_version SET version_num = %s", row)
            assert await observer.until(SERVING) == "serving"
            await observer.ask()
            await observer.close()


async def test_a_pool_that_is_used_up_is_no_outage(
    server: EmbeddedPostgres, url: str, redis_url: str
) -> None:
    settings = settings_for(ConsentSettings, url, redis_url, "consent", db_pool_min=1, db_pool_max=1)
    async with serving(build, settings) as served, served.service.database.system() as uow:
        await uow.fetch_value("SELECT 1")
        assert await served.service.database.trouble() == ""


@pytest.mark.parametrize("command", ["all", "work"])
async def test_a_process_begins_its_loops_when_the_database_has_come(
    server: EmbeddedPostgres, url: str, redis_url: str, command: str
) -> None:
    server.stop()
    plain = {name.upper(): str(value) for name, value in COMPLETE.items() if not isinstance(value, bool)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.consent", command),
        env={
            **os.environ,
            **plain,
            **database_environment(url, "consent"),
            "RECEIPT_KEYS": RECEIPT_KEYS,
            "REDIS_URL": redis_url,
            "BIND_ADDRESS": "127.0.0.1:0",
            "ENABLE_METRICS": "false",
        },
        stdout=PIPE,
        stderr=PIPE,
    )
    events: list[str] = []

    async def until(event: str) -> dict[str, Any]:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            while True:
                text = await process.stdout.readline()
                assert text, events
                line: dict[str, Any] = json.loads(text)
                events.append(line["event"])
                if line["event"] == event:
                    return line

    try:
        waiting = await until("not serving")
        assert waiting["state"] == "database does not answer"
        assert waiting["next_check_seconds"] > 0
        assert "ready" not in events
        assert ("listening" in events) == (command == "all")
        server.start()
        await until("ready")
        assert "loop failed" not in events
        process.terminate()
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
        server.start()
