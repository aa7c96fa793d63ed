"""Short pages that say what went wrong and what to do, and nothing else."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.pages import texts
from gateway.pages.render import page
from gateway.problems import limits
from services.common.errors import ServiceError
from services.common.rate_windows import Verdict


def not_found(request: Request, status: int = 404) -> HTMLResponse:
    """Returns the page for a link that is not one of ours; it does not say why."""
    return notice(request, status, "not_found_title", "not_found")


def expired(request: Request) -> HTMLResponse:
    """Returns the page for a genuine link whose time passed."""
    return notice(request, 410, "expired_title", "expired")


def over(request: Request) -> HTMLResponse:
    """Returns the page for a genuine confirmation whose time passed."""
    return notice(request, 410, "closed_title", "closed")


def pass_over(request: Request) -> HTMLResponse:
    """Returns the page for the link of a pass that is not good any more."""
    return notice(request, 410, "pass_over_title", "pass_over")


def feedback_late(request: Request) -> HTMLResponse:
    """Returns the page for a request for feedback whose time passed."""
    return notice(request, 410, "feedback_late_title", "feedback_late")


def try_again(request: Request, status: int = 503) -> HTMLResponse:
    """Returns the page while a service behind does not answer; reloading it is the way on."""
    answer = notice(request, status, "try_again_title", "try_again")
    answer.headers["Retry-After"] = "5"
    return answer


def held_off(request: Request, verdict: Verdict) -> HTMLResponse:
    """Returns the page for somebody who came too often, or whose visits nobody can count just now (GAT-47)."""
    if verdict.store_failed:
        return try_again(request)
    answer = notice(request, 429, "too_many_title", "too_many")
    answer.headers.update(limits(verdict))
    return answer


def form_outdated(request: Request, status: int = 400) -> HTMLResponse:
    """Returns the page for a form that was not shown by us for this link."""
    return notice(request, status, "form_title", "form")


def refusal(
    request: Request, error: ServiceError, *, late: Callable[[Request], Response] = expired
) -> Response:
    """Returns the page for what a service said of a link: too `late`, none of ours, or come again."""
    if error.reason == "TOKEN_EXPIRED":
        return late(request)
    if error.reason in ("INVALID_TOKEN", "VALIDATION_FAILED", "NOT_FOUND"):
        return not_found(request)
    return try_again(request)


def notice(request: Request, status: int, heading: str, message: str) -> HTMLResponse:
    """Returns a page that says one thing, in a language the visitor's browser names."""
    language = texts.accepted(request.headers.get("accept-language", ""))
    words = texts.of(language)
    return page(
        "notice",
        title=words[heading],
        language=language,
        status=status,
        heading=words[heading],
        message=words[message],
    )
