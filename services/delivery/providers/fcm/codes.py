"""Error codes of FCM as data: what is not listed follows its status."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from services.delivery.providers.base import Code, Outcome, Outgoing, Result
from services.delivery.providers.http import Answer
from services.delivery.providers.notice import INVALID_TOKEN, UNREGISTERED, WRONG_APP, gone

FCM_ERROR: Final = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST: Final = "type.googleapis.com/google.rpc.BadRequest"
ADDRESSES: Final = frozenset({"message.token", "message.fid"})
WITHOUT_WORD: Final = timedelta(seconds=60)
"""How long a project over its quota waits when FCM does not say."""


class Meaning(NamedTuple):
    """What a code says of a device that is not gone."""

    result: Result
    code: str
    provider_fault: bool


GONE: Final = {"UNREGISTERED": UNREGISTERED, "SENDER_ID_MISMATCH": WRONG_APP}
MEANINGS: Final = {
    "QUOTA_EXCEEDED": Meaning(Result.RETRYABLE, Code.RATE_LIMITED, True),
    "UNAVAILABLE": Meaning(Result.RETRYABLE, Code.UNAVAILABLE, True),
    "INTERNAL": Meaning(Result.RETRYABLE, Code.UNAVAILABLE, True),
    # Keys of Apple's or of browsers that the project lacks: its Android devices are well.
    "THIRD_PARTY_AUTH_ERROR": Meaning(Result.RETRYABLE, "third_party_credentials", False),
}


def refusal(one: Outgoing, outcome: Outcome, answer: Answer) -> Outcome:
    """Returns the outcome of a refused request by its code."""
    error = answer.json().get("error")
    details = _details(error)
    word = str(details.get(FCM_ERROR, {}).get("errorCode") or "")
    status = str(error.get("status") or "") if isinstance(error, dict) else ""
    outcome.reason = f"{answer.status} {word or status}".strip()
    if word in GONE:
        return gone(one, GONE[word], outcome.reason)
    if answer.status == 400 and _is_about_the_token(word, details):
        return gone(one, INVALID_TOKEN, outcome.reason)
    meaning = MEANINGS.get(word)
    if meaning is not None:
        outcome.result, outcome.code, outcome.provider_fault = meaning
        outcome.retry_after = answer.retry_after()
        if word == "QUOTA_EXCEEDED":
            outcome.retry_after = outcome.retry_after or WITHOUT_WORD
    return outcome


def _is_about_the_token(word: str, details: Mapping[str, Mapping[str, Any]]) -> bool:
    """Returns whether it is the token that is invalid: a request that names other fields is our own mistake."""
    violations = details.get(BAD_REQUEST, {}).get("fieldViolations")
    if isinstance(violations, list) and violations:
        return any(isinstance(each, dict) and each.get("field") in ADDRESSES for each in violations)
    return word == "INVALID_ARGUMENT"


def _details(error: object) -> dict[str, Mapping[str, Any]]:
    found = error.get("details") if isinstance(error, dict) else None
    parts = found if isinstance(found, list) else []
    return {str(part.get("@type")): part for part in parts if isinstance(part, dict)}
