"""What stands before every page: who is it, may the request be trusted; and after it: refusals in words."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway import bodies
from gateway.console import reasons, render
from gateway.console.calls import acting
from gateway.console.sessions import Session
from gateway.console.visits import Console, Visit, console_of
from services.common.errors import ServiceError

Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

VISITS_PER_MINUTE = 240
_FORM_BYTES = 65_536
_FORM_FIELDS = 250
_STATUS = {
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "VALIDATION_FAILED": 400,
    "RATE_LIMITED": 429,
    "DEPENDENCY_UNAVAILABLE": 503,
    "INTERNAL": 500,
}
_HEADINGS = {
    "PERMISSION_DENIED": "You may not do this",
    "NOT_FOUND": "Not found",
    "RATE_LIMITED": "Too often",
    "DEPENDENCY_UNAVAILABLE": "Not available now",
    "INTERNAL": "Something went wrong",
}


def shown(handler: Handler) -> Endpoint:
    """Returns the endpoint of a page that only shows."""

    async def show(request: Request) -> Response:
        return await _visited(request, handler)

    return show


def acted(handler: Handler) -> Endpoint:
    """Returns the endpoint of a form: it must be ours, of this session, and sent from our own pages."""

    async def act(request: Request) -> Response:
        console = console_of(request)
        if not is_from_here(request, console):
            return forbidden()
        fields = await form_of(request)
        if fields is None:
            return forbidden()

        async def genuine(visit: Visit) -> Response:
            offered = visit.posted("form_token")
            if not console.sessions.is_form_of(visit.session, offered):
                return forbidden()
            return await handler(visit)

        return await _visited(request, genuine, fields)

    return act


async def form_of(request: Request) -> dict[str, list[str]] | None:
    """Returns the fields of a posted form; None for what is longer or otherwise than any form of ours."""
    body = await bodies.read(request, _FORM_BYTES)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body is None or kind != "application/x-www-form-urlencoded":
        return None
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS)
    except ValueError:
        return None


def is_from_here(request: Request, console: Console) -> bool:
    """Returns whether a browser says that a form was sent from our own pages; older ones say nothing."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "null")
    ours = urlsplit(console.settings.public_base_url)
    return site == "same-origin" and origin in ("null", f"{ours.scheme}://{ours.netloc}")


async def session_of(request: Request) -> Session | None:
    """Returns who is signed in; ServiceError when that cannot be told."""
    return await console_of(request).sessions.of(request)


async def too_often(request: Request, what: str, limit: int) -> Response | None:
    """Returns the page for somebody who comes too often; None for all others."""
    console = console_of(request)
    verdict = await console.limiter.check(f"console-{what}", console.clients.counted_as(request), limit)
    if verdict.allowed:
        return None
    answer = notice(429, "Too often", "Wait a moment, then go on.")
    answer.headers["Retry-After"] = str(verdict.retry_after)
    return answer


def forbidden() -> HTMLResponse:
    """Returns the page for a form that was not shown in this session."""
    return notice(
        403, "This form is not yours", "Open the page again and repeat what you did; nothing was done."
    )


def notice(status: int, heading: str, message: str) -> HTMLResponse:
    """Returns a short page that says what is the matter."""
    return render.page("notice", status=status, title=heading, heading=heading, message=message)


def sign_in_first(status: int = 401) -> HTMLResponse:
    """Returns the page for somebody who is not signed in, or not any more."""
    return render.page("sign_in", status=status, title="Sign in", ticket="", person=None)


async def _visited(
    request: Request, handler: Handler, fields: dict[str, list[str]] | None = None
) -> Response:
    refused = await too_often(request, "visits", VISITS_PER_MINUTE)
    if refused is not None:
        return refused
    try:
        session = await session_of(request)
        if session is None:
            return sign_in_first()
        visit = Visit(request, console_of(request), session, fields or {})
        with acting(session):
            return await _answered(visit, handler)
    except ServiceError as error:
        return notice(503, _HEADINGS["DEPENDENCY_UNAVAILABLE"], reasons.sentence(error))


async def _answered(visit: Visit, handler: Handler) -> Response:
    try:
        return await handler(visit)
    except ServiceError as error:
        if error.reason == "UNAUTHENTICATED":
            return sign_in_first()
        return visit.page(
            "refused",
            _HEADINGS.get(error.reason, "This cannot be done"),
            status=_STATUS.get(error.reason, 409),
            message=reasons.sentence(error),
        )
