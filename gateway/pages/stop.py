"""Stopping invitations to pay for somebody's group: GET shows, POST stops; their readers are nobody's contacts (EVT-63)."""

from starlette.requests import Request
from starlette.responses import Response

from angarium.consent.v1 import suppression_service_pb2 as consent_pb2
from gateway import door
from gateway.pages import notices, texts, visits
from gateway.pages.render import page
from services.common.errors import ServiceError


async def show(request: Request) -> Response:
    """Shows what the link would stop; changes nothing, because mail scanners open links."""
    if (refused := await visits.refused(request)) is not None:
        return refused
    try:
        known = await _resolve(request)
    except ServiceError as error:
        return notices.refusal(request, error)
    if known.is_stopped:
        return _stopped(known)
    return page(
        "stop",
        title=texts.of(known.language_code)["stop_title"],
        language=known.language_code,
        tenant_name=known.tenant_name,
        branding=known.branding,
        masked_address=known.masked_address,
        form_token=door.of(request).forms.issue(request.path_params["token"]),
    )


async def submit(request: Request) -> Response:
    """Stops them; a repeat tells the same."""
    fields = await visits.fields_of(request)
    if isinstance(fields, Response):
        return fields
    if (refused := await visits.form_refused(request, "stop-form", fields)) is not None:
        return refused
    try:
        known = await _resolve(request)
        await door.of(request).suppressions.FollowStopLink(
            consent_pb2.FollowStopLinkRequest(token=request.path_params["token"])
        )
    except ServiceError as error:
        return notices.refusal(request, error)
    return _stopped(known)


async def _resolve(request: Request) -> consent_pb2.ResolveStopLinkResponse:
    known: consent_pb2.ResolveStopLinkResponse = await door.of(request).suppressions.ResolveStopLink(
        consent_pb2.ResolveStopLinkRequest(token=request.path_params["token"])
    )
    return known


def _stopped(known: consent_pb2.ResolveStopLinkResponse) -> Response:
    words = texts.of(known.language_code)
    return page(
        "notice",
        title=words["stop_done_title"],
        language=known.language_code,
        tenant_name=known.tenant_name,
        branding=known.branding,
        heading=words["stop_done_title"],
        message=words["stop_done"],
    )
