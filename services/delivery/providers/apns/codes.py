"""Reasons of APNs as data: what is not listed follows its status."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from services.delivery.providers.base import Code, Outcome, Outgoing, Result
from services.delivery.providers.http import Answer
from services.delivery.providers.notice import INVALID_TOKEN, UNREGISTERED, WRONG_APP, gone


class Meaning(NamedTuple):
    """What a reason says of a device that is not gone."""

    result: Result
    code: str
    provider_fault: bool = False


_CREDENTIALS: Final = Meaning(Result.RETRYABLE, Code.CREDENTIALS, True)
_AWAY: Final = Meaning(Result.RETRYABLE, Code.UNAVAILABLE, True)
_TOPIC: Final = Meaning(Result.PERMANENT, Code.SENDER_REFUSED, True)
_REQUEST: Final = Meaning(Result.PERMANENT, Code.REQUEST_REFUSED)

GONE: Final = {
    "BadDeviceToken": INVALID_TOKEN,
    "MissingDeviceToken": INVALID_TOKEN,
    "DeviceTokenNotForTopic": WRONG_APP,
    "Unregistered": UNREGISTERED,
    "ExpiredToken": UNREGISTERED,
}
STALE: Final = "ExpiredProviderToken"
MEANINGS: Final = {
    # The account.
    STALE: Meaning(Result.RETRYABLE, "provider_token_expired", True),
    "InvalidProviderToken": _CREDENTIALS,
    "MissingProviderToken": _CREDENTIALS,
    "BadCertificate": _CREDENTIALS,
    "BadCertificateEnvironment": _CREDENTIALS,
    "BadEnvironmentKeyIdInToken": _CREDENTIALS,
    "UnrelatedKeyIdInToken": _CREDENTIALS,
    "Forbidden": _CREDENTIALS,
    "BadTopic": _TOPIC,
    "MissingTopic": _TOPIC,
    "TopicDisallowed": _TOPIC,
    # Too much at once.
    "TooManyProviderTokenUpdates": Meaning(Result.RETRYABLE, Code.RATE_LIMITED, True),
    "TooManyRequests": Meaning(Result.RETRYABLE, Code.RATE_LIMITED),
    # Apple.
    "InternalServerError": _AWAY,
    "ServiceUnavailable": _AWAY,
    "Shutdown": _AWAY,
    # The request.
    "PayloadTooLarge": Meaning(Result.PERMANENT, Code.TOO_LARGE),
    "PayloadEmpty": _REQUEST,
    "BadCollapseId": _REQUEST,
    "BadExpirationDate": _REQUEST,
    "BadMessageId": _REQUEST,
    "BadPriority": _REQUEST,
    "BadPath": _REQUEST,
    "DuplicateHeaders": _REQUEST,
    "IdleTimeout": _AWAY,
    "InvalidPushType": _REQUEST,
    "MethodNotAllowed": _REQUEST,
}


def refusal(one: Outgoing, outcome: Outcome, answer: Answer) -> Outcome:
    """Returns the outcome of a refused request by its reason."""
    found = answer.json()
    reason = str(found.get("reason") or "")
    words = f"{answer.status} {reason if reason in MEANINGS or reason in GONE else ''}".strip()
    if reason in GONE:
        return gone(one, GONE[reason], words, _instant(found.get("timestamp")))
    outcome.reason = words
    if answer.status == 410:
        return gone(one, UNREGISTERED, words, _instant(found.get("timestamp")))
    meaning = MEANINGS.get(reason)
    if meaning is not None:
        outcome.result, outcome.code, outcome.provider_fault = meaning
        outcome.retry_after = answer.retry_after() if meaning.result is Result.RETRYABLE else None
    return outcome


def _instant(milliseconds: object) -> datetime | None:
    """Returns since when a token is good for nothing; a device that came back later keeps its registration."""
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
