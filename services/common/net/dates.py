"""Dates and waits as headers of HTTP and mail write them: whatever stands there, reading it never fails."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_MOST_DIGITS: Final = 11


def written_date(text: str) -> datetime | None:
    """Returns the instant of a date, by UTC where it names no zone; None when it is none."""
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def asked_wait(text: str, now: datetime) -> timedelta | None:
    """Returns how long a Retry-After asks to wait, in seconds or until a date; None when it says nothing."""
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return timedelta(seconds=int(text))
    until = written_date(text)
    return None if until is None else max(until - now, timedelta())
