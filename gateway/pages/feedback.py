"""Rating a visit: GET shows, POST answers, or writes the words of an answer anew (GAT-12, GAT-32, LIF-43)."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from angarium.campaign.v1 import feedback_service_pb2 as feedback_pb2
from gateway import door
from gateway.pages import days, notices, texts, visits
from gateway.pages.render import page
from services.common.errors import ServiceError
from services.common.ids import uuid7

RATINGS = range(1, 6)
LONGEST_COMMENT = 2000
MAX_FORM_BYTES = 65_536
"""A comment in a script whose letters take twelve bytes of a form each."""


async def show(request: Request) -> Response:
    """Shows the form, or the answer while its words may change; changes nothing."""
    if (refused := await visits.refused(request)) is not None:
        return refused
    try:
        known = await _resolve(request)
    except ServiceError as error:
        return notices.refusal(request, error, late=notices.feedback_late)
    return _standing(request, known) if known.is_open else _over(known)


async def submit(request: Request) -> Response:
    """Takes the answer; what is missing is said beside its field."""
    fields = await visits.fields_of(request, most_bytes=MAX_FORM_BYTES)
    if isinstance(fields, Response):
        return fields
    if (refused := await visits.form_refused(request, "feedback-form", fields)) is not None:
        return refused
    try:
        known = await _resolve(request)
        if not known.is_open:
            return _over(known)
        comment = fields.get("comment", "").replace("\r\n", "\n").strip()
        rating = known.feedback.rating or _rating(fields)
        errors = _errors(rating, comment)
        if errors:
            return _standing(request, known, rating=rating, comment=comment, errors=errors, status=422)
        answer = await door.of(request).feedback.SubmitFeedback(
            feedback_pb2.SubmitFeedbackRequest(
                token=request.path_params["token"],
                rating=rating,
                comment=comment,
                # The call may be repeated on its way; of a form posted twice the second finds the first.
                idempotency_key=str(uuid7()),
            )
        )
    except ServiceError as error:
        return notices.refusal(request, error, late=notices.feedback_late)
    was_answered = known.HasField("feedback")
    known.feedback.CopyFrom(answer.feedback)
    return _standing(request, known, notice="feedback_saved" if was_answered else "")


async def _resolve(request: Request) -> feedback_pb2.ResolveFeedbackTokenResponse:
    known: feedback_pb2.ResolveFeedbackTokenResponse = await door.of(request).feedback.ResolveFeedbackToken(
        feedback_pb2.ResolveFeedbackTokenRequest(token=request.path_params["token"])
    )
    return known


def _rating(fields: Mapping[str, str]) -> int:
    """Returns the rating of a form; 0 when there is none."""
    given = fields.get("rating", "")
    return int(given) if given in map(str, RATINGS) else 0


def _errors(rating: int, comment: str) -> dict[str, str]:
    """Returns what is wrong, by field: the key of the text that says it."""
    errors = {}
    if not rating:
        errors["rating"] = "feedback_missing"
    if len(comment) > LONGEST_COMMENT:
        errors["comment"] = "feedback_too_long"
    return errors


def _standing(
    request: Request,
    known: feedback_pb2.ResolveFeedbackTokenResponse,
    *,
    rating: int = 0,
    comment: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    notice: str = "",
) -> Response:
    """Returns the page as things stand: the form, or thanks with the words of the answer."""
    words = texts.of(known.language_code)
    is_answered = known.HasField("feedback")
    day = days.spelled(known.visit_date, texts.known(known.language_code))
    return page(
        "feedback",
        title=words["feedback_thanks_title" if is_answered else "feedback_title"],
        language=known.language_code,
        status=status,
        tenant_name=known.tenant_name,
        branding=known.branding,
        place=" · ".join(filter(None, (known.branch_name, day))),
        is_answered=is_answered,
        ratings=reversed(RATINGS),
        rating=rating or known.feedback.rating,
        comment=comment if errors else known.feedback.comment,
        errors=errors or {},
        notice=words[notice] if notice else "",
        longest=LONGEST_COMMENT,
        form_token=door.of(request).forms.issue(request.path_params["token"]),
    )


def _over(known: feedback_pb2.ResolveFeedbackTokenResponse) -> Response:
    """Returns the page of an answer that stands."""
    words = texts.of(known.language_code)
    return page(
        "notice",
        title=words["feedback_over_title"],
        language=known.language_code,
        status=410,
        tenant_name=known.tenant_name,
        branding=known.branding,
        heading=words["feedback_over_title"],
        message=words["feedback_over"],
    )
