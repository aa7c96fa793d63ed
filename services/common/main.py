"""The process of a service: `python -m services.<name> serve | work | all | migrate`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

import structlog

from services.common import collector, logs, telemetry
from services.common.niceness import stand_back
from services.common.rpc.health import Health
from services.common.rpc.server import RunningServer, start_server
from services.common.service import Loop, Service
from services.common.settings import CommonSettings, load

log = structlog.get_logger("main")

S = TypeVar("S", bound=CommonSettings)
Build = Callable[[S], AbstractAsyncContextManager[Service]]

_COMMANDS = {
    "serve": "answer RPCs",
    "work": "run the loops",
    "all": "do both in one process",
    "migrate": "bring the schema to this release; needs DATABASE_URL",
}
_FIRST_RESTART_SECONDS = 1.0
_LAST_RESTART_SECONDS = 30.0


def run(name: str, settings_class: type[S], build: Build[S]) -> None:
    """Does what the command line asks of the service, until SIGTERM or SIGINT, then drains and exits."""
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    if command not in _COMMANDS:
        choices = "\n".join(f"  {word:8} {what}" for word, what in _COMMANDS.items())
        sys.exit(f"usage: python -m services.{name} COMMAND\n\n{choices}")
    if command == "migrate":
        _migrate(name)
        return
    settings = load(settings_class)
    if not settings.service_name:
        settings = settings.model_copy(update={"service_name": name})
    stand_back(settings.niceness)
    if command != "work" and settings.rpc_processes > 1:
        sys.exit(Processes(settings, build, command).run())
    sys.exit(asyncio.run(_Process(settings, build, command).run()))


def _migrate(name: str) -> None:
    from services.common.db import migrations

    url = os.environ.get("DATABASE_URL")
    if not url:
        sys.exit("The settings cannot be used:\nDATABASE_URL: is required to migrate")
    revision = migrations.run(name, url)
    sys.stdout.write(f"{name} is at revision {revision}\n")


class _Process(Generic[S]):
    """One process: the RPC server, the loops, or both, and their common end."""

    def __init__(self, settings: S, build: Build[S], command: str, index: int = 0, address: str = "") -> None:
        self._settings = settings
        self._build = build
        self._command = command
        self._index = index
        self._address = address or settings.bind_address
        self._share_port = bool(address)
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Works until told to stop; returns the exit code."""
        settings = self._settings
        logs.setup(settings, self._command)
        telemetry.setup(settings, self._command, index=self._index)
        try:
            async with contextlib.AsyncExitStack() as stack:
                # Until everything is ready a signal interrupts whatever is waited for, such as the database.
                self._on_signals(asyncio.current_task())
                service = await stack.enter_async_context(self._build(settings))
                server = await self._serve(service)
                if server is not None:
                    stack.push_async_callback(server.stop)
                    log.info("listening", port=server.port)
                await self._ready(service, server)
                collector.settle()
                self._on_signals(None)
                loops = self._begin(service.loops)
                log.info(
                    "ready", port=server.port if server else None, loops=[one.name for one in service.loops]
                )
                await self._stop.wait()
                log.info("draining", grace_seconds=settings.shutdown_grace_seconds)
                await self._end(server, loops)
        except asyncio.CancelledError:
            if not self._stop.is_set():
                raise
        finally:
            telemetry.shutdown()
        log.info("stopped")
        return 0

    def _on_signals(self, interrupted: asyncio.Task[int] | None) -> None:
        def stop() -> None:
            self._stop.set()
            if interrupted is not None:
                interrupted.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)

    async def _serve(self, service: Service) -> RunningServer | None:
        if self._command == "work":
            return None
        return await start_server(service, self._settings, address=self._address, share_port=self._share_port)

    async def _ready(self, service: Service, server: RunningServer | None) -> None:
        """Waits until the database answers and is migrated; loops that began earlier could only fail."""
        if server is not None:
            await server.health.serving.wait()
            return
        health = Health(service.database, ())
        checking = asyncio.create_task(health.loop(), name="health")
        try:
            await health.serving.wait()
        finally:
            checking.cancel()
            await asyncio.gather(checking, return_exceptions=True)

    def _begin(self, loops: list[Loop]) -> list[asyncio.Task[None]]:
        if self._command == "serve":
            return []
        return [asyncio.create_task(keep_running(loop, self._stop), name=loop.name) for loop in loops]

    async def _end(self, server: RunningServer | None, loops: list[asyncio.Task[None]]) -> None:
        """Lets calls and loops finish what they have in hand, within the grace."""
        grace = float(self._settings.shutdown_grace_seconds)
        serving = asyncio.create_task(server.stop(grace)) if server else None
        if loops:
            _, late = await asyncio.wait(loops, timeout=grace)
            for task in late:
                log.warning("loop did not finish in time", loop=task.get_name())
                task.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
        if serving:
            await serving


async def keep_running(loop: Loop, stop: asyncio.Event) -> None:
    """Runs a loop until stop is set; a loop that fails is told and begun again after a growing pause."""
    pause = _FIRST_RESTART_SECONDS
    while not stop.is_set():
        began = time.monotonic()
        try:
            await loop.run(stop)
        except Exception:
            log.exception("loop failed", loop=loop.name, restart_seconds=pause)
        else:
            if stop.is_set():
                return
            log.error("loop ended by itself", loop=loop.name, restart_seconds=pause)
        if time.monotonic() - began > _LAST_RESTART_SECONDS:
            pause = _FIRST_RESTART_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, _LAST_RESTART_SECONDS)


class Processes(Generic[S]):
    """Several serving processes on one port; one that dies is begun again."""

    def __init__(self, settings: S, build: Build[S], command: str) -> None:
        self._settings = settings
        self._build = build
        self._command = command
        self._children: dict[int, int] = {}
        self._stopping = False

    def run(self) -> int:
        """Forks, watches and finally waits for the processes; returns the exit code."""
        logs.setup(self._settings, self._command)
        with _reserved(self._settings.bind_address) as address:
            signal.signal(signal.SIGTERM, self._pass_on)
            signal.signal(signal.SIGINT, self._pass_on)
            for index in range(self._settings.rpc_processes):
                self._fork(index, address)
            while self._children:
                pid, status = os.wait()
                index = self._children.pop(pid)
                if not self._stopping:
                    log.error("process died", pid=pid, status=os.waitstatus_to_exitcode(status))
                    time.sleep(_FIRST_RESTART_SECONDS)
                    if not self._stopping:
                        self._fork(index, address)
        return 0

    def _fork(self, index: int, address: str) -> None:
        """Begins process `index`; the first one also runs the loops where the command asks for both."""
        pid = os.fork()
        if pid:
            self._children[pid] = index
            if self._stopping:  # the signal came between the fork and this line
                os.kill(pid, signal.SIGTERM)
            return
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        command = self._command if index == 0 else "serve"
        code = 1
        try:
            code = asyncio.run(_Process(self._settings, self._build, command, index, address).run())
        except BaseException:
            log.exception("process failed")
        finally:
            sys.stdout.flush()
            os._exit(code)

    def _pass_on(self, number: int, _frame: object) -> None:
        self._stopping = True
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


@contextlib.contextmanager
def _reserved(address: str) -> Iterator[str]:
    """Holds the port for the processes that will share it; a port 0 becomes a free one."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host.strip("[]"), int(port)))
        yield f"{host}:{held.getsockname()[1]}"
