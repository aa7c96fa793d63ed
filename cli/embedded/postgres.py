"""A private PostgreSQL: own data folder, own port on the loopback address, own password."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from cli.embedded import privileges as rights
from cli.embedded.binaries import PostgresBinaries, find_postgres
from cli.embedded.cluster import (
    FAST_SETTINGS,
    SETTINGS,
    SUPERUSER,
    buffers,
    make_cluster,
    memory_here,
    server_environment,
)
from cli.embedded.errors import EmbeddedError
from cli.embedded.ports import HOST, free_port
from cli.embedded.processes import (
    ProcessIdentity,
    collect,
    end_in_steps,
    is_taken,
    keep_child,
    processes_in,
    spawn,
    works_in,
)
from cli.embedded.state import (
    ServerState,
    locked,
    make_socket_folder,
    open_log,
    remove_socket_folder,
    socket_place,
    tail,
)

_POLL_SECONDS = 0.01
_SSL_REQUEST = (8).to_bytes(4, "big") + (80_877_103).to_bytes(4, "big")
# Signs in the server's log that another try may succeed: the killed server's children are still leaving, or the port went.
_LEAVING = "pre-existing shared memory block"
_PORT_TAKEN = ("could not bind", "could not create any TCP/IP sockets", "Address already in use")


class EmbeddedPostgres:
    """One PostgreSQL server in one folder; starts it, finds it again after a crash, stops it."""

    def __init__(
        self,
        folder: Path,
        *,
        database: str = "angarium",
        fast_for_tests: bool = False,
        die_with_parent: bool = True,
        log_path: Path | None = None,
        settings: Mapping[str, str] | None = None,
        privileges: rights.Privileges | None = None,
    ) -> None:
        self.folder = Path(folder).absolute()
        self.data = self.folder / "data"
        self.log_path = log_path or self.folder / "server.log"
        self._database = database
        of_purpose = FAST_SETTINGS if fast_for_tests else {"shared_buffers": buffers(memory_here())}
        self._settings = {**SETTINGS, **of_purpose, **(settings or {})}
        self._fast = fast_for_tests
        self._die_with_parent = die_with_parent
        self._privileges = privileges
        self._state: ServerState | None = None
        self._process: ProcessIdentity | None = None

    def start(self, timeout: float = 60.0) -> str:
        """Makes the data folder when there is none, starts or adopts the server, returns the superuser's URL."""
        with locked(self.folder):
            collect()
            self._state = ServerState.load(self.folder)
            running = self._find_running()
            if running is not None and self._wait_ready(running, time.monotonic() + timeout):
                self._keep(running)
                return self.url
            binaries = find_postgres()
            as_user = self._privileges or rights.choose(binaries.postgres, self.folder)
            as_user.hand_over(self.folder)
            # Kept first: a data folder without its password would be of no use.
            self._state.save(self.folder)
            make_cluster(
                self.data,
                binaries,
                as_user,
                database=self._database,
                password=self._state.password,
                sync=not self._fast,
            )
            self._forget_stale_pid_file()
            self._launch(binaries, as_user, time.monotonic() + timeout)
        return self.url

    def stop(self, timeout: float = 30.0) -> None:
        """Ends the server: a fast shutdown, and harsher means when that takes too long."""
        with locked(self.folder):
            process = self._process or self._find_running()
            if process is not None:
                steps = [(signal.SIGINT, timeout), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)]
                end_in_steps(process, steps)
                self._process = None
                collect()
            if process is None or not process.alive():
                remove_socket_folder(self.folder)

    def alive(self) -> bool:
        """Tells whether the server that was started or adopted still runs."""
        return self._process is not None and self._process.alive()

    def running_url(self) -> str | None:
        """Returns the URL when the server of this folder runs, whoever started it; starts nothing."""
        self._state = ServerState.load(self.folder)
        running = self._find_running()
        if running is None or self._state.port is None:
            return None
        self._process = running
        return self.url

    @property
    def pid(self) -> int | None:
        """Returns the pid of the running server."""
        return self._process.pid if self._process else None

    @property
    def port(self) -> int:
        """Returns the TCP port."""
        port = self._known().port
        if port is None:
            raise RuntimeError("start() comes before port")
        return port

    @property
    def password(self) -> str:
        """Returns the superuser's password."""
        return self._known().password

    @property
    def url(self) -> str:
        """Returns the superuser's URL over TCP."""
        return f"postgresql://{SUPERUSER}:{quote(self.password)}@{HOST}:{self.port}/{self._database}"

    @property
    def socket_url(self) -> str:
        """Returns the superuser's URL over the unix socket, which is a quarter faster."""
        place = f"host={quote(str(socket_place(self.folder)), safe='')}&port={self.port}"
        return f"postgresql://{SUPERUSER}:{quote(self.password)}@/{self._database}?{place}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _known(self) -> ServerState:
        if self._state is None:
            raise RuntimeError("start() comes first: it reads the port and the password")
        return self._state

    def _launch(self, binaries: PostgresBinaries, as_user: rights.Privileges, deadline: float) -> None:
        state = self._known()
        place = make_socket_folder(self.folder)
        as_user.hand_over(place)
        while True:
            # The threads of a server killed a moment ago may still hold its port.
            state.port = free_port(state.port, patience=0.5)
            mark = self.log_path.stat().st_size if self.log_path.exists() else 0
            log = open_log(self.log_path)
            try:
                child = spawn(
                    [*as_user.prefix, str(binaries.postgres), *self._arguments(state.port, place)],
                    cwd=Path("/"),
                    environment=server_environment(),
                    output=log,
                    parent_death_signal=signal.SIGINT if self._die_with_parent else None,
                )
            finally:
                os.close(log)
            identity = ProcessIdentity.of(child.pid)
            if identity is not None and self._wait_ready(identity, deadline):
                keep_child(child)
                self._keep(identity)
                return
            child.kill()
            child.wait()
            said = _from(self.log_path, mark)
            if time.monotonic() < deadline and _LEAVING in said:
                time.sleep(0.1)
            elif time.monotonic() < deadline and any(sign in said for sign in _PORT_TAKEN):
                state.port = None
            else:
                raise EmbeddedError(
                    f"PostgreSQL did not start in {self.folder}; the end of its log:\n{tail(self.log_path)}",
                    f"Read {self.log_path}; `angarium doctor` checks the folder and the ports.",
                )

    def _arguments(self, port: int, place: Path) -> list[str]:
        settings = {
            **self._settings,
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": str(place),
            "unix_socket_permissions": "0700",
        }
        return [
            "-D",
            str(self.data),
            *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
        ]

    def _keep(self, process: ProcessIdentity) -> None:
        state = self._known()
        port = _pid_file(self.data)[3:4]
        if port and port[0].isdigit():
            state.port = int(port[0])
        self._process = process
        state.pid, state.started = process.pid, process.started
        state.save(self.folder)

    def _find_running(self) -> ProcessIdentity | None:
        pid = _pid_file(self.data)[:1]
        if pid and pid[0].isdigit() and works_in(int(pid[0]), self.data):
            return ProcessIdentity.of(int(pid[0]))
        return None

    def _wait_ready(self, process: ProcessIdentity, deadline: float) -> bool:
        """Waits until the server says `ready` in its pid file, as pg_ctl does: no client library is needed."""
        while time.monotonic() < deadline:
            if not process.alive():
                return False
            lines = _pid_file(self.data)
            ready = len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready"
            if ready and _answers(int(lines[3])):
                return True
            # A server killed a moment ago is still listed by the kernel: once collected it is gone.
            collect()
            time.sleep(_POLL_SECONDS)
        return False

    def _forget_stale_pid_file(self) -> None:
        """Removes the pid file of a dead server when its pid belongs to a stranger or a zombie.

        PostgreSQL itself would take either for a running server. Children of the dead one are waited for first.
        """
        lines = _pid_file(self.data)
        if not lines or not lines[0].isdigit() or not is_taken(int(lines[0])):
            return
        deadline = time.monotonic() + 10.0
        while any(True for _ in processes_in(self.data)):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"Processes of an earlier PostgreSQL still work in {self.data}.",
                    f"End them: kill {' '.join(map(str, processes_in(self.data)))}",
                )
            time.sleep(_POLL_SECONDS)
        (self.data / "postmaster.pid").unlink(missing_ok=True)


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _answers(port: int) -> bool:
    """Asks the server whether it would speak TLS: any answer proves that it takes connections now."""
    try:
        with socket.create_connection((HOST, port), timeout=2.0) as connection:
            connection.sendall(_SSL_REQUEST)
            return connection.recv(1) in (b"N", b"S")
    except OSError:
        return False


def _from(path: Path, offset: int) -> str:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(offset if offset <= size else 0)
        return file.read(65_536).decode(errors="replace")
    return ""
