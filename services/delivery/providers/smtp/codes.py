"""What SMTP replies mean for a message, its recipient and the account (RFC 3463; providers' habits)."""

import re
from dataclasses import dataclass
from typing import Final

from services.delivery.providers.base import Code, Result

ENHANCED: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# Subjects that speak of a recipient who does not exist: only these may suppress an address.
INVALID_SUBJECTS: Final = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """A reply, judged."""

    result: Result
    code: str
    recipient_fault: bool = False
    provider_fault: bool = False


def enhanced_in(text: str) -> tuple[str, str, str] | None:
    """The first enhanced status code in a reply's text."""
    found = ENHANCED.search(text)
    return (found[1], found[2], found[3]) if found else None


def judge(code: int, text: str) -> Judgement:
    """Judges a reply by its codes, never by its words."""
    if 200 <= code < 300:
        return Judgement(Result.ACCEPTED, "")
    enhanced = enhanced_in(text)
    subject = f"{enhanced[1]}.{enhanced[2]}" if enhanced and enhanced[0] == str(code)[0] else ""
    return _temporary(code, subject) if 400 <= code < 500 else _permanent(code, subject)


def _temporary(code: int, subject: str) -> Judgement:
    if code == 421:
        return Judgement(Result.RETRYABLE, Code.UNAVAILABLE, provider_fault=True)
    if code in (432, 454):
        return Judgement(Result.RETRYABLE, Code.CREDENTIALS, provider_fault=True)
    if subject in ("2.2", "3.1") or (code == 452 and not subject):
        return Judgement(Result.RETRYABLE, Code.MAILBOX_FULL)
    if subject.startswith("7."):
        return Judgement(Result.RETRYABLE, Code.RATE_LIMITED, provider_fault=True)
    if subject.startswith(("3.", "5.")):
        return Judgement(Result.RETRYABLE, Code.UNAVAILABLE, provider_fault=True)
    return Judgement(Result.RETRYABLE, Code.MAILBOX_UNAVAILABLE if code == 450 else f"smtp_{code}")


def _permanent(code: int, subject: str) -> Judgement:
    if code in (530, 534, 535, 538) or subject in ("7.8", "7.9"):
        return Judgement(Result.RETRYABLE, Code.CREDENTIALS, provider_fault=True)
    if subject in INVALID_SUBJECTS:
        return Judgement(Result.PERMANENT, Code.INVALID_RECIPIENT, recipient_fault=True)
    if subject in ("1.7", "1.8", "7.27"):
        return Judgement(Result.PERMANENT, Code.SENDER_REFUSED, provider_fault=True)
    if subject == "2.2":  # over quota passes in practice
        return Judgement(Result.RETRYABLE, Code.MAILBOX_FULL)
    if subject in ("2.3", "3.4") or (code == 552 and not subject):
        return Judgement(Result.PERMANENT, Code.TOO_LARGE)
    if subject.startswith("7."):
        return Judgement(Result.PERMANENT, Code.POLICY, provider_fault=True)
    if subject.startswith("6."):
        return Judgement(Result.PERMANENT, Code.CONTENT_REFUSED)
    if subject.startswith(("3.", "4.")):
        return Judgement(Result.PERMANENT, f"smtp_{code}", provider_fault=True)
    if subject.startswith("2."):
        return Judgement(Result.PERMANENT, Code.MAILBOX_UNAVAILABLE)
    if code in (500, 501, 502, 503, 504, 555) or subject.startswith("5."):
        return Judgement(Result.PERMANENT, Code.REQUEST_REFUSED, provider_fault=True)
    return Judgement(Result.PERMANENT, f"smtp_{code}")
