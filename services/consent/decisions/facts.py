"""What a decision is made from and what it says: plain data, without a rule."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

from services.consent.decisions.categories import Category, Channel
from services.consent.decisions.law import NO_LAW, Law
from services.consent.decisions.windows import Frequency, Window

Outcome = Literal["allow", "deny", "defer"]
ConsentStatus = Literal["pending", "granted", "revoked", "expired"]
TenantState = Literal["active", "suspended", "closed"]
ContactState = Literal["active", "blocked", "erased", "unknown"]

DEFAULT_CAPS: dict[str, int] = {"email": 10, "sms": 5}
"""Caps a day of a contact who never set any (CON-3)."""

SEND_WINDOW = Window(time(9), time(21))
SMS_WINDOW = Window(time(8), time(21))


@dataclass(frozen=True, slots=True)
class Policy:
    """What a tenant allows; the defaults are those of a tenant whose settings have not arrived yet (CON-12)."""

    tenant_state: TenantState = "active"
    marketing_enabled: bool = False
    enabled_channels: frozenset[str] = frozenset({"whatsapp", "sms", "in_app", "webhook"})
    """Channels on for marketing."""
    blocked_channels: frozenset[str] = frozenset()
    """Channels off for every class."""
    send_window: Window = SEND_WINDOW
    sms_window: Window = SMS_WINDOW
    quiet_hours: Window | None = None
    daily_limit: int = 2
    weekly_limit: int = 5
    dnd_channels: frozenset[str] = frozenset({"sms"})
    default_time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the deployment allows, whatever a tenant says."""

    channels: frozenset[str]
    sms_window: Window
    default_time_zone: str


@dataclass(frozen=True, slots=True)
class Question:
    """What all people of one evaluation share: what would be sent, when, under whose policy."""

    channel: Channel
    category: Category
    at: datetime
    policy: Policy
    deployment: Deployment
    expires_at: datetime | None = None
    branch_marketing: bool = True
    """False when the branch of the message has marketing switched off."""
    branch_time_zone: str = ""
    branch_archived: bool = False
    """True when the branch of the message sends nothing any more."""
    is_digest: bool = False
    """True for the message that gathers others: their frequency made it."""

    @property
    def marketing(self) -> bool:
        """Returns whether it is marketing."""
        return self.category.message_class == "marketing"

    @property
    def holdable(self) -> bool:
        """Returns whether quiet hours, windows and caps may hold it back."""
        return not (self.category.critical or self.category.time_critical)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stored about one person, as far as one question needs it.

    The defaults are those of a person nothing is known about, so that a missing row needs no case of its own.
    """

    has_address: bool = True
    contact: ContactState | None = "active"
    """State of the contact; None for a bare address of nobody known."""
    suppressed_all: str | None = None
    """Reason of an entry that stops every message; None when there is none."""
    suppressed_marketing: str | None = None
    suppressed_groups: str | None = None
    """Reason of an entry that stops messages of group payments."""
    opted_out: bool = False
    is_dnd: bool = False
    dnd_listed: bool = False
    dnd_stale: bool = False
    consent: ConsentStatus | None = None
    """State of the row that decides for the channel, class and branch, at the instant of the question."""
    channel_on: bool = True
    sms_critical_only: bool = False
    category_on: bool | None = None
    """What the contact said about the category, else about its group; None when nothing."""
    frequency: Frequency = "immediate"
    digest_time: time = time(9)
    quiet_hours: Window | None = None
    daily_cap: int | None = None
    time_zone: str = ""
    """Zone of the contact, else of the contact's branch; empty when neither is known."""
    language: str = ""
    law: Law = NO_LAW
    """What the laws of every place the person may be in say about the question."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What the person already received: the counts that caps are held against."""

    sent_today: int
    marketing_today: int
    marketing_week: int
    marketing_24_hours: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check said, with the fact it saw, for people and without personal data."""

    outcome: Outcome
    detail: str = ""
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A finding under the number of its check, 1 to 15."""

    check: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a message may go, why not, and when to ask again; with every check that ran, in order."""

    outcome: Outcome
    reason: str
    defer_until: datetime | None
    checks: tuple[CheckResult, ...]
    time_zone: str
    daily_limit: int
    """Marketing messages a day that tenant and law allow."""
    jurisdictions: tuple[str, ...] = ()
    """Whose laws were held."""
    frequency: Frequency = "immediate"
    """How often the person gets what was asked about."""
