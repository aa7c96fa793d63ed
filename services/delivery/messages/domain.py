"""What a message is, the states it goes through, and what may be asked for (DEL-57, DEL-61, DEL-102, GEN-41)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

MAX_BLOCK: Final = 1000
CHUNK: Final = 50
"""Recipients that are encrypted together: a block costs 20 seals instead of 1,000, and one reader opens little."""

LONGEST_SCHEDULE: Final = timedelta(days=366)
CLOCK_SKEW: Final = timedelta(seconds=1)
"""A schedule this far in the past comes from a clock that runs a little behind."""


class State(IntEnum):
    """States of a message; queued and sending are seen from its block and are never stored with it."""

    PENDING = 1
    SCHEDULED = 2
    DEFERRED = 3
    QUEUED = 4
    SENDING = 5
    RETRYING = 6
    SENT = 7
    DELIVERED = 8
    READ = 9
    BOUNCED = 10
    FAILED = 11
    SKIPPED = 12
    EXPIRED = 13
    CANCELLED = 14
    UNKNOWN = 15


class Lane(IntEnum):
    """Lanes, in the order of their urgency."""

    CRITICAL = 1
    HIGH = 2
    NORMAL = 3
    LOW = 4


class Channel(IntEnum):
    """Ways to reach a person."""

    EMAIL = 1
    SMS = 2
    WHATSAPP = 3
    PUSH = 4
    IN_APP = 5
    WEBHOOK = 6


class MessageClass(IntEnum):
    """What kind of message it is by law."""

    TRANSACTIONAL = 1
    MARKETING = 2
    SYSTEM = 3


class Origin(IntEnum):
    """Where a message came from."""

    CAMPAIGN = 1
    TRIGGER = 2
    AUTOMATION = 3
    TRANSACTIONAL = 4
    TEST = 5
    DIGEST = 6
    REPLY = 7
    """Answers a text of a person; consent was asked when the text came."""


class Category(IntEnum):
    """The finer purpose of a message."""

    PAYMENT = 1
    REFUND = 2
    ORDER = 3
    TAX_DOCUMENT = 4
    PAYOUT = 5
    PAYMENT_FAILED = 6
    GROUP_PAYMENT = 7
    EVENT_UPDATE = 8
    TICKET = 9
    RESERVATION = 10
    WAITING_ROOM = 11
    EVENT_REMINDER = 12
    APPOINTMENT = 13
    ACCOUNT = 14
    MEMBERSHIP_NOTICE = 15
    PACKAGE_NOTICE = 16
    LOYALTY_NOTICE = 17
    PRIVACY = 18
    ACCOUNT_SECURITY = 19
    URGENT = 20
    OFFER = 21
    NEWSLETTER = 22
    ANNOUNCEMENT = 23
    VISIT_FOLLOWUP = 24
    REBOOKING = 25
    MEMBERSHIP_OFFER = 26
    PACKAGE_OFFER = 27
    WIN_BACK = 28
    BIRTHDAY = 29
    ANNIVERSARY = 30
    FEEDBACK = 31
    LOYALTY = 32
    REFERRAL = 33
    CART = 34
    STAFF_ALERT = 35
    DISPUTE = 36
    BILLING = 37


_SYSTEM: Final = frozenset(
    {
        Category.ACCOUNT,
        Category.PRIVACY,
        Category.ACCOUNT_SECURITY,
        Category.URGENT,
        Category.STAFF_ALERT,
        Category.DISPUTE,
        Category.BILLING,
    }
)
STAFF_ONLY: Final = frozenset({Category.STAFF_ALERT, Category.DISPUTE, Category.BILLING})
CRITICAL: Final = frozenset({Category.PAYMENT_FAILED, Category.ACCOUNT_SECURITY, Category.URGENT})


def class_of(category: Category) -> MessageClass:
    """Returns the only class a category may travel as (GEN-42)."""
    if category in _SYSTEM:
        return MessageClass.SYSTEM
    if Category.OFFER <= category <= Category.CART:
        return MessageClass.MARKETING
    return MessageClass.TRANSACTIONAL


WAITING: Final = frozenset({State.PENDING, State.SCHEDULED, State.DEFERRED, State.RETRYING})
"""Stored states in which a message was not handed over, or was refused for now."""

FINAL: Final = frozenset(
    {State.READ, State.BOUNCED, State.FAILED, State.SKIPPED, State.EXPIRED, State.CANCELLED}
)

_STOPPED: Final = frozenset({State.DEFERRED, State.SKIPPED, State.EXPIRED, State.CANCELLED})
_OUTCOMES: Final = frozenset({State.SENT, State.RETRYING, State.FAILED, State.UNKNOWN})
_RECEIPTS: Final = frozenset({State.DELIVERED, State.READ, State.BOUNCED})

MOVES: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.PENDING: _STOPPED | _OUTCOMES | _RECEIPTS,
        State.SCHEDULED: _STOPPED | _OUTCOMES | _RECEIPTS | {State.PENDING},
        State.DEFERRED: _STOPPED | _OUTCOMES | _RECEIPTS | {State.PENDING},
        State.RETRYING: _STOPPED | _OUTCOMES | _RECEIPTS | {State.PENDING},
        # Settled by a look-up or a receipt, sent once more, or closed.
        State.UNKNOWN: _RECEIPTS | {State.SENT, State.FAILED, State.PENDING, State.RETRYING},
        State.SENT: _RECEIPTS | {State.FAILED},
        State.DELIVERED: frozenset({State.READ, State.BOUNCED}),
        # A dead letter may be given a fresh series.
        State.FAILED: frozenset({State.PENDING}),
        State.READ: frozenset(),
        State.BOUNCED: frozenset(),
        State.SKIPPED: frozenset(),
        State.EXPIRED: frozenset(),
        State.CANCELLED: frozenset(),
        State.QUEUED: frozenset(),
        State.SENDING: frozenset(),
    }
)
"""Stored moves. A receipt may overtake the record of its own hand-over, so it may also come first."""


def may_move(before: State, after: State) -> bool:
    """Returns whether a message in one state may be stored in the other."""
    return after in MOVES[before]


def sources_of(after: State) -> tuple[int, ...]:
    """Returns the states from which a message may come into a state, as the guard of an UPDATE."""
    return tuple(sorted(int(before) for before, afters in MOVES.items() if after in afters))


_LIFETIMES: Final[Mapping[Lane, timedelta]] = MappingProxyType(
    {
        Lane.CRITICAL: timedelta(hours=1),
        Lane.HIGH: timedelta(hours=6),
        Lane.NORMAL: timedelta(hours=24),
        Lane.LOW: timedelta(hours=72),
    }
)


def default_expiry(lane: Lane, due_at: datetime) -> datetime:
    """Returns when a message is not worth sending any more, unless its caller says otherwise (DEL-1)."""
    return due_at + _LIFETIMES[lane]


class Refused(Exception):
    """Something is asked for that cannot be accepted; each violation names its field."""

    def __init__(self, *violations: tuple[str, str], reason: str = "VALIDATION_FAILED") -> None:
        super().__init__("request is invalid")
        self.violations = list(violations)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Content:
    """What the messages of one block share."""

    content_id: bytes
    channel: Channel
    category: Category
    lane: Lane
    origin: Origin
    template_version_id: UUID
    due_at: datetime
    expire_at: datetime
    is_scheduled: bool
    branch_id: UUID | None = None
    campaign_id: UUID | None = None
    run_id: UUID | None = None
    variant_key: str = ""
    reply_to: str = ""
    subject_override: str = ""
    correlation_key: str = ""
    correlation_id: str = ""
    is_staff: bool = False
    name: str = ""
    template_name: str = ""
    traceparent: str = ""
    has_own_expiry: bool = False
    """Whether the caller set it; a default one moves along with the due time."""
    batch_id: UUID | None = None
    source: str = ""
    event_id: str = ""
    rule: str = ""
    trigger_type: str = ""
    automation_run_id: UUID | None = None
    duplicate_window: timedelta | None = None
    media_urls: tuple[str, ...] = ()
    metadata: bytes = b""
    """Serialised notes of the caller."""
    attachment_count: int = 0
    fallback_channel: Channel | None = None
    """Where a message that fails for good is sent once more."""
    fallback_version_id: UUID | None = None
    fallback_template: str = ""
    fallback_from: Channel | None = None
    """The channel that failed, where these are fallbacks."""

    @property
    def message_class(self) -> MessageClass:
        """Returns the class that follows from the category."""
        return class_of(self.category)

    @property
    def is_marketing(self) -> bool:
        """Returns whether it needs consent."""
        return self.message_class is MessageClass.MARKETING


_ACTING = frozenset({Origin.TRIGGER, Origin.AUTOMATION})


def is_budgeted(category: Category, origin: Origin) -> bool:
    """Returns whether what a message costs counts against budgets: marketing, triggers, automations (CAM-77)."""
    return class_of(category) is MessageClass.MARKETING or origin in _ACTING


def judged_as(category: Category, origin: Origin) -> Category:
    """Returns the category consent is asked about: a test goes to staff, whatever it is a test of (CAM-66)."""
    return Category.STAFF_ALERT if origin is Origin.TEST else category


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the preview at acceptance said of one recipient."""

    state: State
    reason: str = ""
    defer_until: datetime | None = None
    frequency: str = ""
    """With a deferral to a digest: how often the person gets one."""
    expire_at: datetime | None = None
    """With a deferral to a digest: when the message is not worth sending any more."""
    checks: tuple[tuple[int, int, str], ...] = ()
    """With a refusal: what each check of consent said."""


@dataclass(slots=True)
class Recipients:
    """The recipients of a block, column by column; refused ones are left out."""

    ids: list[bytes]
    contacts: list[bytes | None]
    languages: list[str]
    packed: list[bytes]
    """Serialised recipients."""
    positions: list[int] = field(default_factory=list)
    """Index of each in the request, so that answers come in the caller's order."""
    caller_ids: bool = False


def check_times(content: Content, now: datetime) -> list[tuple[str, str]]:
    """Returns what is wrong with the times of a content (DEL-61, DEL-110)."""
    wrong = []
    if content.is_scheduled and content.due_at < now - CLOCK_SKEW:
        wrong.append(("content.schedule_time", "lies in the past"))
    if content.due_at > now + LONGEST_SCHEDULE:
        wrong.append(("content.schedule_time", "lies more than a year ahead"))
    if content.expire_at <= content.due_at or content.expire_at <= now:
        wrong.append(("content.expire_time", "must lie after the message is due"))
    return wrong


def check_purpose(content: Content) -> list[tuple[str, str]]:
    """Returns what is wrong between category, staff and channel (GEN-41, DEL-111)."""
    wrong = []
    if content.category in STAFF_ONLY and not content.is_staff:
        wrong.append(("content.category", "is for staff only"))
    if content.is_staff and content.is_marketing:
        wrong.append(("content.category", "marketing does not go to staff"))
    return wrong
