"""What a digest is made of, and until when messages wait for it (DEL-91)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from services.delivery.digests.labels import label
from services.delivery.messages.domain import Category, Channel, Lane, MessageClass, class_of

DIGEST: Final = "digest"
"""Reason of a deferral to a digest, and the name of the template."""

WORTH: Final = timedelta(hours=24)
"""How long behind its digest a message is still worth sending, unless its caller said otherwise."""

MOST_SHOWN: Final = 50
LONGEST_TITLE: Final = 200
_MOST_SUMMED: Final[Mapping[Channel, int]] = {Channel.PUSH: 3, Channel.SMS: 5, Channel.WHATSAPP: 5}
_LONGEST_SUMMED: Final = 120


class Entry(NamedTuple):
    """One message as its digest shows it."""

    message_id: bytes
    category: Category
    lane: Lane
    created_at: datetime
    title: str
    text: str


def expiry(digest_at: datetime, own: datetime | None, content: datetime, *, is_callers: bool) -> datetime:
    """Returns when a message that waits for a digest is not worth sending any more.

    A default expiry is moved behind the digest, once; what the caller set stays.
    """
    return own or (content if is_callers else digest_at + WORTH)


def category_of(entries: Sequence[Entry]) -> Category:
    """Returns the category a digest is judged by: marketing as soon as anything in it is."""
    newest = sorted(entries, key=lambda one: one.created_at, reverse=True)
    marketing = [one for one in newest if class_of(one.category) is MessageClass.MARKETING]
    return (marketing or newest)[0].category


def lane_of(entries: Sequence[Entry]) -> Lane:
    """Returns the lane of a digest: the most urgent of its messages."""
    return min(one.lane for one in entries)


def variables(entries: Sequence[Entry], channel: Channel, language: str) -> dict[str, Any]:
    """Returns what the template shows: groups by category, the newest first, at most 50 entries in all."""
    newest = sorted(entries, key=lambda one: (one.created_at, one.message_id), reverse=True)
    shown = newest[:MOST_SHOWN]
    groups: defaultdict[Category, list[Entry]] = defaultdict(list)
    for one in shown:
        groups[one.category].append(one)
    summed = [one.title[:_LONGEST_SUMMED] for one in shown[: _MOST_SUMMED.get(channel, MOST_SHOWN)]]
    return {
        "groups": [
            {
                "title": label(category, language),
                "entries": [{"title": one.title, "text": one.text} for one in members],
            }
            for category, members in groups.items()
        ],
        "summary": "; ".join(summed),
        "count": len(entries),
        "more": len(entries) - len(shown),
    }
