"""Postmark's error codes: what each says of the message, its recipient and the account."""

from typing import Final, NamedTuple

from services.delivery.providers.base import Code, Result


class Meaning(NamedTuple):
    """What a code says; unknown codes are tried again (DEL-82)."""

    result: Result
    code: str
    recipient_fault: bool = False
    provider_fault: bool = False


_ACCOUNT: Final = Meaning(Result.RETRYABLE, Code.CREDENTIALS, provider_fault=True)
_REQUEST: Final = Meaning(Result.PERMANENT, Code.REQUEST_REFUSED)
_SENDER: Final = Meaning(Result.PERMANENT, Code.SENDER_REFUSED)

MEANINGS: Final = {
    0: Meaning(Result.ACCEPTED, ""),
    10: _ACCOUNT,  # no such server token
    100: Meaning(Result.RETRYABLE, Code.UNAVAILABLE, provider_fault=True),  # maintenance
    300: _REQUEST,  # addresses are checked before they leave, so it speaks of what we wrote
    400: _SENDER,  # no such sender signature
    401: _SENDER,  # sender signature not confirmed
    402: _REQUEST,
    403: _REQUEST,
    405: _ACCOUNT,  # out of credits
    406: Meaning(
        Result.PERMANENT, Code.INVALID_RECIPIENT, recipient_fault=True
    ),  # bounced or complained before
    409: _REQUEST,
    410: _REQUEST,  # more than 500 messages
    411: Meaning(Result.PERMANENT, Code.CONTENT_REFUSED),  # a type of attachment
    412: _ACCOUNT,  # pending approval: foreign domains are refused
    413: _ACCOUNT,  # the account may not send
    429: Meaning(Result.RETRYABLE, Code.RATE_LIMITED, provider_fault=True),
    1226: _ACCOUNT,  # no such stream
    1235: _ACCOUNT,  # an archived stream
}


def meaning_of(code: int) -> Meaning:
    """What a code of one message, or of a whole request, says."""
    return MEANINGS.get(code) or Meaning(Result.RETRYABLE, f"postmark_{code}")
