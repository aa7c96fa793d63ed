"""Is the process up, and do the services behind answer? (GAT-15, GAT-16)"""

import asyncio

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway import door

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
        stub = health_pb2_grpc.HealthStub(self._channels[name])
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=PROBE_SECONDS)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def live(_: Request) -> Response:
    """Answers while the process is up; asks nobody."""
    return JSONResponse({"status": "up"})


async def ready(request: Request) -> Response:
    """Answers 200 when every service behind is ready, else 503 with their names."""
    components = await door.of(request).readiness.components()
    is_ready = all(components.values())
    return JSONResponse(
        {"status": "ready" if is_ready else "not_ready", "components": components},
        status_code=200 if is_ready else 503,
    )
