"""Deciding an A/B test: the two-proportion z-test over what people did. Standard library only."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import erfc, sqrt

ERROR = 0.05
"""How often a decision may name a winner that is none."""


class Basis(IntEnum):
    """On what a decision rests, numbered as in the contract."""

    SIGNIFICANT = 1
    NOT_SIGNIFICANT = 2
    TOO_FEW = 3


@dataclass(frozen=True, slots=True)
class Arm:
    """What came of one variant: messages a provider took, and recipients who did what is counted."""

    sent: int
    engaged: int

    @property
    def rate(self) -> float:
        """Returns the share of recipients who did it."""
        return self.engaged / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Which arm the rest gets (its position from 0), why, and each arm's error against the fallback."""

    winner: int
    basis: Basis
    p_values: tuple[float, ...]


def z_score(one: Arm, other: Arm) -> float:
    """Returns how many standard errors the rates of two arms are apart, by their pooled rate; 0 when none can tell."""
    sent = one.sent + other.sent
    pooled = (one.engaged + other.engaged) / sent if sent else 0.0
    spread = pooled * (1 - pooled)
    if spread <= 0 or not one.sent or not other.sent:
        return 0.0
    return (one.rate - other.rate) / sqrt(spread * (1 / one.sent + 1 / other.sent))


def p_value(one: Arm, other: Arm) -> float:
    """Returns the two-sided error of calling two rates different."""
    return erfc(abs(z_score(one, other)) / sqrt(2))


def decide(arms: Sequence[Arm], *, fallback: int, minimum: int) -> Decision:
    """Returns what the rest of an audience gets.

    The arm with the highest rate wins if it is above the fallback's by more than chance explains: a two-sided error of
    5 %, divided by the number of comparisons when there are more than two arms. Else the fallback is taken, and also
    when an arm reached too few people to tell.
    """
    compared = tuple(
        1.0 if place == fallback else p_value(arm, arms[fallback]) for place, arm in enumerate(arms)
    )
    if any(arm.sent < minimum for arm in arms):
        return Decision(fallback, Basis.TOO_FEW, compared)
    best = max(range(len(arms)), key=lambda place: (arms[place].rate, place == fallback))
    is_better = arms[best].rate > arms[fallback].rate and compared[best] <= ERROR / (len(arms) - 1)
    if is_better:
        return Decision(best, Basis.SIGNIFICANT, compared)
    return Decision(fallback, Basis.NOT_SIGNIFICANT, compared)
