"""Pictures and files of tenants, as messages show them: public, and the same for ever."""

from starlette.requests import Request
from starlette.responses import Response

from angarium.delivery.v1 import media_service_pb2
from gateway import door
from gateway.problems import held_off, problem, unavailable
from services.common.errors import ServiceError

KEPT_SECONDS = 31_536_000
MAX_TOKEN = 256
_NONE = frozenset({"NOT_FOUND", "VALIDATION_FAILED"})
"""What delivery says of a token that leads nowhere, and of one that is none."""


async def show(request: Request) -> Response:
    """Answers the URL of an asset; one that is known by its tag need not travel again."""
    here = door.of(request)
    verdict = await here.limiter.check(
        "media", here.clients.counted_as(request), here.settings.media_per_minute
    )
    if not verdict.allowed:
        return held_off(verdict)
    token = request.path_params["token"].partition(".")[0]
    if not 0 < len(token) <= MAX_TOKEN:
        return problem(404, "NOT_FOUND")
    try:
        content_type, tag, content = await _read(request, token)
    except ServiceError as error:
        return problem(404, "NOT_FOUND") if error.reason in _NONE else unavailable()
    headers = {"Cache-Control": f"public, max-age={KEPT_SECONDS}, immutable"}
    if tag:
        headers["ETag"] = tag
    if is_known(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=content_type, headers=headers)


def is_known(tag: str, header: str) -> bool:
    """Returns whether If-None-Match names a tag; where there is none, nothing is known by it."""
    named = (one.strip().removeprefix("W/") for one in header.split(","))
    return bool(tag) and any(one in (tag, "*") for one in named)


async def _read(request: Request, token: str) -> tuple[str, str, bytes]:
    content_type, tag, content = "", "", bytearray()
    asked = media_service_pb2.ReadMediaRequest(media_token=token)
    async for part in door.of(request).media.ReadMedia(asked):
        if part.content_type:
            content_type, tag = part.content_type, f'"{part.checksum.hex()}"' if part.checksum else ""
        content += part.chunk
    return content_type, tag, bytes(content)
