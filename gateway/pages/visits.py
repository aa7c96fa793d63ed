"""What the page of every link does first: it turns away who comes too often, and what is no link or form of ours."""

from starlette.requests import Request
from starlette.responses import Response

from gateway import door
from gateway.pages import notices

MAX_TOKEN = 1024
MAX_FORM_BYTES = 16_384
MAX_FIELDS = 10


async def refused(request: Request) -> Response | None:
    """Returns the page that ends a visit before anything is shown; None when it may go on."""
    too_often = await _too_often(request, "pages", door.of(request).settings.pages_per_minute)
    if too_often is None and len(request.path_params["token"]) > MAX_TOKEN:
        return notices.not_found(request)
    return too_often


async def fields_of(request: Request, *, most: int = MAX_FIELDS) -> dict[str, str] | None:
    """Returns the fields of a posted form; None for a link or a form longer than any of ours."""
    length = int(request.headers.get("content-length") or 0)
    if len(request.path_params["token"]) > MAX_TOKEN or length > MAX_FORM_BYTES:
        return None
    async with request.form(max_files=0, max_fields=most) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


async def form_refused(request: Request, form: str, fields: dict[str, str]) -> Response | None:
    """Returns the page that ends a posted form before it has an effect; None when we showed it for this link.

    Args:
        request: The request.
        form: Name of the form, under which posts are counted.
        fields: What was posted.
    """
    here = door.of(request)
    too_often = await _too_often(request, form, here.settings.unsubscribe_forms_per_minute)
    if too_often is None and not here.forms.is_valid(
        request.path_params["token"], fields.get("form_token", "")
    ):
        return notices.form_outdated(request)
    return too_often


async def _too_often(request: Request, what: str, limit: int) -> Response | None:
    here = door.of(request)
    verdict = await here.limiter.check(what, here.clients.of(request), limit)
    return None if verdict.allowed else notices.too_many(request, verdict.retry_after)
