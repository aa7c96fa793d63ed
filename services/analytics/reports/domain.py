"""The figures, defined once (ANA-39 to ANA-57). Standard library only."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

MILLIONTH = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages reached what."""

    accepted: int = 0
    pending: int = 0
    """Accepted, not yet sent or final (ANA-43)."""
    sent: int = 0
    delivered: int = 0
    read: int = 0
    bounced: int = 0
    failed: int = 0
    failed_unsent: int = 0
    """Failed ones that no provider ever took."""
    retried: int = 0
    retry_success: int = 0
    retry_failure: int = 0
    skipped: int = 0
    skipped_unaccepted: int = 0
    """Skipped ones that were never handed to delivery."""
    expired: int = 0
    cancelled: int = 0
    unknown: int = 0
    opened: int = 0
    clicked: int = 0
    any_opened: int = 0
    """Opened by anybody, machines included."""
    any_clicked: int = 0
    unsubscribed: int = 0
    complained: int = 0
    converted: int = 0
    opens: int = 0
    machine_opens: int = 0
    clicks: int = 0
    machine_clicks: int = 0
    delivery_time_sum_ms: int = 0
    delivery_time_count: int = 0
    openable: int = 0
    """Delivered on channels that know opens, or reads in their place."""
    seen_opened: int = 0
    seen_read: int = 0
    seen_by_any: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @property
    def recipients(self) -> int:
        """Returns everything accepted, and everything skipped before it could be."""
        return self.accepted + self.skipped_unaccepted

    @property
    def delivery_time(self) -> timedelta | None:
        """Returns the mean time from sending to delivery; None when nothing was delivered (ANA-54)."""
        if not self.delivery_time_count:
            return None
        return timedelta(milliseconds=self.delivery_time_sum_ms) / self.delivery_time_count


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its parts."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float:
        """Returns percent, rounded half up to 2 decimals."""
        return rounded(Decimal(self.numerator) * 100 / Decimal(self.denominator))


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
    read: Rate | None
    conversion: Rate | None
    raw_open: Rate | None
    raw_click: Rate | None

    @classmethod
    def of(cls, counts: Counts) -> "Rates":
        """Returns the rates of counts; those of people, and raw ones beside them."""
        return cls(
            delivery=rate(counts.delivered, counts.sent),
            bounce=rate(counts.bounced, counts.sent),
            failure=rate(counts.failed, counts.sent + counts.failed_unsent),
            open=rate(counts.seen_opened + counts.seen_read, counts.openable),
            click=rate(counts.clicked, counts.delivered),
            click_to_open=rate(counts.clicked, counts.opened),
            unsubscribe=rate(counts.unsubscribed, counts.delivered),
            complaint=rate(counts.complained, counts.delivered),
            read=rate(counts.read, counts.delivered),
            conversion=rate(counts.converted, counts.delivered),
            raw_open=rate(counts.seen_by_any + counts.seen_read, counts.openable),
            raw_click=rate(counts.any_clicked, counts.delivered),
        )


Costs = dict[str, Decimal]
"""Amounts by currency."""


@dataclass(frozen=True, slots=True)
class Part:
    """Figures of one part of a campaign."""

    counts: Counts
    costs: Costs


@dataclass(frozen=True, slots=True)
class Coupon:
    """What one coupon brought."""

    code: str
    redemptions: int
    revenues: Costs


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """Everything a campaign's report says."""

    campaign_id: UUID
    name: str
    counts: Counts
    variants: list[tuple[str, Part]]
    days: list[tuple[date, Counts]]
    channel: int = 0
    state: int = 0
    currency: str = ""
    runs: list[tuple[UUID, Part]] = field(default_factory=list)
    engagement: list[tuple[int, int, int, int]] = field(default_factory=list)
    skips: list[tuple[str, int]] = field(default_factory=list)
    failures: list[tuple[str, int]] = field(default_factory=list)
    costs: Costs = field(default_factory=dict)
    revenues: Costs = field(default_factory=dict)
    variant_revenues: dict[str, Costs] = field(default_factory=dict)
    conversions: int = 0
    coupons: list[Coupon] = field(default_factory=list)
    first_sent: datetime | None = None
    last_sent: datetime | None = None
    started: datetime | None = None
    completed: datetime | None = None
    as_of: datetime | None = None

    @property
    def roi_percent(self) -> float | None:
        """Returns (revenue - cost) / cost; None without cost, or when more than the tenant's currency is in it."""
        return roi(self.revenues, self.costs, self.currency)


def roi(revenues: Costs, costs: Costs, currency: str) -> float | None:
    """Returns the return on what was spent in percent, rounded half up to 2 decimals (ANA-57, ANA-82)."""
    if (set(revenues) | set(costs)) - {currency} or not costs.get(currency):
        return None
    return rounded((revenues.get(currency, Decimal(0)) - costs[currency]) * 100 / costs[currency])


def divided(costs: Costs, count: int) -> Costs:
    """Returns amounts divided by a number, to millionths; nothing when there is nothing to divide by (ANA-55)."""
    return (
        {currency: (cost / count).quantize(MILLIONTH, ROUND_HALF_UP) for currency, cost in costs.items()}
        if count
        else {}
    )


def rounded(exact: Decimal) -> float:
    """Returns a figure rounded half up to 2 decimals."""
    return float(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
