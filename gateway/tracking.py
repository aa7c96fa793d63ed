"""The pixel and the redirect (GAT-6, GAT-7, GAT-29, GAT-30)."""

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway import door
from gateway.clients import user_agent
from gateway.pages import notices
from services.common.errors import ServiceError

# 43 bytes: one transparent pixel.
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
OPEN_SECONDS = 2.0
CLICK_SECONDS = 2.0
MAX_TOKEN = 512


async def open_pixel(request: Request) -> Response:
    """Always answers with the same pixel; counts the open when the token is genuine."""
    token = request.path_params["token"].removesuffix(".gif")
    # Hits share a call, and delivery refuses a call with a token that is none.
    if 0 < len(token) <= MAX_TOKEN:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await _record(request, delivery_pb2.ENGAGEMENT_KIND_OPEN, token)
        except TimeoutError:
            # The hit is still on its way; the mail client need not wait for it.
            door.of(request).log.warning("open_recorded_late")
        except ServiceError:
            # A pixel never fails visibly: the mail client would show a broken image.
            door.of(request).log.warning("open_not_recorded")
    return Response(PIXEL, media_type="image/gif")


async def click_redirect(request: Request) -> Response:
    """Redirects to the stored target of the link; nothing in the request can choose another."""
    token = request.path_params["token"]
    if len(token) > MAX_TOKEN:
        return notices.not_found(request)
    try:
        async with asyncio.timeout(CLICK_SECONDS):
            result = await _record(request, delivery_pb2.ENGAGEMENT_KIND_CLICK, token)
    except (ServiceError, TimeoutError):
        return notices.try_again(request)
    if not result.target_url.startswith(("https://", "http://")):
        return notices.not_found(request)
    return RedirectResponse(result.target_url, status_code=302)


async def _record(
    request: Request, kind: delivery_pb2.EngagementKind, token: str
) -> delivery_pb2.EngagementResult:
    here = door.of(request)
    hit = delivery_pb2.EngagementHit(
        kind=kind,
        token=token,
        ip_address=here.clients.of(request),
        user_agent=user_agent(request),
        http_method=request.method,
    )
    hit.occur_time.FromDatetime(here.clock.now())
    return await here.engagement.record(hit)
