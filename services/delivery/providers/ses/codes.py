"""What errors of SES mean, those of requests and those of the entries of a bulk request."""

from typing import Final

from services.delivery.providers.aws.errors import ACCOUNT, COMMON, REFUSED, THROTTLED, UNAVAILABLE
from services.delivery.providers.base import Code, Result
from services.delivery.providers.meanings import Meaning, refused

_CONTENT: Final = refused(Code.CONTENT_REFUSED)
_SENDER: Final = refused(Code.SENDER_REFUSED)

ERRORS: Final = COMMON | {
    # What stops the account: messages move on to another one and keep their tries.
    "AccountSuspendedException": ACCOUNT,
    "SendingPausedException": ACCOUNT,
    "LimitExceededException": ACCOUNT,
    "NotFoundException": ACCOUNT,  # no such configuration set
    "MessageRejected": _CONTENT,
    "MailFromDomainNotVerifiedException": _SENDER,
    "BadRequestException": REFUSED,
}
"""Meanings of errors by name."""

STATUSES: Final = {
    "ACCOUNT_THROTTLED": THROTTLED,
    "TRANSIENT_FAILURE": UNAVAILABLE,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": ACCOUNT,
    "ACCOUNT_SUSPENDED": ACCOUNT,
    "ACCOUNT_SENDING_PAUSED": ACCOUNT,
    "CONFIGURATION_SET_SENDING_PAUSED": ACCOUNT,
    "CONFIGURATION_SET_NOT_FOUND": ACCOUNT,
    "CONFIGURATION_SET_DOES_NOT_EXIST": ACCOUNT,
    "INVALID_SENDING_POOL_NAME": ACCOUNT,
    "MESSAGE_REJECTED": _CONTENT,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": _SENDER,
    "INVALID_PARAMETER": REFUSED,
    "INVALID_PARAMETER_VALUE": REFUSED,
    "TEMPLATE_NOT_FOUND": REFUSED,
    "TEMPLATE_DOES_NOT_EXIST": REFUSED,
}
"""Meanings of the statuses of entries; SUCCESS is none of them."""

UNNAMED: Final = Meaning(Result.RETRYABLE, "")
"""FAILED and whatever SES may add: nobody knows why, so it is tried once more (DEL-82)."""
