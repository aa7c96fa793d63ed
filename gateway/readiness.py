"""Do the services behind answer."""

import asyncio
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

PROBE_SECONDS = 1.0


class Readiness:
    """Asks the standard health service of each service; answers with names only."""

    def __init__(self, targets: dict[str, str]) -> None:
        self._channels = {name: grpc.aio.insecure_channel(target) for name, target in targets.items()}

    async def components(self) -> dict[str, bool]:
        """Returns which services are ready."""
        names = list(self._channels)
        answers = await asyncio.gather(*(self._is_ready(name) for name in names))
        return dict(zip(names, answers, strict=True))

    async def close(self) -> None:
        """Closes the channels."""
        await asyncio.gather(*(channel.close() for channel in self._channels.values()))

    async def _is_ready(self, name: str) -> bool:
        stub: Any = health_pb2_grpc.HealthStub(self._channels[name])  # published without types
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=PROBE_SECONDS)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
