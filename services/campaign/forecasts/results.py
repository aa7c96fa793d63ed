"""What forecasts come to."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from services.campaign.campaigns.domain import Campaign


@dataclass(slots=True)
class Place:
    """What would become of people of one zone."""

    recipients: int = 0
    eligible: int = 0
    deferred: int = 0
    refused: int = 0
    leaves_at: datetime | None = None
    """When they would be written to; None means at once."""


@dataclass(slots=True)
class Tally:
    """What consent would say of the people judged so far."""

    audience: int = 0
    judged: int = 0
    eligible: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    deferred: Counter[str] = field(default_factory=Counter)
    zones: defaultdict[str, Place] = field(default_factory=lambda: defaultdict(Place))
    resumes: Counter[datetime | None] = field(default_factory=Counter)
    """When deferred people may be written to, by the full hour."""
    variants: Counter[int] = field(default_factory=Counter)
    """People by the number of their variant; 0 for those who wait for the winner, or without an A/B test."""
    countries: Counter[str] = field(default_factory=Counter)
    """People who would get it now or later, by the country of their number; empty where none tells."""

    @property
    def deferred_count(self) -> int:
        """Returns how many would get it later."""
        return self.deferred.total()

    @property
    def messages(self) -> int:
        """Returns how many would get it, now or later."""
        return self.eligible + self.deferred_count


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a launch would come to."""

    campaign: Campaign
    tally: Tally
    currency: str
    cost: Decimal
    segments: int
    duration: timedelta
    limited: int
    """How many would wait for the campaign's own limits."""
    warnings: tuple[str, ...]
