"""The scores, defined once (ANA-69, ANA-70). Standard library and the figures only."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from services.analytics.reports.domain import Rate, rate

WINDOW_DAYS: Final = 30
ENOUGH_EMAILS: Final = 100
NEUTRAL: Final = 50


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a tenant's health is judged by."""

    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    failed: int = 0
    attempted: int = 0
    """Sent, and failed before acceptance."""
    delivered_emails: int = 0
    opened_emails: int = 0
    clicked_emails: int = 0

    @property
    def open_rate(self) -> Rate | None:
        """Returns opened of delivered e-mails; None for too few of them."""
        return self._of_emails(self.opened_emails)

    @property
    def click_rate(self) -> Rate | None:
        """Returns clicked of delivered e-mails; None for too few of them."""
        return self._of_emails(self.clicked_emails)

    def _of_emails(self, count: int) -> Rate | None:
        return rate(count, self.delivered_emails) if self.delivered_emails >= ENOUGH_EMAILS else None


@dataclass(frozen=True, slots=True)
class Part:
    """One deduction or bonus."""

    finding: str
    points: int


@dataclass(frozen=True, slots=True)
class Health:
    """A tenant's health; without a score when there is nothing to judge by."""

    score: int | None
    inputs: Inputs
    parts: tuple[Part, ...] = ()


def health(inputs: Inputs) -> Health:
    """Returns how healthy a tenant's sending is, from 100, within 0 and 100, each part listed."""
    if not inputs.sent:
        return Health(None, inputs)
    bounce, failure = rate(inputs.bounced, inputs.sent), rate(inputs.failed, inputs.attempted)
    delivery, opens, clicks = rate(inputs.delivered, inputs.sent), inputs.open_rate, inputs.click_rate
    rules = (
        (_above(bounce, 5), "bounce_rate > 5 %", -10),
        (_above(bounce, 10), "bounce_rate > 10 %", -20),
        (_above(failure, 5), "failure_rate > 5 %", -10),
        (_below(opens, 20), "open_rate < 20 %", -10),
        (_below(clicks, 2), "click_rate < 2 %", -10),
        (_above(delivery, 95), "delivery_rate > 95 %", 5),
        (_above(opens, 30), "open_rate > 30 %", 5),
        (_above(clicks, 5), "click_rate > 5 %", 5),
    )
    parts = tuple(Part(finding, points) for holds, finding, points in rules if holds)
    return Health(min(100, max(0, 100 + sum(part.points for part in parts))), inputs, parts)


@dataclass(frozen=True, slots=True)
class Engagement:
    """What a contact received and did in 30 days."""

    received: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0
    trackable: int = 0
    """Delivered on channels that know opens, or reads in their place."""
    seen: int = 0
    followed: int = 0

    @property
    def score(self) -> int:
        """Returns 50 and up to 30 for opens and 20 for clicks; 50 without a delivered trackable message."""
        if not self.trackable:
            return NEUTRAL
        exact = NEUTRAL + Decimal(30 * self.seen + 20 * self.followed) / self.trackable
        return min(100, max(0, int(exact.quantize(Decimal(1), ROUND_HALF_UP))))


def _above(found: Rate | None, percent: int) -> bool:
    return found is not None and found.numerator * 100 > percent * found.denominator


def _below(found: Rate | None, percent: int) -> bool:
    return found is not None and found.numerator * 100 < percent * found.denominator
