"""Error codes of Twilio as data: Twilio may add to them, so whatever is not listed follows its status."""

from typing import Final, NamedTuple

from services.delivery.providers.base import Code, Outcome, Result
from services.delivery.providers.http import Answer


class Meaning(NamedTuple):
    """What a code says.

    Attributes:
        result: What it means for a hand-over.
        code: Our word for it.
        recipient_fault: Whether the number is at fault.
        provider_fault: Whether it counts against the account.
        bounce: Kind of bounce of a message that was taken and not delivered; empty where that is no bounce.
        suppression: Why the number must not be used again; empty where it may.
    """

    result: Result
    code: str
    recipient_fault: bool = False
    provider_fault: bool = False
    bounce: str = ""
    suppression: str = ""


def _number(code: str = Code.INVALID_RECIPIENT, bounce: str = "") -> Meaning:
    return Meaning(Result.PERMANENT, code, recipient_fault=True, bounce=bounce, suppression="invalid_address")


def _account() -> Meaning:
    return Meaning(Result.RETRYABLE, Code.CREDENTIALS, provider_fault=True)


def _later(code: str = Code.RATE_LIMITED) -> Meaning:
    return Meaning(Result.RETRYABLE, code, provider_fault=True, bounce="soft")


def _refused(code: str) -> Meaning:
    return Meaning(Result.PERMANENT, code)


OPTED_OUT: Final = Meaning(
    Result.PERMANENT, Code.OPTED_OUT, recipient_fault=True, bounce="", suppression="opt_out"
)
MEANINGS: Final = {
    # The account.
    20003: _account(),
    20005: _account(),
    20404: _account(),
    30002: _account(),
    # Too much at once.
    20429: _later(),
    14107: _later(),
    21611: _later(),
    30001: _later("queue_full"),
    63018: _later(),
    # The number.
    21211: _number(),
    21217: _number(),
    21604: _number(),
    21614: _number(),
    21635: _number(),
    30005: _number(bounce="hard"),
    30006: _number(bounce="hard"),
    63024: _number(bounce="hard"),
    21610: OPTED_OUT,
    # Where texts may go and who may send them.
    21408: _refused("region_not_enabled"),
    21612: _refused("unroutable"),
    21606: _refused(Code.SENDER_REFUSED),
    21603: _refused(Code.SENDER_REFUSED),
    21659: _refused(Code.SENDER_REFUSED),
    21660: _refused(Code.SENDER_REFUSED),
    21703: _refused(Code.SENDER_REFUSED),
    63007: _refused(Code.SENDER_REFUSED),
    21608: _refused("trial_unverified"),
    30032: _refused("sender_unregistered"),
    30034: _refused("sender_unregistered"),
    # The text.
    21602: _refused(Code.CONTENT_REFUSED),
    21617: _refused(Code.TOO_LARGE),
    21655: _refused("template_unknown"),
    21656: _refused("template_variables"),
    30007: _refused("filtered"),
    63016: _refused("outside_window"),
    # On the way to the handset.
    30003: Meaning(Result.RETRYABLE, "unreachable", bounce="soft"),
    30004: Meaning(Result.PERMANENT, "blocked", bounce="block"),
    30008: Meaning(Result.RETRYABLE, "carrier_unknown", bounce="soft"),
}
"""Meanings by Twilio's number."""


def meaning_of(number: object) -> Meaning | None:
    """The meaning of a code as Twilio writes it, None for one that is not listed."""
    try:
        return MEANINGS.get(int(str(number)))
    except ValueError:
        return None


def refusal(outcome: Outcome, answer: Answer) -> Outcome:
    """Makes the outcome of a refused request say what its code means."""
    found = answer.json()
    number = found.get("code")
    meaning = meaning_of(number)
    if meaning is not None:
        outcome.result, outcome.code = meaning.result, meaning.code
        outcome.recipient_fault, outcome.provider_fault = meaning.recipient_fault, meaning.provider_fault
        outcome.retry_after = answer.retry_after() if meaning.result is Result.RETRYABLE else None
    elif isinstance(number, int) and outcome.code in (Code.REQUEST_REFUSED, f"http_{answer.status}"):
        outcome.code, outcome.provider_fault = f"twilio_{number}", False
    outcome.reason = f"{answer.status} {number or ''}".strip()
    return outcome
