import asyncio
import logging
import os
import signal
from uuid import uuid4

import psycopg
import pytest

from cli.embedded.postgres import EmbeddedPostgres
from services.common.db.database import Database
from services.common.db.testing import TemplateDatabases, login_url
from tests.conftest import SAMPLE

INSERT = "INSERT INTO thing (tenant_id, thing_id, name, created_at) VALUES (%s, %s, 'x', now())"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own, for it is killed."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("killed"), fast_for_tests=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def url(server) -> str:
    return TemplateDatabases(server.start(), folders={"sample": SAMPLE}).clone(["sample"])


def kill(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)


async def test_the_pool_is_of_use_again_at_once_after_the_database_was_killed_and_restarted(server, url):
    database = Database(login_url(url, "sample"), "sample", migrations=SAMPLE, pool_min=4, pool_max=4)
    await database.connect()
    tenant = uuid4()

    async def write() -> None:
        async with database.tenant(tenant) as uow:
            await uow.execute(INSERT, (tenant, uuid4()))
            await asyncio.sleep(0.05)

    await asyncio.gather(*(write() for _ in range(4)))
    kill(server)
    server.start()
    async with asyncio.timeout(15):
        await asyncio.gather(*(write() for _ in range(8)))
    async with database.tenant(tenant) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM thing") == 12
    await database.close()


async def test_a_transaction_in_hand_fails_when_the_database_is_killed_and_health_says_so(server, url):
    database = Database(login_url(url, "sample"), "sample", migrations=SAMPLE, pool_min=1, pool_max=2)
    await database.connect()
    tenant = uuid4()
    with pytest.raises(psycopg.OperationalError):  # noqa: PT012 - the transaction is what ends by it
        async with database.tenant(tenant) as uow:
            await uow.execute(INSERT, (tenant, uuid4()))
            kill(server)
            await asyncio.sleep(0.1)
            await uow.execute(INSERT, (tenant, uuid4()))
    assert await database.trouble() == "database does not answer"
    server.start()
    async with asyncio.timeout(15):
        while await database.trouble():  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.1)
    await database.close()


@pytest.mark.req("REL-22")
async def test_a_service_waits_for_its_database_at_start_and_says_so(server, url, caplog):
    kill(server)
    database = Database(login_url(url, "sample"), "sample", migrations=SAMPLE)
    with caplog.at_level(logging.WARNING, "services.common.db.database"):
        connecting = asyncio.create_task(database.connect())
        await asyncio.sleep(1)
        assert not connecting.done()
        server.start()
        async with asyncio.timeout(20):
            await connecting
    assert await database.trouble() == ""
    assert "does not answer" in caplog.text
    assert "answers after" in caplog.text
    await database.close()


async def test_wake_ups_go_on_after_the_database_was_killed(server, url):
    listening = Database(login_url(url, "sample"), "sample", migrations=SAMPLE)
    waking = Database(login_url(url, "sample"), "sample", migrations=SAMPLE)
    await asyncio.gather(listening.connect(), waking.connect())
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def listen() -> None:
        async for payload in listening.listen("topic"):
            await heard.put(payload)

    task = asyncio.create_task(listen())
    async with asyncio.timeout(5):
        assert await heard.get() == ""
        waking.wake("topic", "one")
        assert await heard.get() == "one"
    kill(server)
    server.start()
    async with asyncio.timeout(15):
        # The empty payload of the reconnection says that some may have been missed.
        assert await heard.get() == ""
        while heard.empty():
            waking.wake("topic", "two")
            await asyncio.sleep(0.1)
        assert await heard.get() == "two"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.gather(listening.close(), waking.close())
