"""A private Valkey: own folder, own port on the loopback address, own password."""

import os
import signal
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from cli.embedded.binaries import find_valkey
from cli.embedded.errors import EmbeddedError
from cli.embedded.ports import HOST, free_port
from cli.embedded.processes import ProcessIdentity, collect, end_in_steps, keep_child, spawn, works_in
from cli.embedded.state import (
    ServerState,
    locked,
    make_socket_folder,
    open_log,
    remove_socket_folder,
    socket_place,
    tail,
    write_private,
)

_POLL_SECONDS = 0.01
_SOCKET = "valkey.sock"


class EmbeddedValkey:
    """One Valkey server in one folder; starts it, finds it again after a crash, stops it."""

    def __init__(
        self,
        folder: Path,
        *,
        fast_for_tests: bool = False,
        die_with_parent: bool = True,
        log_path: Path | None = None,
    ) -> None:
        self.folder = Path(folder).absolute()
        self.data = self.folder / "data"
        self.log_path = log_path or self.folder / "server.log"
        self._append_only = not fast_for_tests
        self._die_with_parent = die_with_parent
        self._state: ServerState | None = None
        self._process: ProcessIdentity | None = None

    def start(self, timeout: float = 30.0) -> str:
        """Starts or adopts the server and returns its URL once it answers PING."""
        deadline = time.monotonic() + timeout
        with locked(self.folder):
            collect()
            self._state = ServerState.load(self.folder)
            running = self._find_running()
            if running is not None and self._wait_ready(running, deadline):
                self._keep(running)
                return self.url
            self.data.mkdir(mode=0o700, exist_ok=True)
            self._launch(find_valkey(), deadline)
        return self.url

    def stop(self, timeout: float = 15.0) -> None:
        """Ends the server; what it holds is on disk first."""
        with locked(self.folder):
            process = self._process or self._find_running()
            if process is not None:
                end_in_steps(process, [(signal.SIGTERM, timeout), (signal.SIGKILL, 5.0)])
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
        """Returns the password."""
        return self._known().password

    @property
    def url(self) -> str:
        """Returns the URL over TCP."""
        return f"redis://:{quote(self.password)}@{HOST}:{self.port}/0"

    @property
    def socket_url(self) -> str:
        """Returns the URL over the unix socket."""
        return f"unix://:{quote(self.password)}@{socket_place(self.folder) / _SOCKET}?db=0"

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

    def _launch(self, program: Path, deadline: float) -> None:
        state = self._known()
        make_socket_folder(self.folder)
        tries = 0
        while True:
            # The threads of a server killed a moment ago may still hold its port.
            state.port = free_port(state.port, patience=0.5)
            # In a file, for a password on the command line is readable by every user of the machine.
            configuration = self.folder / "valkey.conf"
            write_private(configuration, self._configuration(state))
            log = open_log(self.log_path)
            try:
                child = spawn(
                    [str(program), str(configuration)],
                    cwd=self.data,
                    output=log,
                    parent_death_signal=signal.SIGTERM if self._die_with_parent else None,
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
            tries += 1
            if tries < 5 and "Address already in use" in tail(self.log_path, 6):
                state.port = None
                continue
            raise EmbeddedError(
                f"Valkey did not start in {self.folder}; the end of its log:\n{tail(self.log_path)}",
                f"Read {self.log_path}; `angarium doctor` checks the folder and the ports.",
            )

    def _configuration(self, state: ServerState) -> str:
        lines = [
            f"bind {HOST}",
            f"port {state.port}",
            f'unixsocket "{socket_place(self.folder) / _SOCKET}"',
            "unixsocketperm 700",
            f'requirepass "{state.password}"',
            f'dir "{self.data}"',
            f"appendonly {'yes' if self._append_only else 'no'}",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            'logfile ""',
        ]
        return "\n".join(lines) + "\n"

    def _keep(self, process: ProcessIdentity) -> None:
        state = self._known()
        self._process = process
        state.pid, state.started = process.pid, process.started
        state.save(self.folder)

    def _find_running(self) -> ProcessIdentity | None:
        state = self._state or ServerState.load(self.folder)
        if state.pid is None or state.started is None or not works_in(state.pid, self.data):
            return None
        found = ProcessIdentity(state.pid, state.started)
        return found if found.alive() else None

    def _wait_ready(self, process: ProcessIdentity, deadline: float) -> bool:
        while time.monotonic() < deadline:
            if not process.alive():
                return False
            if _answers(self.port, self.password):
                return True
            collect()
            time.sleep(_POLL_SECONDS)
        return False


def _answers(port: int, password: str) -> bool:
    """Asks PING over a socket of its own: a client library would cost more time to import than the server to start."""
    try:
        with socket.create_connection((HOST, port), timeout=1.0) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = connection.recv(512)
                if not part:
                    break
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"
