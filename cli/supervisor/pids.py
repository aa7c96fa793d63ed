"""Pid files: a supervisor that was killed leaves processes behind, the next one finds and ends them."""

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from cli.embedded.processes import ProcessIdentity
from cli.embedded.state import write_private

SUPERVISOR = "supervisor"


class PidFiles:
    """The identities of running processes by role, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, role: str, process: ProcessIdentity) -> None:
        """Remembers the process of a role."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self._file(role), json.dumps({"pid": process.pid, "started": process.started}) + "\n")

    def forget(self, role: str) -> None:
        """Forgets the process of a role."""
        self._file(role).unlink(missing_ok=True)

    def running(self) -> dict[str, ProcessIdentity]:
        """Returns the processes that still run; a pid that now belongs to another process is not among them."""
        found: dict[str, ProcessIdentity] = {}
        for file in sorted(self._folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                written = json.loads(file.read_text())
                process = ProcessIdentity(int(written["pid"]), str(written["started"]))
                if process.alive():
                    found[file.stem] = process
        return found

    def end_orphans(self, grace: float) -> list[str]:
        """Ends roles of a supervisor that is gone: SIGTERM, then SIGKILL to the group; returns their names."""
        orphans = {name: process for name, process in self.running().items() if name != SUPERVISOR}
        for process in orphans.values():
            process.signal(signal.SIGTERM)
        for process in orphans.values():
            if not process.wait_gone(grace):
                kill_group(process.pid)
                process.wait_gone(5.0)
        for file in self._folder.glob("*.json"):
            if file.stem != SUPERVISOR:
                file.unlink(missing_ok=True)
        return sorted(orphans)

    @contextlib.contextmanager
    def sole_supervisor(self) -> Iterator[bool]:
        """Holds the folder for one supervisor; yields False when another one has it."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self._folder / "lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            me = ProcessIdentity.of(os.getpid())
            if me is not None:
                self.write(SUPERVISOR, me)
            try:
                yield True
            finally:
                self.forget(SUPERVISOR)

    def _file(self, role: str) -> Path:
        return self._folder / f"{role}.json"


def kill_group(leader: int) -> None:
    """Ends every process of the group a role leads, its own children included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
