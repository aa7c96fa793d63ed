"""Figures of one set of messages, and what messages cost. Standard library and the definitions only."""

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from services.analytics.reports.domain import Costs, Counts


@dataclass(frozen=True, slots=True)
class Found:
    """Counts of one set of messages, and what they cost."""

    counts: Counts = field(default_factory=Counts)
    costs: Costs = field(default_factory=dict)

    def __add__(self, other: "Found") -> "Found":
        costs = dict(self.costs)
        for currency, cost in other.costs.items():
            costs[currency] = costs.get(currency, Decimal(0)) + cost
        return Found(self.counts + other.counts, costs)


@dataclass(frozen=True, slots=True)
class Cost:
    """What messages cost, cut in every way."""

    total: Costs
    channels: dict[int, Costs]
    branches: dict[UUID, Costs]
    providers: dict[str, Costs]
    sent: int
    recipients: int
