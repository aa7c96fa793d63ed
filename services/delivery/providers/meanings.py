"""What codes of providers mean, as data: for a hand-over, and for a message that was taken and did not arrive."""

from datetime import timedelta
from typing import NamedTuple

from services.delivery.providers.base import Code, Outcome, ReceiptKind, Result
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
        wait: How many seconds a retry waits at least, where the provider says no time itself.
    """

    result: Result
    code: str
    recipient_fault: bool = False
    provider_fault: bool = False
    bounce: str = ""
    suppression: str = ""
    wait: int = 0


OPTED_OUT = Meaning(Result.PERMANENT, Code.OPTED_OUT, recipient_fault=True, suppression="opt_out")
"""The person wants nothing from this sender."""


def number(code: str = Code.INVALID_RECIPIENT, bounce: str = "") -> Meaning:
    """The number is none that messages reach."""
    return Meaning(Result.PERMANENT, code, recipient_fault=True, bounce=bounce, suppression="invalid_address")


def account() -> Meaning:
    """The account cannot be used: nothing a message can help."""
    return Meaning(Result.RETRYABLE, Code.CREDENTIALS, provider_fault=True)


def later(code: str = Code.RATE_LIMITED, wait: int = 0) -> Meaning:
    """The provider has too much to do, or is not well."""
    return Meaning(Result.RETRYABLE, code, provider_fault=True, bounce="soft", wait=wait)


def refused(code: str) -> Meaning:
    """This message is refused, whoever gets it."""
    return Meaning(Result.PERMANENT, code)


def weighed(outcome: Outcome, meaning: Meaning, answer: Answer) -> Outcome:
    """Makes an outcome say what its code means."""
    outcome.result, outcome.code, outcome.provider_message_id = meaning.result, meaning.code, ""
    outcome.recipient_fault, outcome.provider_fault = meaning.recipient_fault, meaning.provider_fault
    outcome.retry_after = None
    if meaning.result is Result.RETRYABLE:
        planned = timedelta(seconds=meaning.wait) if meaning.wait else None
        outcome.retry_after = answer.retry_after() or planned
    return outcome


def fallen(kind: ReceiptKind, meaning: Meaning | None) -> tuple[ReceiptKind, str, str]:
    """What became of a message that was taken and did not arrive: kind, kind of bounce, and why its number is closed.

    It bounced where its provider says so, unless its code says that it was never let through.
    """
    if kind is ReceiptKind.FAILED:
        return kind, "", meaning.suppression if meaning else ""
    if meaning is None:
        return kind, "soft", ""
    if not meaning.bounce:
        return ReceiptKind.FAILED, "", meaning.suppression
    return kind, meaning.bounce, "bounce" if meaning.bounce == "hard" else ""
