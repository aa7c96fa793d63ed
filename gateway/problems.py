"""How the door says no: JSON for machines, a plain page for people, no internal word in either (GAT-35)."""

from starlette.responses import JSONResponse, Response

from gateway import request_ids
from services.common.rate_windows import Verdict

STATUS_CODES = {
    400: "MARKETING_063",
    401: "MARKETING_082",
    404: "MARKETING_060",
    405: "MARKETING_063",
    408: "MARKETING_069",
    413: "MARKETING_063",
    429: "MARKETING_066",
    500: "MARKETING_068",
    503: "MARKETING_067",
}


def problem(status: int, reason: str, *, headers: dict[str, str] | None = None) -> Response:
    """Returns the machine-readable answer of a refusal."""
    body = {
        "code": STATUS_CODES.get(status, "MARKETING_068"),
        "reason": reason,
        "request_id": request_ids.current(),
    }
    return JSONResponse(body, status_code=status, headers=headers)


def unauthorised() -> Response:
    """Returns the one answer for every bad signature and unknown account: nothing to learn from (GAT-50)."""
    return Response(status_code=401)


def held_off(verdict: Verdict) -> Response:
    """Returns the refusal of a caller over its limit; of one over ours while nobody can count, as trouble (GAT-47)."""
    if verdict.store_failed:
        return unavailable()
    return problem(429, "RATE_LIMITED", headers=limits(verdict))


def limits(verdict: Verdict) -> dict[str, str]:
    """Returns the headers that tell a caller over its limit when to come again (GAT-34)."""
    return {
        "Retry-After": str(verdict.retry_after),
        "X-RateLimit-Limit": str(verdict.limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(verdict.retry_after),
    }


def unavailable() -> Response:
    """Returns the answer while a service behind does not answer; the caller comes again."""
    return problem(503, "DEPENDENCY_UNAVAILABLE", headers={"Retry-After": "5"})
