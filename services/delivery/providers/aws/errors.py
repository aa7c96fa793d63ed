"""Errors of Amazon's services: one name each, wherever their protocols put it, and what the common ones mean."""

import re
from typing import Final

from services.delivery.providers.base import Code, masked
from services.delivery.providers.http import Answer
from services.delivery.providers.meanings import account, later, refused

_XML_CODE: Final = re.compile(rb"<Code>\s*([A-Za-z0-9._-]{1,100})\s*</Code>")
_XML_MESSAGE: Final = re.compile(rb"<Message>([^<]{0,1000})</Message>")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")


ACCOUNT: Final = account()
THROTTLED: Final = later()
UNAVAILABLE: Final = later(Code.UNAVAILABLE)
REFUSED: Final = refused(Code.REQUEST_REFUSED)

# Services of the Query protocol throttle with status 400, so the name goes before the status.
COMMON: Final = {
    **dict.fromkeys(
        (
            "AccessDenied", "AccessDeniedException", "AuthFailure", "AuthorizationError", "AuthorizationErrorException",
            "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "IncompleteSignatureException",
            "InvalidClientTokenId", "InvalidSecurity", "InvalidSignatureException", "MissingAuthenticationToken",
            "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired", "RequestExpired",
            "SignatureDoesNotMatch", "UnauthorizedOperation", "UnrecognizedClientException",
        ),
        ACCOUNT,
    ),
    **dict.fromkeys(
        (
            "BandwidthLimitExceeded", "PriorRequestNotComplete", "RequestLimitExceeded", "RequestThrottled",
            "RequestThrottledException", "SlowDown", "Throttled", "ThrottledException", "Throttling",
            "ThrottlingException", "TooManyRequestsException",
        ),
        THROTTLED,
    ),
    **dict.fromkeys(
        (
            "InternalError", "InternalErrorException", "InternalFailure", "InternalServerError",
            "InternalServerException", "InternalServiceError", "InternalServiceErrorException", "ServiceUnavailable",
            "ServiceUnavailableException",
        ),
        UNAVAILABLE,
    ),
}  # fmt: skip
"""Meanings by the names that all services share."""


def name_of(answer: Answer) -> str:
    """The name of an error without namespace and address; empty when the answer holds none."""
    given = answer.headers.get("x-amzn-ErrorType", "")
    if not given:
        body = answer.json()
        said = body.get("__type") or body.get("code") or ""
        given = said if isinstance(said, str) else ""
    if not given and (found := _XML_CODE.search(answer.body)):
        given = found[1].decode()
    name = given.partition(":")[0].rpartition("#")[2].strip()
    return name if _NAME.fullmatch(name) else ""


def words_of(answer: Answer) -> str:
    """An error's name and words, without addresses."""
    body = answer.json()
    words = body.get("message") or body.get("Message") or ""
    if not words and (found := _XML_MESSAGE.search(answer.body)):
        words = found[1].decode("utf-8", "replace")
    return f"{name_of(answer)} {masked(str(words))}".strip()
