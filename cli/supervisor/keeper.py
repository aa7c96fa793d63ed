"""Keeps one role running: starts it, waits until it is ready, starts it again when it dies, drains it."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path

from cli.embedded.errors import EmbeddedError
from cli.embedded.processes import ProcessIdentity, spawn
from cli.embedded.state import open_log, tail
from cli.supervisor.pids import PidFiles, kill_group
from cli.supervisor.polling import POLL_SECONDS, until
from cli.supervisor.readiness import Life
from cli.supervisor.role import Program, Role, RoleFailed, RoleState, RoleStatus

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
# A role that stayed up this long is healthy: its next death is a new story.
_HEALTHY_SECONDS = 20.0
_TRIES_BEFORE_FIRST_READY = 3


class Keeper:
    """The life of one role under a supervisor."""

    def __init__(
        self,
        role: Role,
        log_path: Path,
        pids: PidFiles,
        launcher: Executor,
        on_event: Callable[[str, str], None],
    ) -> None:
        self.role = role
        self.state = RoleState.WAITING
        self.restarts = 0
        self.seconds_to_ready: float | None = None
        self.log_path = log_path if isinstance(role.start, Program) else role.start.log_path
        self.was_ready = asyncio.Event()
        self.stopped = asyncio.Event()
        self._stopping = asyncio.Event()
        self._killing = False
        self._pids = pids
        self._launcher = launcher
        self._on_event = on_event
        self._process: subprocess.Popen[bytes] | None = None
        self._environment: Mapping[str, str] | None = None

    @property
    def pid(self) -> int | None:
        """Returns the pid of what runs now."""
        start = self.role.start
        if isinstance(start, Program):
            return self._process.pid if self._process and self._process.poll() is None else None
        return start.pid if start.alive() else None

    @property
    def status(self) -> RoleStatus:
        """Returns what is known now."""
        return RoleStatus(self.role.name, self.state, self.pid, self.restarts, self.seconds_to_ready)

    async def run(self, needed: list["Keeper"]) -> None:
        """Keeps the role until `stop`; RoleFailed when it never gets ready."""
        try:
            if await self._dependencies_ready(needed):
                await self._live()
        finally:
            if self.state is not RoleState.FAILED:
                self.state = RoleState.FINISHED if self._finished else RoleState.STOPPED
            self.stopped.set()

    async def stop(self, callers: list["Keeper"]) -> None:
        """Drains the role once its callers have stopped: SIGTERM, a grace, SIGKILL."""
        for caller in callers:
            await caller.stopped.wait()
        if self.state is RoleState.READY:
            self.state = RoleState.STOPPING
        self._stopping.set()
        await self.stopped.wait()

    def kill(self) -> None:
        """Ends the role at once; `stop` then has nothing left to wait for."""
        self._killing = True
        self._stopping.set()
        if isinstance(self.role.start, Program) and (pid := self.pid):
            kill_group(pid)

    def renew(self) -> None:
        """Restarts a program whose environment is no longer what it was started with."""
        start = self.role.start
        if not isinstance(start, Program) or not start.environment or not self._process or not self.pid:
            return
        if dict(start.environment()) != self._environment:
            self._process.terminate()

    @property
    def _finished(self) -> bool:
        return self.role.once and self.was_ready.is_set()

    async def _dependencies_ready(self, needed: list["Keeper"]) -> bool:
        await until(lambda: self._stopping.is_set() or all(keeper.was_ready.is_set() for keeper in needed))
        return not self._stopping.is_set()

    async def _live(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            self.state = RoleState.RESTARTING if self.was_ready.is_set() else RoleState.STARTING
            began = time.monotonic()
            why = await self._one_life(began)
            if self._stopping.is_set() or self._finished:
                return
            failures = 1 if time.monotonic() - began > _HEALTHY_SECONDS else failures + 1
            give_up = self.role.once or failures >= _TRIES_BEFORE_FIRST_READY
            if give_up and not self.was_ready.is_set():
                self.state = RoleState.FAILED
                raise RoleFailed(self.role.name, why, self.log_path, tail(self.log_path))
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (failures - 1))
            self.restarts += 1
            self.state = RoleState.RESTARTING
            self._on_event(self.role.name, f"{why}; starting again in {pause:.1f} s")
            await self._pause(pause)

    async def _one_life(self, began: float) -> str:
        """Starts the role and returns why it ended."""
        offset = self.log_path.stat().st_size if self.log_path.exists() else 0
        try:
            await self._start()
        except (EmbeddedError, OSError) as error:
            return str(error)
        try:
            if not self.role.once and not await self._becomes_ready(Life(began, self.log_path, offset)):
                return "was not ready in time" if self._running() else self._how_it_ended()
            if not self.role.once:
                self._ready(began)
            await until(lambda: self._stopping.is_set() or not self._running())
            if self.role.once and not self._running() and self._process and self._process.returncode == 0:
                self._ready(began)
            return self._how_it_ended()
        finally:
            await self._end()

    def _ready(self, began: float) -> None:
        again = self.was_ready.is_set()
        self.seconds_to_ready = time.monotonic() - began
        self.state = RoleState.READY
        self.was_ready.set()
        word = "finished" if self.role.once else "ready again" if again else "ready"
        self._on_event(self.role.name, f"{word} after {self.seconds_to_ready:.1f} s")

    async def _start(self) -> None:
        start = self.role.start
        if not isinstance(start, Program):
            await asyncio.get_running_loop().run_in_executor(self._launcher, start.start)
            return
        self._environment = dict(start.environment()) if start.environment else None
        log = open_log(self.log_path)
        try:
            self._process = spawn(start.command, cwd=start.cwd, environment=self._environment, output=log)
        finally:
            os.close(log)
        identity = ProcessIdentity.of(self._process.pid)
        if identity:
            self._pids.write(self.role.name, identity)

    async def _becomes_ready(self, life: Life) -> bool:
        if not isinstance(self.role.start, Program):
            return True
        while self._running() and not self._stopping.is_set():
            if await self.role.ready.check(life):
                return self._running()
            if time.monotonic() - life.began > self.role.ready_within:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return False

    def _running(self) -> bool:
        start = self.role.start
        return self.pid is not None if isinstance(start, Program) else start.alive()

    def _how_it_ended(self) -> str:
        code = self._process.returncode if self._process else None
        if code is None:
            return "ended"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    async def _end(self) -> None:
        """Ends what still runs: in order while the supervisor stops, at once otherwise."""
        start = self.role.start
        if not isinstance(start, Program):
            if self._stopping.is_set():
                await asyncio.get_running_loop().run_in_executor(self._launcher, start.stop)
            return
        process = self._process
        if process is None:
            return
        deadline = time.monotonic() + self.role.grace
        if process.poll() is None:
            process.terminate()
        await until(lambda: process.poll() is not None or self._killing or time.monotonic() >= deadline)
        if process.poll() is None:
            self._on_event(self.role.name, "did not drain in time and was killed")
        # Also sweeps children the role may have left behind.
        kill_group(process.pid)
        process.wait()
        self._pids.forget(self.role.name)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
