"""What the page of every link does first: it turns away who comes too often, and what is no link or form of ours."""

from collections.abc import AsyncGenerator

from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from gateway import bodies, door
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


async def fields_of(
    request: Request, *, most: int = MAX_FIELDS, most_bytes: int = MAX_FORM_BYTES
) -> dict[str, str] | Response:
    """Returns the fields of a posted form, or the page for a link or a form that is none of ours."""
    if len(request.path_params["token"]) > MAX_TOKEN:
        return notices.not_found(request)
    body = await bodies.read(request, most_bytes)
    if body is None:
        return notices.form_outdated(request, 413)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    parser: FormParser | MultiPartParser
    if kind == "multipart/form-data":
        parser = MultiPartParser(request.headers, _whole(body), max_files=0, max_fields=most)
    else:
        parser = FormParser(request.headers, _whole(body), max_fields=most)
    try:
        form = await parser.parse()
    except MultiPartException:
        return notices.form_outdated(request)
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _whole(body: bytes) -> AsyncGenerator[bytes, None]:
    """Yields a body that was read, as parsers want it."""
    yield body
    yield b""


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
    verdict = await here.limiter.check(what, here.clients.counted_as(request), limit)
    return None if verdict.allowed else notices.held_off(request, verdict)
