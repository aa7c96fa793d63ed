"""Starts and stops everything in one process."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import uvicorn

from sandbox import signing
from sandbox.apns import server as apns_server
from sandbox.apns.api import Apns
from sandbox.app import build
from sandbox.context import Sandbox
from sandbox.faults import FaultBook
from sandbox.recipients.actions import People
from sandbox.recipients.planner import Planner
from sandbox.settings import Settings
from sandbox.smtp.relay import Relay
from sandbox.smtp.reporter import Reporter
from sandbox.smtp.server import Connection
from sandbox.store.database import Database
from sandbox.voices import voices
from sandbox.webhooks import Teller

log = logging.getLogger("sandbox")


@dataclass(frozen=True)
class Running:
    """A started sandbox and the ports it listens on."""

    sandbox: Sandbox
    http_port: int
    smtp_port: int
    apns_port: int


class _Server(uvicorn.Server):
    """Leaves signals to the one who runs everything."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # uvicorn's own signature has no types to repeat
        yield


@contextlib.asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[Running]:
    """Runs a sandbox for as long as the context lasts; unfinished work stays on disk for the next start."""
    database = Database(settings.database)
    sandbox = Sandbox(
        settings, database, FaultBook(database, settings.seed), signing.load(settings.signing_key)
    )
    sandbox.load()
    relay = Relay(sandbox)
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(
        lambda: Connection(relay), settings.smtp.host, settings.smtp.port, backlog=1024
    )
    senders: set[apns_server.Connection] = set()
    face = Apns(sandbox)
    apns = await loop.create_server(
        lambda: apns_server.Connection(face.answer, senders), settings.apns.host, settings.apns.port
    )
    config = uvicorn.Config(
        build(sandbox), host=settings.http.host, port=settings.http.port, access_log=False, log_level="warning",
        lifespan="off", http="httptools", timeout_graceful_shutdown=5,
    )  # fmt: skip
    http = _Server(config)
    stop = asyncio.Event()
    serving = asyncio.create_task(http.serve())
    loops = [
        asyncio.create_task(_keep_running(part.run, stop))
        for part in (Planner(sandbox), Teller(sandbox, voices(sandbox)), Reporter(sandbox), People(sandbox))
    ]
    try:
        while not http.started:
            if serving.done():
                raise OSError(f"SANDBOX_HTTP: cannot listen on {settings.http}")
            await asyncio.sleep(0.01)
        http_port = http.servers[0].sockets[0].getsockname()[1]
        smtp_port, apns_port = (one.sockets[0].getsockname()[1] for one in (smtp, apns))
        yield Running(sandbox, http_port, smtp_port, apns_port)
    finally:
        stop.set()
        for alarm in (sandbox.to_plan, sandbox.to_act, sandbox.to_tell, sandbox.to_report):
            alarm.ring()
        smtp.close()
        apns.close()
        for connection in list(relay.connections):
            connection.close()
        for sender in list(senders):
            sender.close()
        http.should_exit = True
        await asyncio.gather(serving, *loops, return_exceptions=True)
        database.close()


async def _keep_running(loop: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await loop(stop)
        except Exception:
            log.exception("a part of the sandbox failed and starts again")
            await asyncio.sleep(1)


async def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT; a part that fails ends the process."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with started(settings) as running:
        log.info(
            "sandbox ready: mailbox http://%s:%s, smtp %s:%s, apns %s:%s",
            settings.http.host, running.http_port, settings.smtp.host, running.smtp_port,
            settings.apns.host, running.apns_port,
        )  # fmt: skip
        await stop.wait()
