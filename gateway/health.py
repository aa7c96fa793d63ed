"""Whether the process is up, and whether the services behind it answer (GAT-15, GAT-16)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway import door


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
