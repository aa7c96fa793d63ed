"""The preference page: GET shows what a contact said, POST changes it (GAT-10, GAT-32)."""

from starlette.requests import Request
from starlette.responses import Response

from angarium.consent.v1 import preference_service_pb2 as consent_pb2
from gateway import door
from gateway.clients import user_agent
from gateway.pages import fresh_links, notices, preference_form, texts, visits
from gateway.pages.preference_form import Form
from gateway.pages.render import page
from services.common.errors import ServiceError

MAX_FIELDS = 100


async def show(request: Request) -> Response:
    """Shows the preferences; changes nothing."""
    token = request.path_params["token"]
    if (refused := await visits.refused(request)) is not None:
        return refused
    try:
        known = await _known(request, token)
    except ServiceError as error:
        return notices.refusal(request, error, late=fresh_links.offer)
    return _page(request, token, known, preference_form.shown(known.preferences))


async def submit(request: Request) -> Response:
    """Saves what the form changes, or stops all marketing when that button was pressed."""
    token = request.path_params["token"]
    fields = await visits.fields_of(request, most=MAX_FIELDS)
    if isinstance(fields, Response):
        return fields
    if fresh_links.FIELD in fields:
        return await fresh_links.submit(request, fields)
    if (refused := await visits.form_refused(request, "preference-form", fields)) is not None:
        return refused
    try:
        known = await _known(request, token)
        if "stop" in fields:
            return await _stop(request, token, known)
        return await _save(request, token, known, preference_form.posted(fields))
    except ServiceError as error:
        return notices.refusal(request, error, late=fresh_links.offer)


async def _save(
    request: Request, token: str, known: consent_pb2.ResolveTokenResponse, wanted: Form
) -> Response:
    if wanted.etag != known.preferences.etag:
        fresh = preference_form.shown(known.preferences)
        return _page(request, token, known, fresh, status=409, notice="pref_meanwhile")
    if wanted.errors:
        return _page(request, token, known, wanted, status=422)
    change, paths = preference_form.changes(known.preferences, wanted)
    if paths:
        asked = consent_pb2.UpdatePreferencesByTokenRequest(token=token, preferences=change)
        asked.update_mask.paths.extend(paths)
        try:
            await _update(request, asked)
        except ServiceError as error:
            if error.reason == "VERSION_CONFLICT":
                known = await _known(request, token)
                fresh = preference_form.shown(known.preferences)
                return _page(request, token, known, fresh, status=409, notice="pref_meanwhile")
            if error.reason != "VALIDATION_FAILED":
                raise
            wanted.note(error.violations)
            return _page(request, token, known, wanted, status=422)
    return await _saved(request, token)


async def _stop(request: Request, token: str, known: consent_pb2.ResolveTokenResponse) -> Response:
    if not known.preferences.marketing_opted_out:
        await _update(
            request,
            consent_pb2.UpdatePreferencesByTokenRequest(token=token, preferences={}, stop_marketing=True),
        )
    return await _saved(request, token)


async def _saved(request: Request, token: str) -> Response:
    known = await _known(request, token)
    return _page(request, token, known, preference_form.shown(known.preferences), notice="pref_saved")


async def _update(request: Request, asked: consent_pb2.UpdatePreferencesByTokenRequest) -> None:
    here = door.of(request)
    asked.ip_address = here.clients.of(request)
    asked.user_agent = user_agent(request)
    await here.preferences.UpdatePreferencesByToken(asked)


async def _known(request: Request, token: str) -> consent_pb2.ResolveTokenResponse:
    """Returns what consent knows of the link; INVALID_TOKEN when it is not one of this page."""
    known: consent_pb2.ResolveTokenResponse = await door.of(request).preferences.ResolveToken(
        consent_pb2.ResolveTokenRequest(token=token)
    )
    if known.purpose != consent_pb2.TOKEN_PURPOSE_PREFERENCES:
        raise ServiceError("INVALID_TOKEN", "token is not valid")
    return known


def _page(
    request: Request,
    token: str,
    known: consent_pb2.ResolveTokenResponse,
    form: Form,
    *,
    status: int = 200,
    notice: str = "",
) -> Response:
    language = known.language_code or texts.accepted(request.headers.get("accept-language", ""))
    words = texts.of(language)
    return page(
        "preferences",
        title=words["pref_title"],
        language=language,
        status=status,
        tenant_name=known.tenant_name,
        branding=known.branding,
        masked_address=known.masked_address,
        form=form,
        notice=words[notice] if notice else "",
        is_stopped=known.preferences.marketing_opted_out,
        channels=list(preference_form.CHANNELS),
        frequencies=list(preference_form.FREQUENCIES),
        groups=list(preference_form.GROUPS),
        languages=preference_form.languages(),
        zones=preference_form.zones(),
        form_token=door.of(request).forms.issue(token),
    )
