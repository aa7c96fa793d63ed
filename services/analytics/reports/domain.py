"""The figures, defined once (ANA-39 to ANA-57, ANA-68). Standard library only."""

import math
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from uuid import UUID

ENOUGH_DELIVERED = 100
SIGNIFICANT_P = 0.05


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages reached what."""

    accepted: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    bounced: int = 0
    failed: int = 0
    skipped: int = 0
    expired: int = 0
    cancelled: int = 0
    unknown: int = 0
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0
    complained: int = 0
    failed_unsent: int = 0
    """Failed ones that no provider ever took."""
    skipped_unaccepted: int = 0
    """Skipped ones that were never handed to delivery."""

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @property
    def recipients(self) -> int:
        """Returns everything accepted, and everything skipped before it could be."""
        return self.accepted + self.skipped_unaccepted

    @property
    def pending(self) -> int:
        """Returns what is accepted and not yet sent or final (ANA-43)."""
        skipped = self.skipped - self.skipped_unaccepted
        left = self.accepted - self.sent - self.failed_unsent - skipped - self.expired - self.cancelled
        return max(0, left - self.unknown)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its parts."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float:
        """Returns percent, rounded half up to 2 decimals."""
        exact = Decimal(self.numerator) * 100 / Decimal(self.denominator)
        return float(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def rate(numerator: int, denominator: int) -> Rate | None:
    """Returns a share; None, not zero, when there is nothing to share."""
    return Rate(numerator, denominator) if denominator else None


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a set of messages."""

    delivery: Rate | None
    bounce: Rate | None
    failure: Rate | None
    open: Rate | None
    click: Rate | None
    click_to_open: Rate | None
    unsubscribe: Rate | None
    complaint: Rate | None

    @classmethod
    def of(cls, counts: Counts) -> "Rates":
        """Returns the rates of counts."""
        return cls(
            delivery=rate(counts.delivered, counts.sent),
            bounce=rate(counts.bounced, counts.sent),
            failure=rate(counts.failed, counts.sent + counts.failed_unsent),
            open=rate(counts.opened, counts.delivered),
            click=rate(counts.clicked, counts.delivered),
            click_to_open=rate(counts.clicked, counts.opened),
            unsubscribe=rate(counts.unsubscribed, counts.delivered),
            complaint=rate(counts.complained, counts.delivered),
        )


class Verdict(Enum):
    """What a comparison says."""

    NOT_ENOUGH_DATA = 1
    NOT_SIGNIFICANT = 2
    SIGNIFICANT = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a rate compares with the first arm's."""

    lift_percent: float | None
    z_score: float | None
    p_value: float | None
    verdict: Verdict


def compare(first: Rate | None, other: Rate | None) -> Comparison:
    """Compares two arms by a two-sided two-proportion z-test with pooled variance (ANA-68)."""
    lift = _lift(first, other)
    if not first or not other or min(first.denominator, other.denominator) < ENOUGH_DELIVERED:
        return Comparison(lift, None, None, Verdict.NOT_ENOUGH_DATA)
    pooled = (first.numerator + other.numerator) / (first.denominator + other.denominator)
    variance = pooled * (1 - pooled) * (1 / first.denominator + 1 / other.denominator)
    if variance <= 0:
        return Comparison(lift, 0.0, 1.0, Verdict.NOT_SIGNIFICANT)
    difference = other.numerator / other.denominator - first.numerator / first.denominator
    z = difference / math.sqrt(variance)
    p = math.erfc(abs(z) / math.sqrt(2))
    verdict = Verdict.SIGNIFICANT if p < SIGNIFICANT_P else Verdict.NOT_SIGNIFICANT
    return Comparison(lift, z, p, verdict)


def _lift(first: Rate | None, other: Rate | None) -> float | None:
    if not first or not other or not first.numerator:
        return None
    exact = Decimal(other.numerator * first.denominator) / Decimal(other.denominator * first.numerator)
    return float(((exact - 1) * 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """Everything a campaign's report says."""

    campaign_id: UUID
    name: str
    counts: Counts
    variants: list[tuple[str, Counts]]
    days: list[tuple[date, Counts]]
    engagement: list[tuple[int, int, int, int]] = field(default_factory=list)
    skips: list[tuple[str, int]] = field(default_factory=list)
    failures: list[tuple[str, int]] = field(default_factory=list)
    costs: list[tuple[str, Decimal]] = field(default_factory=list)
    first_sent: datetime | None = None
    last_sent: datetime | None = None
    as_of: datetime | None = None
