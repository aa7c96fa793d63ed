"""Refusals in Postmark's own words."""

from starlette.responses import Response

from sandbox.faces import RefusalError, json


class RefusedError(RefusalError):
    """A request that Postmark refuses as a whole."""

    def __init__(self, status: int, code: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message, self.headers = status, code, message, headers

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        return json({"ErrorCode": self.code, "Message": self.message}, self.status, self.headers)


def too_many(reset: int | None) -> RefusedError:
    """Returns the 429, with the time it ends when that is told."""
    headers = {"X-RateLimit-Reset": str(reset)} if reset is not None else None
    return RefusedError(429, 429, "Rate limit exceeded", headers)


def unavailable(status: int) -> RefusedError:
    """Returns what a server in trouble answers."""
    return RefusedError(status, 100 if status == 503 else 500, "The service is not available.")


NO_TOKEN = (10, "No Account or Server API tokens were supplied in the HTTP headers.")
WRONG_TOKEN = (10, "Request does not contain a valid Server token.")
BAD_JSON = (402, "Received invalid JSON input.")
NOT_JSON = (409, "JSON is required in the Content-Type header.")
TOO_MANY = (410, "You've exceeded the maximum number of messages per batch request: 500.")
NO_STREAM = (1226, "The message stream for the provided 'ID' was not found.")
SEARCH = (600, "The 'count' and 'offset' parameters are required; together they stay below 10000.")
INACTIVE = (
    "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: {address}."
    " Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
)
