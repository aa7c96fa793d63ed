"""How the supervisor learns that a role can do its work."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

_PROBE_SECONDS = 2.0
_READY = b'"event":"ready"'


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a role: when it began (time.monotonic), and where its log goes on from there."""

    began: float
    log: Path
    log_offset: int


class Readiness(Protocol):
    """Answers whether a role that runs is ready; asked again and again until it is."""

    async def check(self, life: Life) -> bool:
        """Tells whether the role is ready."""


@dataclass(frozen=True, slots=True)
class Alive:
    """Ready once the process has lived for a while."""

    seconds: float = 0.5

    async def check(self, life: Life) -> bool:
        """Tells whether the process has lived long enough."""
        return time.monotonic() - life.began >= self.seconds


@dataclass(frozen=True, slots=True)
class SaysReady:
    """Ready once its log tells the event `ready`, or after a while where it is told to log less than that."""

    or_after: float = 10.0

    async def check(self, life: Life) -> bool:
        """Reads what the role has written in this life."""
        if time.monotonic() - life.began >= self.or_after:
            return True
        try:
            with open(life.log, "rb") as log:  # noqa: ASYNC230 - a few lines of a local file
                log.seek(life.log_offset)
                return _READY in log.read(1 << 20)
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class HttpOk:
    """Ready once GET answers 200."""

    url: str

    async def check(self, life: Life) -> bool:  # noqa: ARG002 - asks the role itself
        """Asks by hand: a client library would cost more than the whole supervisor."""
        parts = urlsplit(self.url)
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
                try:
                    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
                    writer.write(
                        f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
                    )
                    status = (await reader.readline()).split(b" ")
                    return len(status) > 1 and status[1] == b"200"
                finally:
                    writer.close()
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class GrpcHealth:
    """Ready once grpc.health.v1 says SERVING."""

    address: str

    async def check(self, life: Life) -> bool:  # noqa: ARG002 - asks the role itself
        """Asks the health service of the role."""
        return await serving(self.address)


async def serving(address: str) -> bool:
    """Tells whether the gRPC service at an address says that it is serving."""
    # A connection that is refused says no at a hundredth of the price.
    if not await _listens(address):
        return False
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    async with grpc.aio.insecure_channel(address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined]
        try:
            answer = await check(health_pb2.HealthCheckRequest(), timeout=_PROBE_SECONDS)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    return True
