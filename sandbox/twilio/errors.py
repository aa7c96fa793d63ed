"""Refusals in Twilio's words."""

from starlette.responses import Response

from sandbox import faces


class RefusedError(faces.RefusalError):
    """A request Twilio refuses, with its code."""

    def __init__(self, status: int, code: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self._status, self._code, self._message, self._headers = status, code, message, headers

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        return faces.json(
            {
                "code": self._code,
                "message": self._message,
                "more_info": f"https://www.twilio.com/docs/errors/{self._code}",
                "status": self._status,
            },
            self._status,
            self._headers,
        )


def too_many(reset: int | None) -> RefusedError:
    """Returns the refusal of too many requests; Twilio does not say when to come again."""
    del reset
    return RefusedError(429, 20429, "Too Many Requests")


def failed(status: int) -> RefusedError:
    """Returns the answer of a service that is not well."""
    return RefusedError(status, 20500, "Internal Server Error")


def not_found(path: str) -> RefusedError:
    """Returns the answer for a resource that is not there."""
    return RefusedError(404, 20404, f"The requested resource {path} was not found")


UNAUTHORISED = (401, 20003, "Authenticate")
