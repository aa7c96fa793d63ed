"""Unsubscribing: GET shows, POST stops (GAT-8, GAT-9, GAT-32, GAT-33; RFC 8058)."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from angarium.consent.v1 import preference_service_pb2 as consent_pb2
from gateway import door
from gateway.clients import user_agent
from gateway.pages import channels, fresh_links, notices, texts, visits
from gateway.pages.render import page
from services.common.errors import ServiceError

ONE_CLICK = "One-Click"


async def show(request: Request) -> Response:
    """Shows what the link would stop; changes nothing, because mail scanners open links."""
    here = door.of(request)
    token = request.path_params["token"]
    if (refused := await visits.refused(request)) is not None:
        return refused
    try:
        known = await here.preferences.ResolveToken(consent_pb2.ResolveTokenRequest(token=token))
    except ServiceError as error:
        return notices.refusal(request, error, late=fresh_links.offer)
    if known.purpose != consent_pb2.TOKEN_PURPOSE_UNSUBSCRIBE:
        return notices.not_found(request)
    words = texts.of(known.language_code)
    return page(
        "unsubscribe",
        title=words["unsubscribe_title"],
        language=known.language_code,
        tenant_name=known.tenant_name,
        branding=known.branding,
        masked_address=known.masked_address,
        is_unsubscribed=known.is_unsubscribed,
        channel_choice=words["channel_marketing"].format(channel=channels.word(words, known.channel)),
        form_token=here.forms.issue(token),
        preferences_token=known.preferences_token,
    )


async def submit(request: Request) -> Response:
    """Stops marketing: at once for a mail client's one-click post, by the form's choice for the page."""
    token = request.path_params["token"]
    fields = await visits.fields_of(request)
    if isinstance(fields, Response):
        return fields
    if fields.get("List-Unsubscribe") == ONE_CLICK:
        return await _one_click(request, token)
    if fresh_links.FIELD in fields:
        return await fresh_links.submit(request, fields)
    if (refused := await visits.form_refused(request, "unsubscribe-form", fields)) is not None:
        return refused
    return await _by_form(request, token, all_channels=fields.get("scope") == "all")


async def _one_click(request: Request, token: str) -> Response:
    """Answers a machine: 200 and one line, no redirect, no page, no further step."""
    try:
        await _unsubscribe(request, token, consent_pb2.UNSUBSCRIBE_METHOD_ONE_CLICK, all_channels=False)
    except ServiceError as error:
        return notices.refusal(request, error, late=fresh_links.offer)
    return PlainTextResponse("unsubscribed\n")


async def _by_form(request: Request, token: str, *, all_channels: bool) -> Response:
    here = door.of(request)
    try:
        known = await here.preferences.ResolveToken(consent_pb2.ResolveTokenRequest(token=token))
        await _unsubscribe(request, token, consent_pb2.UNSUBSCRIBE_METHOD_PAGE, all_channels=all_channels)
    except ServiceError as error:
        return notices.refusal(request, error, late=fresh_links.offer)
    words = texts.of(known.language_code)
    channel = channels.word(words, known.channel)
    return page(
        "unsubscribed",
        title=words["done_title"],
        language=known.language_code,
        tenant_name=known.tenant_name,
        branding=known.branding,
        stopped=words["stopped_all"] if all_channels else words["stopped_channel"].format(channel=channel),
        preferences_token=known.preferences_token,
    )


async def _unsubscribe(
    request: Request, token: str, method: consent_pb2.UnsubscribeMethod, *, all_channels: bool
) -> None:
    here = door.of(request)
    await here.preferences.Unsubscribe(
        consent_pb2.UnsubscribeRequest(
            token=token,
            all_channels=all_channels,
            method=method,
            ip_address=here.clients.of(request),
            user_agent=user_agent(request),
        )
    )
