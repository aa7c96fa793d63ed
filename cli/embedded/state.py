"""What an embedded server must remember from one start to the next, in a file only its owner can read."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from cli.embedded.errors import EmbeddedError

# The path of a unix socket may have 107 bytes; room is left for the socket's own name.
_LONGEST_SOCKET_FOLDER = 80
# Points from a socket folder elsewhere to the server it belongs to.
_HOME = "home"


@dataclass(slots=True)
class ServerState:
    """The port, the password and the last process of one server."""

    port: int | None = None
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    pid: int | None = None
    started: str | None = None

    @classmethod
    def load(cls, folder: Path) -> "ServerState":
        """Reads the state of a server, or makes a new one with a fresh password."""
        try:
            return cls(**json.loads(_file(folder).read_text()))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return cls()

    def save(self, folder: Path) -> None:
        """Replaces the file in one step, readable by its owner alone."""
        write_private(_file(folder), json.dumps(asdict(self), indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    """Writes a file with mode 0600; a reader sees the old text or the new one, never a part."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder against another process that starts or stops the same server."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(folder / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def socket_place(folder: Path) -> Path:
    """Returns where the unix sockets of a server are while it runs; the path is short enough for the kernel."""
    place = folder.resolve() / "run"
    if len(os.fsencode(place)) > _LONGEST_SOCKET_FOLDER:
        short = sha256(os.fsencode(place)).hexdigest()[:16]
        place = _shared_places() / f"{_prefix()}{short}"
    return place


def make_socket_folder(folder: Path) -> Path:
    """Makes the private folder for the unix sockets of a server, or takes the one that a killed server left."""
    place = socket_place(folder)
    is_elsewhere = place.parent == _shared_places()
    if is_elsewhere:
        _sweep()
    place.mkdir(mode=0o700, exist_ok=True)
    owner = place.lstat().st_uid
    if owner != os.geteuid() and os.geteuid() != 0:
        raise EmbeddedError(
            f"The socket folder {place} belongs to user id {owner}.", f"Remove it: sudo rm -r {place}"
        )
    if is_elsewhere:
        with contextlib.suppress(FileExistsError):
            (place / _HOME).symlink_to(folder.resolve())
    return place


def remove_socket_folder(folder: Path) -> None:
    """Removes the folder for unix sockets of a server that has ended."""
    shutil.rmtree(socket_place(folder), ignore_errors=True)


def _sweep() -> None:
    """Removes the socket folders of servers that were killed and whose own folder has been removed since."""
    for place in _shared_places().glob(f"{_prefix()}*"):
        home = place / _HOME
        if home.is_symlink() and not home.exists():
            shutil.rmtree(place, ignore_errors=True)


def _shared_places() -> Path:
    return Path(tempfile.gettempdir())


def _prefix() -> str:
    return f"angarium-{os.geteuid()}-"


def open_log(path: Path, keep_bytes: int = 20_000_000) -> int:
    """Opens a log for appending; a log that has grown past the limit starts anew, the old one keeps the name `.1`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size > keep_bytes:
        path.replace(path.with_name(path.name + ".1"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def tail(path: Path, lines: int = 12) -> str:
    """Returns the last lines of a log, for messages about a server that does not start."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 8_192))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    return ""


def _file(folder: Path) -> Path:
    return folder / "server.json"
