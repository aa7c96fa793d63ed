"""Refusals and failures in Meta's words."""

from starlette.responses import Response

from sandbox import faces

CODES = {
    30003: (131026, "Message undeliverable"),
    30004: (131049, "This message was not delivered to maintain healthy ecosystem engagement."),
    30005: (131026, "Message undeliverable"),
    30006: (131026, "Message undeliverable"),
    30007: (131049, "This message was not delivered to maintain healthy ecosystem engagement."),
    30008: (131000, "Something went wrong"),
    63016: (131047, "Re-engagement message"),
    21610: (131050, "User has stopped marketing messages from the business"),
}
"""What Meta says where the table of people has a code of Twilio's."""


class RefusedError(faces.RefusalError):
    """A request Meta refuses, with its code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self._status, self._code, self._message = status, code, message

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        error = {
            "message": f"(#{self._code}) {self._message}",
            "type": "OAuthException",
            "code": self._code,
            "error_data": {"messaging_product": "whatsapp", "details": self._message},
            "fbtrace_id": "Sandbox",
        }
        return faces.json({"error": error}, self._status)


def too_many(reset: int | None) -> RefusedError:
    """Returns the refusal of too many requests; Meta does not say when to come again."""
    del reset
    return RefusedError(429, 130429, "Rate limit hit")


def failed(status: int) -> RefusedError:
    """Returns the answer of a service that is not well."""
    return RefusedError(status, 131000, "Something went wrong")


UNAUTHORISED = (401, 190, "Invalid OAuth access token.")
