"""What a notice is: one cause, one reader, one or more channels, and what became of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from math import ceil
from typing import Any, Final
from uuid import UUID

LARGEST_KEY: Final = 200


class Source(StrEnum):
    """What part of campaign a notice comes from; outcomes are told to it."""

    RULE = "rule"
    TRIGGER = "trigger"
    AUTOMATION = "automation"
    REFERRAL = "referral"
    FOLLOW_UP = "follow_up"


class Mode(IntEnum):
    """How its channels are meant."""

    ALL = 1
    """A message on each channel on which the reader can be reached."""
    FIRST = 2
    """One message, on the first channel that is allowed and has an address and a template."""


class State(StrEnum):
    """Where a notice stands."""

    WAITING = "waiting"
    SENT = "sent"
    """Delivery has a message of it that is on its way."""
    SKIPPED = "skipped"
    """Nobody may be written to, or can be: delivery's decision, or ours."""
    FAILED = "failed"
    """Delivery refused it for good, or could not be reached before it was worthless."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom it is for: a contact, a staff member, or somebody with a bare address; exactly one of these."""

    contact_id: UUID | None = None
    staff_id: str | None = None
    email: str | None = None
    phone: str | None = None
    name: str = ""
    language_code: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that is due now or later; what it says is settled when it is handed over."""

    source: Source
    key: str
    """What makes it one of its kind: a source's second notice of the same key is not added. At most 200 characters."""
    reader: Reader
    category: int
    """As in the contract; class and consent follow from it."""
    template: str
    """Name of the template; each channel takes its own of that name."""
    channels: tuple[int, ...]
    """As in the contract, in order of preference."""
    mode: Mode = Mode.ALL
    variables: Mapping[str, Any] = field(default_factory=dict)
    """JSON values for the template; sealed at rest, and gone as soon as the notice is settled."""
    passes: Mapping[str, Any] | None = None
    """Tickets whose wallet passes are offered (passes.fields); once they are made, `passUrl` leads to them."""
    countdown_to: datetime | None = None
    """Gives the template `minutesLeft`, `hoursUntil` and `daysLeft`, computed when it is handed over, rounded up."""
    priority: int = 3
    """As in the contract; normal unless told."""
    due_at: datetime | None = None
    """None means now."""
    expires_at: datetime | None = None
    """After it the notice is worthless; None means a day after it is due."""
    correlation_key: str = ""
    """By which it is cancelled or moved, before and after it was handed over."""
    correlation_id: str = ""
    rule: str = ""
    """What in the source asked for it: name of the rule, type of the trigger, id of the automation."""
    event_id: UUID | None = None
    """Inbound event that caused it; with the rule it is the cause that delivery sends once for."""
    branch_id: UUID | None = None
    campaign_id: UUID | None = None
    automation_run_id: UUID | None = None
    fallback_channel: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a notice; told to its source in the transaction that settles it."""

    notice_id: UUID
    source: Source
    key: str
    rule: str
    contact_id: UUID | None
    state: State
    reason: str
    """Why it was skipped, failed or cancelled; empty when sent."""
    message_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Listener:
    """What a source does with its notices, many at once: each `async (uow, …)` in the tenant's transaction, no RPC."""

    hear: Callable[[Any, Sequence[Outcome]], Awaitable[None]]
    """Follows what became of them, in the transaction that settles them."""
    hold: Callable[[Any, Sequence[str]], Awaitable[None]] | None = None
    """Locks what hearing of these keys changes, before the notices are: a source locks its own first, everywhere."""
    offer: Callable[[Any, Mapping[str, UUID]], Awaitable[None]] | None = None
    """Notes the first message that each key leads to, before delivery knows it: what is told of it is never too early."""


WORTH: Final = timedelta(hours=24)


def countdown(until: datetime, now: datetime) -> dict[str, Any]:
    """Returns how long is left, each rounded up and never below zero; `timeUntil` in signs of every language."""
    seconds = max((until - now).total_seconds(), 0)
    minutes, hours = ceil(seconds / 60), ceil(seconds / 3600)
    return {
        "minutesLeft": minutes,
        "hoursUntil": hours,
        "daysLeft": ceil(seconds / 86400),
        "timeUntil": f"{minutes} min" if minutes < 60 else f"{hours} h",
    }
