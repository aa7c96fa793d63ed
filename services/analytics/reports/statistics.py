"""What can be said of the difference of two rates, and what cannot (ANA-68). Standard library only."""

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from services.analytics.reports.domain import Rate, rounded

ENOUGH_DELIVERED = 100
SIGNIFICANT_P = 0.05
Z = 1.959963984540054
"""The quantile of the normal distribution that 95 percent, two-sided, stand on."""


class Verdict(Enum):
    """What a comparison says."""

    NOT_ENOUGH_DATA = 1
    NOT_SIGNIFICANT = 2
    SIGNIFICANT = 3


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds in percent, or in percentage points."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a rate compares with the first arm's."""

    lift_percent: float | None
    z_score: float | None
    p_value: float | None
    verdict: Verdict
    difference: Interval | None = None


def compare(first: Rate | None, other: Rate | None) -> Comparison:
    """Compares two arms by a two-sided two-proportion z-test with pooled variance (ANA-68)."""
    lift = _lift(first, other)
    if not first or not other or min(first.denominator, other.denominator) < ENOUGH_DELIVERED:
        return Comparison(lift, None, None, Verdict.NOT_ENOUGH_DATA)
    pooled = (first.numerator + other.numerator) / (first.denominator + other.denominator)
    variance = pooled * (1 - pooled) * (1 / first.denominator + 1 / other.denominator)
    interval = difference(first, other)
    if variance <= 0:
        return Comparison(lift, 0.0, 1.0, Verdict.NOT_SIGNIFICANT, interval)
    z = (other.numerator / other.denominator - first.numerator / first.denominator) / math.sqrt(variance)
    p = math.erfc(abs(z) / math.sqrt(2))
    verdict = Verdict.SIGNIFICANT if p < SIGNIFICANT_P else Verdict.NOT_SIGNIFICANT
    return Comparison(lift, z, p, verdict, interval)


def _lift(first: Rate | None, other: Rate | None) -> float | None:
    if not first or not other or not first.numerator:
        return None
    exact = Decimal(other.numerator * first.denominator) / Decimal(other.denominator * first.numerator)
    return rounded((exact - 1) * 100)


def wilson(rate: Rate) -> Interval:
    """Returns where a rate lies with 95 percent confidence, in percent (Wilson's score interval)."""
    low, high = _wilson(rate)
    return Interval(rounded(Decimal(low * 100)), rounded(Decimal(high * 100)))


def difference(first: Rate, other: Rate) -> Interval:
    """Returns where the difference of two rates lies with 95 percent confidence, in percentage points (Newcombe)."""
    p1, p2 = first.numerator / first.denominator, other.numerator / other.denominator
    (low1, high1), (low2, high2) = _wilson(first), _wilson(other)
    low = p2 - p1 - math.hypot(p2 - low2, high1 - p1)
    high = p2 - p1 + math.hypot(high2 - p2, p1 - low1)
    return Interval(rounded(Decimal(low * 100)), rounded(Decimal(high * 100)))


def _wilson(rate: Rate) -> tuple[float, float]:
    # More may have opened than were told to be delivered; a share has no interval then but itself.
    count, of = min(rate.numerator, rate.denominator), rate.denominator
    share = count / of
    centre = share + Z * Z / (2 * of)
    spread = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    whole = 1 + Z * Z / of
    return max(0.0, (centre - spread) / whole), min(1.0, (centre + spread) / whole)
