"""Processes that are known by pid and start time, end with their parent, and are found again after a crash."""

import contextlib
import ctypes
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LINUX = sys.platform.startswith("linux")
# Loaded before any fork: a child may not import between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True) if _LINUX else None
_LASTING: set[int] = set()
_CHILDREN: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process for its whole life: a pid used again by another process does not match."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity | None":
        """Returns the identity of a running process, None when there is none (zombies are none)."""
        started = _started(pid)
        return None if started is None else cls(pid, started)

    def alive(self) -> bool:
        """Tells whether this very process still runs."""
        return _started(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Sends a signal, if the process still runs."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait_gone(self, timeout: float) -> bool:
        """Waits until the process has ended and tells whether it has; collecting a child stays its owner's work."""
        deadline = time.monotonic() + timeout
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True


def end_in_steps(identity: ProcessIdentity, steps: Sequence[tuple[int, float]]) -> bool:
    """Sends each signal and waits its seconds until the process has ended; tells whether it has."""
    for number, seconds in steps:
        identity.signal(number)
        if identity.wait_gone(seconds):
            return True
    return not identity.alive()


def spawn(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    output: int | IO[bytes],
    parent_death_signal: int | None = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts a process in its own session; it gets the given signal when we die, if this thread lasts as long."""
    # The kernel sends the signal when the *thread* that forked ends, so only a lasting thread may ask for it;
    # processes started elsewhere are found again by their pid files.
    lasting = threading.current_thread() is threading.main_thread() or threading.get_ident() in _LASTING
    dies_with_us = parent_death_signal is not None and lasting
    return subprocess.Popen(
        list(command),
        cwd=cwd,
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=0o077,
        # The hook makes two system calls through a library that is loaded already.
        preexec_fn=parent_death(parent_death_signal) if dies_with_us and parent_death_signal else None,  # noqa: PLW1509
    )


def keep_child(process: subprocess.Popen[bytes]) -> None:
    """Remembers a child that may outlive the object that started it, so that `collect` finds it once it has ended."""
    _CHILDREN.append(process)


def collect() -> None:
    """Collects children that have ended: as zombies they would still look like running servers to others."""
    _CHILDREN[:] = [process for process in _CHILDREN if process.poll() is None]


def this_thread_lasts() -> None:
    """Declares that the calling thread ends only when the process does, so what it starts may end with it."""
    _LASTING.add(threading.get_ident())


def parent_death(number: int) -> Callable[[], None] | None:
    """Returns what a child runs before exec so that it gets the signal when its parent dies (Linux only)."""
    libc = _LIBC
    if libc is None:
        return None
    parent = os.getpid()

    def before_exec() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def processes_in(folder: Path) -> Iterator[int]:
    """Yields the pids whose working directory is the folder: servers stay in their data folder (Linux only)."""
    if not _LINUX:
        return
    wanted = folder.resolve()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if _cwd(int(entry.name)) == wanted and _started(int(entry.name)) is not None:
                    yield int(entry.name)


def works_in(pid: int, folder: Path) -> bool:
    """Tells whether a running process is a server of that data folder."""
    if _started(pid) is None:
        return False
    try:
        return _cwd(pid) == folder.resolve()
    except OSError:
        return str(folder) in _ps(pid, "command=")


def _cwd(pid: int) -> Path:
    return Path(f"/proc/{pid}/cwd").readlink()


def is_taken(pid: int) -> bool:
    """Tells whether the kernel knows the pid at all, be it of a zombie or of another user."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(pid: int) -> str | None:
    """Returns a stamp of the process's start, None when it does not run."""
    if not _LINUX:
        state = _ps(pid, "stat=")
        return None if not state or state.startswith("Z") else _ps(pid, "lstart=")
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    # Ticks since boot, so the boot is part of the stamp.
    return None if fields[0] in "ZX" else f"{fields[19]}@{_boot()}"


@functools.cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _ps(pid: int, column: str) -> str:
    answer = subprocess.run(["ps", "-p", str(pid), "-o", column], capture_output=True, text=True, check=False)
    return answer.stdout.strip()
