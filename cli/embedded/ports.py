"""TCP ports on the loopback address that stay the same from one start to the next."""

import random
import socket
import time
from pathlib import Path

HOST = "127.0.0.1"

# Below the range from which kernels take ports of outgoing connections, so that a kept port is still free tomorrow.
LOWEST, HIGHEST = 18_000, 31_999


# Sockets by owner and port; the kernel takes them back when the process ends, however it ends.
_CLAIMS: dict[Path, dict[int, socket.socket]] = {}


def _claim(port: int, owner: Path) -> bool:
    """Takes a port for an installation until this process ends; False when another installation has it.

    Between the choice of a port and the moment when a role listens on it, and while a role is being started again,
    the port is free for everybody to see. A UDP socket of the same number, which nothing here needs for itself, says
    to other installations that it is spoken for.
    """
    mine = _CLAIMS.setdefault(owner, {})
    if port in mine:
        return True
    sign = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sign.bind((HOST, port))
    except OSError:
        sign.close()
        return False
    mine[port] = sign
    return True


def take(port: int, owner: Path) -> bool:
    """Claims a port that is free for an installation; False when it is not to be had."""
    return is_free(port) and _claim(port, owner)


def give_back(owner: Path) -> None:
    """Lets other installations have the ports of one that is down."""
    for sign in _CLAIMS.pop(owner, {}).values():
        sign.close()


def is_free(port: int, host: str = HOST) -> bool:
    """Tells whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(
    preferred: int | None = None,
    *,
    taken: frozenset[int] = frozenset(),
    patience: float = 0.0,
    owner: Path | None = None,
) -> int:
    """Returns the preferred port when it is free within `patience` seconds, else another that is not in `taken`.

    With an owner, the port is claimed for that installation.
    """

    def is_ours(port: int) -> bool:
        return is_free(port) if owner is None else take(port, owner)

    if preferred is not None and preferred not in taken:
        deadline = time.monotonic() + patience
        while not is_free(preferred) and time.monotonic() < deadline:
            time.sleep(0.02)
        if is_ours(preferred):
            return preferred
    for _ in range(200):
        port = random.SystemRandom().randint(LOWEST, HIGHEST)
        if port not in taken and is_ours(port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
