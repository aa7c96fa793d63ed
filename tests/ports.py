"""Ports that nobody listens on."""

import contextlib
import random
import socket


def free_port() -> int:
    """A port below those the system gives away: no server that asks for any port takes it meanwhile."""
    [port] = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """So many ports, no two the same."""
    found: set[int] = set()
    while len(found) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            found.add(port)
    return list(found)
