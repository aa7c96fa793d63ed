"""Months, periods and shares of budgets. Standard library only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import IntEnum
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

ZERO: Final = Decimal(0)
MICRO: Final = Decimal("0.000001")
NO_BRANCH: Final = UUID(int=0)
"""Stands for the whole tenant in periods, and in entries for what no branch is charged with."""


class Level(IntEnum):
    """How much of a budget is spent and reserved, numbered as in the contract."""

    NONE = 0
    THRESHOLD = 1
    EXHAUSTED = 2


class BudgetExceededError(Exception):
    """A budget has less left than is to be reserved."""

    reason = "BUDGET_EXCEEDED"

    def __init__(self, message: str, branch_id: UUID = NO_BRANCH) -> None:
        super().__init__(message)
        self.metadata = {"branch_id": str(branch_id)} if branch_id != NO_BRANCH else {}


class PeriodKey(NamedTuple):
    """Names a period of a tenant: its month, then the branch or NO_BRANCH."""

    month: str
    branch_id: UUID = NO_BRANCH


@dataclass(frozen=True, slots=True)
class Period:
    """What a month holds, of the tenant or of a branch."""

    month: str
    branch_id: UUID = NO_BRANCH
    limit: Decimal | None = None
    reserved: Decimal = ZERO
    spent: Decimal = ZERO
    uncounted: Decimal = ZERO
    alerted_at: datetime | None = None
    exhausted_at: datetime | None = None
    closed_at: datetime | None = None
    is_recorded: bool = True
    """False for a period that nothing opened yet."""

    @property
    def key(self) -> PeriodKey:
        """Returns what names it."""
        return PeriodKey(self.month, self.branch_id)

    @property
    def remaining(self) -> Decimal | None:
        """Returns what is left of the limit, negative when more was spent; None without a limit (CAM-74)."""
        return None if self.limit is None else self.limit - self.spent - self.reserved

    def has_room(self, amount: Decimal, places: int) -> bool:
        """Returns whether so much more fits; a sum is rounded up to minor units where it meets the limit (GEN-18)."""
        return self.limit is None or self._committed(places, amount) <= self.limit

    def is_overdrawn(self, places: int) -> bool:
        """Returns whether more is spent and reserved than the limit allows."""
        return not self.has_room(ZERO, places)

    def level(self, threshold_percent: int, places: int) -> Level:
        """Returns the level that is reached; places are those of the currency's minor unit."""
        if self.limit is None:
            return Level.NONE
        committed = self._committed(places)
        if committed >= self.limit:
            return Level.EXHAUSTED
        return Level.THRESHOLD if committed * 100 >= self.limit * threshold_percent else Level.NONE

    def untold(self, threshold_percent: int, places: int) -> Iterator[Level]:
        """Yields the levels that are reached and that nobody was told of: each once in a period (CAM-76)."""
        reached = self.level(threshold_percent, places)
        if reached >= Level.THRESHOLD and self.alerted_at is None:
            yield Level.THRESHOLD
        if reached >= Level.EXHAUSTED and self.exhausted_at is None:
            yield Level.EXHAUSTED

    @property
    def told(self) -> Level:
        """Returns the highest level that was reached in the month."""
        if self.exhausted_at is not None:
            return Level.EXHAUSTED
        return Level.NONE if self.alerted_at is None else Level.THRESHOLD

    def _committed(self, places: int, more: Decimal = ZERO) -> Decimal:
        return rounded_up(self.spent + self.reserved + more, places)


class Share(NamedTuple):
    """What a run reserves for one branch, or for all: an amount, of which each message has a part."""

    branch_id: UUID
    messages: int
    amount: Decimal

    @property
    def each(self) -> Decimal:
        """Returns the part of one message; what does not divide evenly is left to the end of the run."""
        return (self.amount / self.messages).quantize(MICRO, ROUND_FLOOR) if self.messages else ZERO


def shares(cost: Decimal, messages: int, by_branch: Mapping[UUID, int]) -> list[Share]:
    """Returns what is reserved for a run: by the branches it names, in order, else for the tenant alone.

    Args:
        cost: What the whole run is expected to cost.
        messages: How many messages that is.
        by_branch: How people are spread over the branches named; empty when none is named.
    """
    cost = rounded_up(cost, 6)
    total = sum(by_branch.values())
    if not total:
        return [Share(NO_BRANCH, messages, cost)]
    found, left = [], cost
    for branch_id, count in sorted(by_branch.items()):
        # Each rounds up, by less than a millionth, and the last has what is left: together they are exactly the cost.
        part = min(rounded_up(cost * count / total, 6), left)
        found.append(Share(branch_id, -(-messages * count // total), part))
        left -= part
    return found


def month_of(instant: datetime, zone: str) -> str:
    """Returns the month of an instant as `YYYY-MM` in a zone."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m")


def rounded_up(amount: Decimal, places: int) -> Decimal:
    """Returns an amount with so many decimal places, never less than it is."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_CEILING)
