"""Follows the log files of all roles; roles write to files, so a stopped terminal never blocks them."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

_LARGEST = 50_000_000
_CHUNK = 1 << 20


class LogFollower:
    """Hands every new line of every log to `on_line(role, line)`, in the order it is found."""

    def __init__(self, logs: Iterable[tuple[str, Path]], on_line: Callable[[str, str], None]) -> None:
        self._on_line = on_line
        self._logs = [_Log(role, path) for role, path in logs]

    def poll(self) -> None:
        """Reads what was written since the last call."""
        for log in self._logs:
            for line in log.new_lines():
                self._on_line(log.role, line)


class _Log:
    def __init__(self, role: str, path: Path) -> None:
        self.role = role
        self._path = path
        self._offset = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def new_lines(self) -> list[str]:
        try:
            size = self._path.stat().st_size
            if size < self._offset:
                self._offset = 0
            if size == self._offset:
                return []
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                read = file.read(_CHUNK)
        except OSError:
            return []
        self._offset += len(read)
        *lines, self._rest = (self._rest + read).split(b"\n")
        if self._offset > _LARGEST and self._offset == size:
            self._start_anew()
        return [line.decode(errors="replace") for line in lines if line.strip()]

    def _start_anew(self) -> None:
        # The role appends to the file it has open, so the file is emptied in place after its text was moved.
        self._path.with_name(self._path.name + ".1").write_bytes(self._path.read_bytes())
        os.truncate(self._path, 0)
        self._offset = 0
