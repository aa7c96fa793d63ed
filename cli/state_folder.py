"""Where an installation started by the command keeps what must outlive it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from cli.embedded.ports import free_port, take
from cli.embedded.state import write_private

VARIABLE = "ANGARIUM_STATE"
DEFAULT = Path(".angarium")


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The paths below one folder; only its owner may enter it."""

    path: Path

    @classmethod
    def at(cls, path: Path | None = None) -> "StateFolder":
        """Returns the folder that was named, else the one of ANGARIUM_STATE, else `.angarium` here."""
        return cls((path or Path(os.environ.get(VARIABLE) or DEFAULT)).absolute())

    def make(self) -> None:
        """Makes the folder, unreadable to others."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        # PostgreSQL started by root may have to run as `nobody`, who then passes through to its own folder.
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)

    @property
    def exists(self) -> bool:
        """Tells whether an installation was started here before."""
        return self.secrets.exists()

    @property
    def secrets(self) -> Path:
        """Returns the file of generated secrets."""
        return self.path / "secrets.json"

    @property
    def ports(self) -> Path:
        """Returns the file of chosen ports."""
        return self.path / "ports.json"

    @property
    def logs(self) -> Path:
        """Returns the folder of raw logs, one file for each role."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """Returns the folder of pid files."""
        return self.path / "run"

    @property
    def sandbox_database(self) -> Path:
        """Returns the sandbox's file."""
        return self.path / "sandbox.sqlite"


class Ports:
    """Ports by name, the same from one start to the next as long as nobody else takes them."""

    def __init__(self, state: StateFolder) -> None:
        self._file = state.ports
        self._owner = state.path
        self._ports = _read(state.ports)

    def all(self) -> dict[str, int]:
        """Returns the ports that were chosen at the last start."""
        return dict(self._ports)

    def choose(self, name: str, preferred: int) -> int:
        """Returns the kept port when it is free, else the preferred one, else any; keeps and claims the answer."""
        taken = frozenset(port for other, port in self._ports.items() if other != name)
        for wanted in (self._ports.get(name), preferred):
            if wanted is not None and wanted not in taken and take(wanted, self._owner):
                port = wanted
                break
        else:
            port = free_port(taken=taken, owner=self._owner)
        self._ports[name] = port
        return port

    def save(self) -> None:
        """Writes the choices down."""
        write_private(self._file, json.dumps(self._ports, indent=2) + "\n")


def _read(path: Path) -> dict[str, int]:
    try:
        return {str(name): int(port) for name, port in json.loads(path.read_text()).items()}
    except (FileNotFoundError, ValueError, AttributeError):
        return {}
