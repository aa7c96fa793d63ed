"""Messages that were given up, and which of them may be tried again (DEL-9, DEL-30)."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final, NamedTuple
from uuid import UUID

from services.delivery.messages.domain import MessageClass, State
from services.delivery.receipts.domain import OUTCOME_UNKNOWN

DEFAULT_COUNT: Final = 1000

OUTLIVED: Final = "the message is no longer kept"
"""Note of a letter that nobody looked after for as long as messages are kept."""


class Resolution(IntEnum):
    """What became of a dead letter; the numbers are the contract's."""

    OPEN = 1
    RETRIED = 2
    DISCARDED = 3


class Verdict(IntEnum):
    """Whether a letter may be retried."""

    RETRY = 1
    DONE = 2
    """It was retried before."""
    EXPIRED = 3
    IN_DOUBT = 4
    """Marketing that may have arrived: a second one would be one too many."""
    SETTLED = 5
    """Its message is not failed any more."""


class DeadLetter(NamedTuple):
    """A dead letter with what of its message is shown."""

    message_id: UUID
    contact_id: UUID | None
    channel: int
    category: int
    campaign_id: UUID | None
    run_id: UUID | None
    template_name: str
    provider: str
    reason: str
    last_error: str
    attempt_count: int
    created_at: datetime
    expire_at: datetime
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    note: str
    state: int
    message_class: int

    @property
    def resolved(self) -> Resolution:
        """Returns what became of it."""
        return Resolution[self.resolution.upper()] if self.resolution else Resolution.OPEN


@dataclass(frozen=True, slots=True)
class Filter:
    """Which dead letters; what is None is not asked for."""

    channel: int | None = None
    category: int | None = None
    reason: str | None = None
    provider: str | None = None
    campaign_id: UUID | None = None
    run_id: UUID | None = None
    contact_id: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None

    @property
    def names_nothing(self) -> bool:
        """Returns whether it fits every letter."""
        return self == Filter()


def verdict(letter: DeadLetter, now: datetime, *, accept_duplicate: bool = False) -> Verdict:
    """Returns whether a letter may be given a fresh series of tries."""
    if letter.state != State.FAILED:
        return Verdict.DONE if letter.resolved is Resolution.RETRIED else Verdict.SETTLED
    if letter.expire_at <= now:
        return Verdict.EXPIRED
    in_doubt = letter.reason == OUTCOME_UNKNOWN and letter.message_class == MessageClass.MARKETING
    return Verdict.IN_DOUBT if in_doubt and not accept_duplicate else Verdict.RETRY
