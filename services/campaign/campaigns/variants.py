"""Variants of a campaign, and how their test is decided. Standard library only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from uuid import UUID

WHOLE = 10_000
"""Shares are hundredths of a percent."""
MIN_VARIANTS, MAX_VARIANTS = 2, 5
LEAST_TESTED, MOST_TESTED = 100, 9000
SHORTEST_TEST, LONGEST_TEST = timedelta(minutes=15), timedelta(days=3)
MIN_PER_VARIANT = 100
CONTROL = "control"


class InvalidVariants(Exception):
    """The variants are not an A/B test."""

    reason = "INVALID_AB_TEST"

    def __init__(self, violations: list[tuple[str, str]]) -> None:
        super().__init__("variants are not a test: " + "; ".join(text for _, text in violations))
        self.violations = violations


class Metric(IntEnum):
    """What of people's engagement decides, numbered as in the contract."""

    OPENS = 1
    CLICKS = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """One arm of an A/B test; `version_id` is pinned when the campaign is submitted."""

    key: str
    name: str
    share: int
    template_id: UUID | None = None
    subject: str = ""
    version_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AbTest:
    """A share of the audience is tested for a while; the rest gets the winner, or the fallback."""

    share: int
    duration: timedelta
    metric: Metric = Metric.OPENS
    min_per_variant: int = MIN_PER_VARIANT
    fallback_key: str = ""


def check_variants(variants: Sequence[Variant]) -> None:
    """Raises InvalidVariants unless there are none, or 2 to 5 whose shares sum to exactly 100 percent (CAM-110)."""
    if not variants:
        return
    wrong = []
    if not MIN_VARIANTS <= len(variants) <= MAX_VARIANTS:
        wrong.append(("campaign.variants", f"must be {MIN_VARIANTS} to {MAX_VARIANTS}"))
    if len({one.key for one in variants}) != len(variants):
        wrong.append(("campaign.variants", "must have different keys"))
    if (total := sum(one.share for one in variants)) != WHOLE:
        wrong.append(("campaign.variants", f"must have shares that sum to {WHOLE}, not {total}"))
    if wrong:
        raise InvalidVariants(wrong)


def check_test(test: AbTest | None, variants: Sequence[Variant], *, in_own_zones: bool) -> None:
    """Raises InvalidVariants for a test that cannot be decided."""
    if test is not None and (wrong := list(_test_problems(test, variants, in_own_zones=in_own_zones))):
        raise InvalidVariants([(f"campaign.{name}", text) for name, text in wrong])


def _test_problems(
    test: AbTest, variants: Sequence[Variant], *, in_own_zones: bool
) -> Iterator[tuple[str, str]]:
    if not variants:
        yield "ab_test", "needs variants"
    if not LEAST_TESTED <= test.share <= MOST_TESTED:
        yield "ab_test.share_basis_points", f"must be {LEAST_TESTED} to {MOST_TESTED}"
    if not SHORTEST_TEST <= test.duration <= LONGEST_TEST:
        yield "ab_test.duration", "must be 15 minutes to 3 days"
    if test.fallback_key and test.fallback_key not in {one.key for one in variants}:
        yield "ab_test.fallback_variant_key", "is no variant of the campaign"
    if in_own_zones:
        yield "ab_test", "decides for everybody at once: it cannot leave in recipients' zones"


def fallback_of(test: AbTest, variants: Sequence[Variant]) -> int:
    """Returns the position (from 0) of the variant that the others must beat."""
    keys = [one.key for one in variants]
    wanted = test.fallback_key or (CONTROL if CONTROL in keys else keys[0])
    return keys.index(wanted)


def cumulative(variants: Sequence[Variant]) -> list[int]:
    """Returns the upper bounds of the variants' buckets, each exclusive (CAM-102)."""
    bounds, total = [], 0
    for one in variants:
        total += one.share
        bounds.append(total)
    return bounds
