"""Feedback: a rating and a comment on one visit, given once (LIF-15, LIF-43, LIF-86). Standard library only."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

RATINGS: Final = range(1, 6)
LOW: Final = 2
"""This rating and what is below it alerts the branch manager."""
VALIDITY: Final = timedelta(days=30)
"""How long the link of a request is good."""
EDITABLE: Final = timedelta(hours=24)
"""How long after the answer its comment may be written anew."""
LONGEST_COMMENT: Final = 2000
_HUNDREDTH: Final = Decimal("0.01")


class AlreadyAnsweredError(Exception):
    """The visit was rated, and the time in which the comment may change is over."""

    reason = "ALREADY_EXISTS"


class LinkUsedError(Exception):
    """The link was used, and the time in which the comment may change is over (LIF-94)."""

    reason = "INVALID_TOKEN"


class Source(StrEnum):
    """How feedback came."""

    LINK = "link"
    STAFF = "staff"
    API = "api"


@dataclass(frozen=True, slots=True)
class Asking:
    """A visit that a contact is asked about."""

    contact_id: UUID
    reference_id: str
    """The caller's name of the visit; each contact has one request and one answer for it."""
    branch_id: UUID | None = None
    visited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedbackRequest:
    """An asking that was made, behind a link."""

    request_id: UUID
    contact_id: UUID
    reference_id: str
    branch_id: UUID | None
    visited_at: datetime | None
    expires_at: datetime
    responded_at: datetime | None = None
    message_id: UUID | None = None
    """The message that asked, once it is known to be on its way."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a contact said of a visit."""

    feedback_id: UUID
    request_id: UUID | None
    """None when nobody asked."""
    contact_id: UUID
    branch_id: UUID | None
    reference_id: str
    rating: int
    comment: str
    source: Source
    created_at: datetime
    updated_at: datetime
    handled_by: str | None = None
    handled_at: datetime | None = None
    handled_note: str | None = None

    @property
    def is_low(self) -> bool:
        """Returns whether somebody should look after it (LIF-86)."""
        return self.rating <= LOW

    def is_editable(self, now: datetime) -> bool:
        """Returns whether its comment may still be written anew."""
        return now < self.created_at + EDITABLE


@dataclass(frozen=True, slots=True)
class Summary:
    """How often each rating was given."""

    counts: Mapping[int, int]
    """Rating to how often; ratings nobody gave may be left out."""
    unhandled_low: int = 0

    @property
    def count(self) -> int:
        """Returns how many ratings there are."""
        return sum(self.counts.values())

    @property
    def average(self) -> Decimal | None:
        """Returns the average, half up to two places; None without ratings."""
        if not self.count:
            return None
        total = sum(rating * count for rating, count in self.counts.items())
        return (Decimal(total) / self.count).quantize(_HUNDREDTH, ROUND_HALF_UP)


def plain(comment: str) -> str:
    """Returns a comment as plain text: line ends are one character, control characters are gone, edges are trimmed."""
    text = comment.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) != "Cc").strip()
