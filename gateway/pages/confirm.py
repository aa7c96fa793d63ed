"""Confirming a double opt-in: GET shows, POST confirms (GAT-11, GAT-32, CON-57, CON-65)."""

from starlette.requests import Request
from starlette.responses import Response

from angarium.consent.v1 import consent_pb2, consent_service_pb2
from angarium.consent.v1 import preference_service_pb2 as preference_pb2
from gateway import door
from gateway.clients import user_agent
from gateway.pages import channels, notices, texts, visits
from gateway.pages.render import page
from services.common.errors import ServiceError


async def show(request: Request) -> Response:
    """Shows what the link would confirm; changes nothing, because mail scanners open links."""
    token = request.path_params["token"]
    if (refused := await visits.refused(request)) is not None:
        return refused
    try:
        known = await _resolve(request, token)
    except ServiceError as error:
        return notices.refusal(request, error, late=notices.over)
    if known.consent_state != consent_pb2.Consent.STATE_PENDING:
        return _standing(known, known.consent_state)
    words = texts.of(known.language_code)
    return page(
        "confirm",
        title=words["confirm_title"],
        language=known.language_code,
        tenant_name=known.tenant_name,
        branding=known.branding,
        masked_address=known.masked_address,
        question=words["confirm_ask"].format(channel=channels.word(words, known.channel)),
        form_token=door.of(request).forms.issue(token),
    )


async def submit(request: Request) -> Response:
    """Confirms; a link that was used, or is not the newest, tells where the consent stands."""
    here = door.of(request)
    token = request.path_params["token"]
    fields = await visits.fields_of(request)
    if isinstance(fields, Response):
        return fields
    if (refused := await visits.form_refused(request, "confirm-form", fields)) is not None:
        return refused
    try:
        known = await _resolve(request, token)
        answer = await here.consents.ConfirmConsent(
            consent_service_pb2.ConfirmConsentRequest(
                token=token, ip_address=here.clients.of(request), user_agent=user_agent(request)
            )
        )
    except ServiceError as error:
        return notices.refusal(request, error, late=notices.over)
    return _standing(known, answer.consent.state)


async def _resolve(request: Request, token: str) -> preference_pb2.ResolveTokenResponse:
    """Returns what a confirmation link is for; INVALID_TOKEN for a link of another kind."""
    known: preference_pb2.ResolveTokenResponse = await door.of(request).preferences.ResolveToken(
        preference_pb2.ResolveTokenRequest(token=token)
    )
    if known.purpose != preference_pb2.TOKEN_PURPOSE_CONFIRM:
        raise ServiceError("INVALID_TOKEN", "token is not valid")
    return known


def _standing(known: preference_pb2.ResolveTokenResponse, state: consent_pb2.Consent.State) -> Response:
    """Returns the page that tells where a consent stands: confirmed, asked again since, or over."""
    words = texts.of(known.language_code)
    name, status = "closed", 410
    if state == consent_pb2.Consent.STATE_GRANTED:
        name, status = "confirmed", 200
    elif state == consent_pb2.Consent.STATE_PENDING:
        name, status = "newer", 200
    return page(
        "notice",
        title=words[f"{name}_title"],
        language=known.language_code,
        status=status,
        tenant_name=known.tenant_name,
        branding=known.branding,
        heading=words[f"{name}_title"],
        message=words[name].format(channel=channels.word(words, known.channel)),
    )
