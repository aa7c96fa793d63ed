"""Error codes of Twilio as data: Twilio may add to them, so whatever is not listed follows its status."""

from typing import Final

from services.delivery.providers.base import Code, Outcome, Result
from services.delivery.providers.http import Answer
from services.delivery.providers.meanings import OPTED_OUT, Meaning, account, later, number, refused, weighed

MEANINGS: Final = {
    # The account.
    20003: account(),
    20005: account(),
    20404: account(),
    30002: account(),
    # Too much at once.
    20429: later(),
    14107: later(),
    21611: later(),
    30001: later("queue_full"),
    63018: later(),
    # The number.
    21211: number(),
    21217: number(),
    21604: number(),
    21614: number(),
    21635: number(),
    30005: number(bounce="hard"),
    30006: number(bounce="hard"),
    63024: number(bounce="hard"),
    21610: OPTED_OUT,
    # Where texts may go and who may send them.
    21408: refused("region_not_enabled"),
    21612: refused("unroutable"),
    21606: refused(Code.SENDER_REFUSED),
    21603: refused(Code.SENDER_REFUSED),
    21659: refused(Code.SENDER_REFUSED),
    21660: refused(Code.SENDER_REFUSED),
    21703: refused(Code.SENDER_REFUSED),
    63007: refused(Code.SENDER_REFUSED),
    21608: refused("trial_unverified"),
    30032: refused("sender_unregistered"),
    30034: refused("sender_unregistered"),
    # The text.
    21602: refused(Code.CONTENT_REFUSED),
    21617: refused(Code.TOO_LARGE),
    21655: refused("template_unknown"),
    21656: refused("template_variables"),
    30007: refused("filtered"),
    63016: refused("outside_window"),
    # On the way to the handset.
    30003: Meaning(Result.RETRYABLE, "unreachable", bounce="soft"),
    30004: Meaning(Result.PERMANENT, "blocked", bounce="block"),
    30008: Meaning(Result.RETRYABLE, "carrier_unknown", bounce="soft"),
}
"""Meanings by Twilio's number."""


def meaning_of(code: object) -> Meaning | None:
    """The meaning of a code as Twilio writes it, None for one that is not listed."""
    try:
        return MEANINGS.get(int(str(code)))
    except ValueError:
        return None


def refusal(outcome: Outcome, answer: Answer) -> Outcome:
    """Makes the outcome of a refused request say what its code means."""
    code = answer.json().get("code")
    meaning = meaning_of(code)
    if meaning is not None:
        weighed(outcome, meaning, answer)
    elif isinstance(code, int) and outcome.code in (Code.REQUEST_REFUSED, f"http_{answer.status}"):
        outcome.code, outcome.provider_fault = f"twilio_{code}", False
    outcome.reason = f"{answer.status} {code or ''}".strip()
    return outcome
