"""Refusals in SendGrid's own words and bytes."""

from typing import Any

import orjson
from starlette.responses import Response

from sandbox.faces import RefusalError

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#"


class RefusedError(RefusalError):
    """A request that SendGrid would refuse, with everything it would answer."""

    def __init__(self, status: int, *errors: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status, errors)
        self.status = status
        self.errors = errors
        self.headers = headers or {}

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        body = orjson.dumps({"errors": list(self.errors)})
        return Response(body, self.status, headers=self.headers, media_type="application/json")


def error(message: str, field: str | None = None, help_anchor: str | None = None) -> dict[str, Any]:
    """Returns one entry of `errors`, keys in SendGrid's order."""
    return {"message": message, "field": field, "help": HELP + help_anchor if help_anchor else None}


def too_many_requests(limit: int, reset: int | None) -> RefusedError:
    """Returns the 429 whose reset time is given as epoch seconds, or left out."""
    headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": "0"}
    if reset is not None:
        headers["X-RateLimit-Reset"] = str(reset)
    refused = RefusedError(429, headers=headers)
    refused.errors = ({"field": None, "message": "too many requests"},)
    return refused


WRONG_KEY = error("The provided authorization grant is invalid, expired, or revoked")
NO_KEY = error("Permission denied, wrong credentials")
FORBIDDEN = error("access forbidden")
BAD_JSON = error("Bad Request")
TOO_LARGE = error("Payload too large")
NOT_JSON = error("Content-Type should be application/json.")
NOT_UTF8 = error("Invalid UTF8 in request")
UNVERIFIED = error(
    "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved."
    " Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity"
    " requirements",
    "from",
)
