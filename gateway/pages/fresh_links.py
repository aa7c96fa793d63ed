"""Links whose time is over: the page offers to send a fresh one, and says the same whoever asks (GAT-33)."""

from collections.abc import Mapping
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from angarium.consent.v1 import preference_service_pb2 as consent_pb2
from gateway import door
from gateway.pages import notices, texts, visits
from gateway.pages.render import page
from services.common.errors import ServiceError
from services.common.ids import uuid7

FIELD = "address"
"""The field by which a post is known to come from this form: the page's own forms have none of this name."""
LONGEST_ADDRESS = 320


def offer(request: Request) -> Response:
    """Returns the page for a genuine link whose time passed, with the form that asks for a fresh one."""
    return _form(request, 410)


def _form(request: Request, status: int, *, wrong: str = "") -> Response:
    """Returns the page with the form; with what was typed when it is no address at all."""
    language = texts.accepted(request.headers.get("accept-language", ""))
    return page(
        "expired",
        title=texts.of(language)["expired_title"],
        language=language,
        status=status,
        field=FIELD,
        is_wrong=status == 422,
        typed=wrong[:LONGEST_ADDRESS],
        longest=LONGEST_ADDRESS,
        form_token=door.of(request).forms.issue(request.path_params["token"]),
    )


async def submit(request: Request, fields: Mapping[str, str]) -> Response:
    """Has a fresh link sent to the address, if consent knows it, which no answer tells; what is no address at all is said."""
    if (refused := await visits.form_refused(request, "fresh-link-form", dict(fields))) is not None:
        return refused
    address = fields[FIELD].strip()
    if not 0 < len(address) <= LONGEST_ADDRESS:
        return _form(request, 422, wrong=address)
    try:
        await door.of(request).preferences.RequestFreshLink(
            consent_pb2.RequestFreshLinkRequest(
                token=request.path_params["token"],
                address=address,
                language_code=texts.accepted(request.headers.get("accept-language", "")),
                # The call may be repeated on its way; a form posted twice asks twice.
                idempotency_key=str(uuid7()),
            )
        )
    except ServiceError as error:
        if error.reason == "RATE_LIMITED":
            return _too_often(request, error.retry_after)
        if error.reason == "INVALID_RECIPIENT":
            return _form(request, 422, wrong=address)
        return notices.refusal(request, error)
    return _asked(request)


def _asked(request: Request) -> Response:
    return notices.notice(request, 200, "fresh_sent_title", "fresh_sent")


def _too_often(request: Request, wait: timedelta | None) -> Response:
    """Returns the page for an address that was asked for too often, by whomever."""
    answer = notices.notice(request, 429, "too_many_title", "fresh_too_many")
    if wait is not None:
        answer.headers["Retry-After"] = str(max(1, -(-wait // timedelta(seconds=1))))
    return answer
