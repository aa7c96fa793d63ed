"""How the supervisor learns that a role can do its work."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

_PROBE_SECONDS = 2.0


class Readiness(Protocol):
    """Answers whether a role that runs is ready; asked again and again until it is."""

    async def check(self, running_since: float) -> bool:
        """Tells whether the role is ready; `running_since` is a reading of time.monotonic()."""


@dataclass(frozen=True, slots=True)
class Alive:
    """Ready once the process has lived for a while: for loops that listen nowhere."""

    seconds: float = 0.5

    async def check(self, running_since: float) -> bool:
        """Tells whether the process has lived long enough."""
        return time.monotonic() - running_since >= self.seconds


@dataclass(frozen=True, slots=True)
class HttpOk:
    """Ready once GET answers 200."""

    url: str

    async def check(self, running_since: float) -> bool:  # noqa: ARG002 - asks the role itself
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
    service: str = field(default="")

    async def check(self, running_since: float) -> bool:  # noqa: ARG002 - asks the role itself
        """Asks the health service of the role."""
        # A connection that is refused says no at a hundredth of the price.
        if not await _listens(self.address):
            return False
        import grpc
        from grpc_health.v1 import health_pb2, health_pb2_grpc

        async with grpc.aio.insecure_channel(self.address) as channel:
            check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined]
            try:
                answer = await check(
                    health_pb2.HealthCheckRequest(service=self.service), timeout=_PROBE_SECONDS
                )
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
