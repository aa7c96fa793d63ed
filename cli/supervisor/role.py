"""What a role is: a program or an embedded server, what it waits for, and how it is known to be ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from cli.supervisor.readiness import Alive, Readiness


class Server(Protocol):
    """A server that starts, stops and finds itself again; EmbeddedPostgres and EmbeddedValkey are such."""

    @property
    def log_path(self) -> Path:
        """Returns the file the server logs to."""

    @property
    def pid(self) -> int | None:
        """Returns the pid while it runs."""

    def start(self) -> str:
        """Starts or adopts the server; returns its URL once it answers."""

    def stop(self) -> None:
        """Ends the server in order."""

    def alive(self) -> bool:
        """Tells whether it runs."""


@dataclass(frozen=True)
class Program:
    """A process: its command, and its environment as known when it starts."""

    command: tuple[str, ...]
    environment: Callable[[], Mapping[str, str]] | None = None
    cwd: Path | None = None


@dataclass(frozen=True)
class Role:
    """One role of the installation, as data.

    Attributes:
        name: Unique; names its log file and its colour.
        start: What runs.
        ready: When others may start.
        after: Roles that are ready before this one starts.
        calls: Roles this one calls: they are drained after it.
        once: Runs to its end; exit code 0 makes it ready, anything else fails the start.
        grace: Seconds between SIGTERM and SIGKILL when it is drained.
        ready_within: Seconds it may take to become ready before it is ended and tried again.
    """

    name: str
    start: Program | Server
    ready: Readiness = field(default_factory=Alive)
    after: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    once: bool = False
    grace: float = 25.0
    ready_within: float = 90.0


class RoleState(StrEnum):
    """Where a role is in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    FINISHED = "finished"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RoleStatus:
    """What is known about a role at one moment."""

    name: str
    state: RoleState
    pid: int | None
    restarts: int
    seconds_to_ready: float | None


class RoleFailed(Exception):
    """A role could not be brought up; holds the end of its log."""

    def __init__(self, role: str, message: str, log: Path, said: str) -> None:
        super().__init__(f"{role}: {message}")
        self.role = role
        self.message = message
        self.log = log
        self.said = said
