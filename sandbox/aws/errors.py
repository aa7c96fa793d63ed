"""Refusals in the words and the shapes of Amazon's services."""

import secrets
from collections.abc import Callable
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from starlette.responses import Response

from sandbox import faces


class RefusedError(faces.RefusalError):
    """A request that a service refuses, with its name for the reason; `more` stands beside it."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.headers, self.more = headers or {}, more

    def response(self) -> Response:
        """Returns the answer of a service that speaks JSON."""
        named = {"x-amzn-ErrorType": self.code, "x-amzn-RequestId": str(uuid4())}
        body = {"__type": self.code, "message": self.message, **self.more}
        return faces.json(body, self.status, {**named, **self.headers})


class QueryRefusedError(RefusedError):
    """The same of a service that speaks XML."""

    def response(self) -> Response:
        """Returns the answer as XML."""
        sender = "Sender" if self.status < 500 else "Receiver"
        body = (
            '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error>'
            f"<Type>{sender}</Type><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"
            f"<RequestId>{uuid4()}</RequestId></ErrorResponse>"
        )
        return Response(body, self.status, headers=self.headers, media_type="text/xml")


def answer(action: str, inner: str = "") -> Response:
    """Returns the XML with which a service answers an action."""
    result = f"<{action}Result>{inner}</{action}Result>" if inner else ""
    body = (
        f'<{action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/">{result}'
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{action}Response>"
    )
    return Response(body, media_type="text/xml", headers={"x-amzn-RequestId": secrets.token_hex(8)})


def too_many(kind: type[RefusedError], status: int, code: str) -> Callable[[int | None], RefusedError]:
    """Returns how a service refuses what is too much; it names a time only when it is told to."""

    def refused(reset: int | None) -> RefusedError:
        headers = {"X-RateLimit-Reset": str(reset)} if reset is not None else None
        return kind(status, code, "Rate exceeded", headers)

    return refused


def failed(kind: type[RefusedError], code: str) -> Callable[[int], RefusedError]:
    """Returns how a service answers that is not well."""
    return lambda status: kind(status, code, "The service is not available.")
