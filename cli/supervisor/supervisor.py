"""Starts roles in order, watches them, drains them in reverse."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.embedded.processes import this_thread_lasts
from cli.supervisor.follow import LogFollower
from cli.supervisor.keeper import Keeper
from cli.supervisor.pids import SUPERVISOR, PidFiles
from cli.supervisor.polling import until
from cli.supervisor.role import Role, RoleState, RoleStatus
from cli.supervisor.snapshot import write_statuses

_FOLLOW_SECONDS = 0.1
_ORPHAN_GRACE = 10.0


class AlreadyRunning(Exception):
    """Another supervisor holds the folder."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"another supervisor (pid {pid}) runs here")
        self.pid = pid


def _ignore(_role: str, _text: str) -> None:
    return


class Supervisor:
    """The roles of one installation, from start to drained.

    `on_line(role, line)` gets every line of every log, `on_event(role, text)` what happens to roles. Use it from the
    main thread's event loop: only then do roles end when this process is killed.
    """

    def __init__(
        self,
        roles: Sequence[Role],
        folder: Path,
        *,
        on_line: Callable[[str, str], None] | None = None,
        on_event: Callable[[str, str], None] | None = None,
    ) -> None:
        """Takes the roles and the folder that holds `logs/` and `run/`; refuses unknown names and circles."""
        self._check(roles)
        self.roles = list(roles)
        self.logs = folder / "logs"
        self.run = folder / "run"
        self.orphans: list[str] = []
        self._pids = PidFiles(self.run)
        self._launcher = ThreadPoolExecutor(1, "launcher", initializer=this_thread_lasts)
        self._on_event = on_event or _ignore
        self._on_line = on_line
        self._keepers: dict[str, Keeper] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._follower: LogFollower | None = None
        self._held = ExitStack()

    async def start(self) -> None:
        """Returns once every role is ready; RoleFailed or AlreadyRunning otherwise, with nothing left running."""
        if not self._held.enter_context(self._pids.sole_supervisor()):
            self._held.close()
            holder = self._pids.running().get(SUPERVISOR)
            raise AlreadyRunning(holder.pid if holder else None)
        self.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.orphans = await asyncio.to_thread(self._pids.end_orphans, _ORPHAN_GRACE)
        for name in self.orphans:
            self._on_event(name, "was left behind by an earlier run and has been ended")
        self._keepers = {
            role.name: Keeper(
                role, self.logs / f"{role.name}.log", self._pids, self._launcher, self._happened
            )
            for role in self.roles
        }
        if self._on_line:
            logs = [(name, keeper.log_path) for name, keeper in self._keepers.items()]
            self._follower = LogFollower(logs, self._on_line)
            self._tasks.append(asyncio.create_task(self._follow(self._follower)))
        lives = [asyncio.create_task(self._life(keeper)) for keeper in self._keepers.values()]
        self._tasks += lives
        try:
            await until(lambda: self._all_ready() or any(life.done() and life.exception() for life in lives))
            for life in lives:
                if life.done():
                    await life
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Drains every role, callers before those they call; safe to call twice."""
        await asyncio.gather(*(keeper.stop(self._callers(keeper)) for keeper in self._keepers.values()))
        if self._follower:
            self._follower.poll()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._launcher.shutdown()
        self._held.close()

    def kill(self) -> None:
        """Ends all programs at once; a `stop` under way then finishes quickly."""
        for keeper in self._keepers.values():
            keeper.kill()

    def status(self) -> list[RoleStatus]:
        """Returns what is known about every role."""
        return [keeper.status for keeper in self._keepers.values()]

    def pid(self, name: str) -> int | None:
        """Returns the pid of a role while it runs."""
        return self._keepers[name].pid

    def restarts(self, name: str) -> int:
        """Returns how often a role was started again."""
        return self._keepers[name].restarts

    async def wait_ready(self, name: str, within: float = 60.0) -> None:
        """Waits until a role is ready (again); TimeoutError when it takes more seconds."""
        up = (RoleState.READY, RoleState.FINISHED)
        async with asyncio.timeout(within):
            await until(lambda: self._keepers[name].state in up)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _all_ready(self) -> bool:
        return all(keeper.was_ready.is_set() for keeper in self._keepers.values())

    async def _life(self, keeper: Keeper) -> None:
        await keeper.run([self._keepers[name] for name in keeper.role.after])

    def _callers(self, keeper: Keeper) -> list[Keeper]:
        name = keeper.role.name
        return [other for other in self._keepers.values() if name in (*other.role.after, *other.role.calls)]

    def _happened(self, role: str, text: str) -> None:
        self._on_event(role, text)
        with contextlib.suppress(OSError):
            with open(self.logs / "supervisor.log", "a") as log:
                log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {role} {text}\n")
            write_statuses(self.run, self.status())
        if text.startswith("ready again"):
            for keeper in self._callers(self._keepers[role]):
                keeper.renew()

    async def _follow(self, follower: LogFollower) -> None:
        while True:
            follower.poll()
            await asyncio.sleep(_FOLLOW_SECONDS)

    @staticmethod
    def _check(roles: Sequence[Role]) -> None:
        names = [role.name for role in roles]
        needed = {role.name: {*role.after, *role.calls} for role in roles}
        if len(set(names)) != len(names):
            raise ValueError("two roles have one name")
        if unknown := set().union(*needed.values()) - set(names):
            raise ValueError(f"unknown roles: {', '.join(sorted(unknown))}")
        while needed:
            free = [name for name, others in needed.items() if not others & needed.keys()]
            if not free:
                raise ValueError(f"roles wait for each other: {', '.join(sorted(needed))}")
            for name in free:
                del needed[name]
