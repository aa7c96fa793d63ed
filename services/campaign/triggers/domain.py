"""Triggers: what each waits for, how a tenant uses it, and what became of it. Standard library only."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

SMS, WHATSAPP = 2, 3
STALE_AFTER: Final = timedelta(hours=24)
"""How long after it was due an occurrence is still worth a message (LIF-57)."""
LARGEST_DELAY: Final = 366 * 24 * 60
MOST_BEFORE: Final = 366
MOST_AFTER: Final = 3660
PLATFORM: Final = "platform"
_LOCAL_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class TriggerType(IntEnum):
    """What a trigger waits for, numbered as in the contract."""

    POST_VISIT_THANK_YOU = 1
    REBOOKING_REMINDER = 2
    BIRTHDAY_WISH = 3
    FEEDBACK_REQUEST = 4
    PACKAGE_EXPIRY = 5
    MISS_YOU = 6
    MEMBERSHIP_EXPIRY = 7
    FIRST_VISIT_FOLLOWUP = 8
    ANNIVERSARY_WISH = 9
    LOYALTY_POINTS_EARNED = 10
    LOYALTY_POINTS_EXPIRING = 11

    @property
    def word(self) -> str:
        """Returns the word by which messages, events and people name it."""
        return self.name.lower()


class Timing(IntEnum):
    """How the time of a trigger follows from its anchor."""

    DELAY = 1
    """So many minutes after an event."""
    BEFORE = 2
    """So many days before a date."""
    AFTER = 3
    """So many days after a visit."""


class AnchorState(IntEnum):
    """Where an anchor stands."""

    WAITING = 1
    DONE = 2
    VOID = 3


class HistoryState(IntEnum):
    """What became of an occurrence, numbered as in the contract."""

    QUEUED = 1
    SENT = 2
    SKIPPED = 3
    FAILED = 4


class TriggerNotConfigured(Exception):
    """A trigger has no template that can be sent."""

    reason = "TRIGGER_NOT_CONFIGURED"


@dataclass(frozen=True, slots=True)
class Definition:
    """What is fixed of a trigger, and what new tenants start with (LIF-46 to LIF-56)."""

    trigger_type: TriggerType
    timing: Timing
    category: int
    is_enabled: bool
    amount: int
    """Minutes or days, by its timing."""
    cooldown_days: int
    send_time: str = ""

    @property
    def template_name(self) -> str:
        """Returns the name of its template where a tenant names no other."""
        return self.trigger_type.word.replace("_", "-")


def _definitions() -> Mapping[TriggerType, Definition]:
    kinds, at = TriggerType, Timing
    rows = (
        Definition(kinds.POST_VISIT_THANK_YOU, at.DELAY, 24, True, 120, 1),
        Definition(kinds.REBOOKING_REMINDER, at.AFTER, 25, True, 30, 7),
        Definition(kinds.BIRTHDAY_WISH, at.BEFORE, 29, True, 0, 365, "09:00"),
        Definition(kinds.FEEDBACK_REQUEST, at.DELAY, 31, True, 60, 7),
        Definition(kinds.PACKAGE_EXPIRY, at.BEFORE, 27, True, 7, 7),
        Definition(kinds.MISS_YOU, at.AFTER, 28, False, 60, 30),
        Definition(kinds.MEMBERSHIP_EXPIRY, at.BEFORE, 26, False, 7, 7),
        Definition(kinds.FIRST_VISIT_FOLLOWUP, at.DELAY, 24, False, 1440, 365),
        Definition(kinds.ANNIVERSARY_WISH, at.BEFORE, 30, False, 0, 365, "09:00"),
        Definition(kinds.LOYALTY_POINTS_EARNED, at.DELAY, 32, False, 5, 0),
        Definition(kinds.LOYALTY_POINTS_EXPIRING, at.BEFORE, 32, False, 7, 7),
    )
    return MappingProxyType({row.trigger_type: row for row in rows})


DEFINITIONS: Final = _definitions()
OF_VISIT: Final = (
    TriggerType.FEEDBACK_REQUEST,
    TriggerType.POST_VISIT_THANK_YOU,
    TriggerType.FIRST_VISIT_FOLLOWUP,
)
"""Triggers of one visit, in the order in which they come when the contact may get one only (LIF-62)."""
SINCE_VISIT: Final = (TriggerType.REBOOKING_REMINDER, TriggerType.MISS_YOU)
"""Triggers that a later visit makes void."""


@dataclass(frozen=True, slots=True)
class Config:
    """How a tenant uses one trigger."""

    trigger_type: TriggerType
    is_enabled: bool = False
    delay_minutes: int = 0
    days_before: int | None = None
    days_after: int | None = None
    send_time: str = ""
    template_id: UUID | None = None
    channel: int = WHATSAPP
    fallback_channel: int = SMS
    branch_ids: tuple[UUID, ...] = ()
    cooldown_days: int = 7
    campaign_id: UUID | None = None
    enabled_at: datetime | None = None
    updated_by: str = PLATFORM
    version: int = field(default=1, compare=False)
    updated_at: datetime | None = field(default=None, compare=False)

    @property
    def definition(self) -> Definition:
        """Returns what is fixed of it."""
        return DEFINITIONS[self.trigger_type]

    @property
    def timing(self) -> Timing:
        """Returns how its time follows from its anchor."""
        return self.definition.timing

    @property
    def cooldown(self) -> timedelta:
        """Returns how long a contact gets no second one."""
        return timedelta(days=self.cooldown_days)


def default(trigger_type: TriggerType, now: datetime) -> Config:
    """Returns how a new tenant uses a trigger."""
    known = DEFINITIONS[trigger_type]
    return Config(
        trigger_type,
        is_enabled=known.is_enabled,
        delay_minutes=known.amount if known.timing is Timing.DELAY else 0,
        days_before=known.amount if known.timing is Timing.BEFORE else None,
        days_after=known.amount if known.timing is Timing.AFTER else None,
        send_time=known.send_time,
        cooldown_days=known.cooldown_days,
        enabled_at=now if known.is_enabled else None,
    )


def problems(config: Config) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with a config by itself, as field and sentence (LIF-87)."""
    if not 0 <= config.delay_minutes <= LARGEST_DELAY:
        yield "delay_minutes", f"must be 0 to {LARGEST_DELAY}"
    elif config.delay_minutes and config.timing is not Timing.DELAY:
        yield "delay_minutes", "is for triggers of events; this one has days"
    for name, timing, most in (
        ("days_before", Timing.BEFORE, MOST_BEFORE),
        ("days_after", Timing.AFTER, MOST_AFTER),
    ):
        value = getattr(config, name)
        if config.timing is timing and value is None:
            yield name, "is needed by this trigger"
        elif config.timing is not timing and value is not None:
            yield name, "is not for this trigger"
        elif value is not None and not 0 <= value <= most:
            yield name, f"must be 0 to {most}"
    if config.send_time and not _LOCAL_TIME.fullmatch(config.send_time):
        yield "send_time", "must be a local time HH:MM, or empty"
    if config.channel == 0:
        yield "channel", "is needed"
    if config.fallback_channel == config.channel:
        yield "fallback_channel", "must be another channel"
    if not 0 <= config.cooldown_days <= MOST_AFTER:
        yield "cooldown_days", f"must be 0 to {MOST_AFTER}"


@dataclass(frozen=True, slots=True)
class Anchor:
    """One occurrence that waits: what happened, or the date that comes."""

    trigger_type: TriggerType
    contact_id: UUID
    reference_id: str
    occurrence_key: str
    """What makes it one occurrence: it fires once."""
    anchor_at: datetime
    """When it happened, or ends; of a date without a time, its beginning in UTC."""
    due_at: datetime
    """When it is looked at next."""
    anchor_on: date | None = None
    """The date, where it is one by itself: a birthday, or the day on which points expire."""
    branch_id: UUID | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one occurrence."""

    history_id: UUID
    trigger_type: TriggerType
    contact_id: UUID
    reference_id: str
    occurrence_key: str
    state: HistoryState
    triggered_at: datetime
    skip_reason: str = ""
    message_id: UUID | None = None
    branch_id: UUID | None = None
    campaign_id: UUID | None = None


def qualifies(config: Config, anchor: Anchor, due_at: datetime) -> bool:
    """Returns whether an occurrence is no older than the trigger's enabling (LIF-18).

    What is told by an event counts from when it happened. A date counts from when it is due, for it lies ahead.
    """
    if not config.is_enabled or config.enabled_at is None or due_at < config.enabled_at:
        return False
    return config.timing is Timing.BEFORE or anchor.anchor_at >= config.enabled_at


def is_first(visit_count: int, first_visit_at: datetime | None, at: datetime) -> bool:
    """Returns whether a visit of that time is a contact's first (LIF-53)."""
    return visit_count == 1 or (first_visit_at is not None and at <= first_visit_at)
