"""TCP ports on the loopback address that stay the same from one start to the next."""

import random
import socket
import time

HOST = "127.0.0.1"

# Below the range from which kernels take ports of outgoing connections, so that a kept port is still free tomorrow.
LOWEST, HIGHEST = 18_000, 31_999


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
    preferred: int | None = None, *, taken: frozenset[int] = frozenset(), patience: float = 0.0
) -> int:
    """Returns the preferred port when it is free within `patience` seconds, else another that is not in `taken`."""
    if preferred is not None and preferred not in taken:
        deadline = time.monotonic() + patience
        while not is_free(preferred) and time.monotonic() < deadline:
            time.sleep(0.02)
        if is_free(preferred):
            return preferred
    for _ in range(200):
        port = random.SystemRandom().randint(LOWEST, HIGHEST)
        if port not in taken and is_free(port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
