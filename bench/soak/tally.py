"""What callers saw: times of calls, answers that were no success, and the ids they were given."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts of one phase."""

    milliseconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Times of the calls that succeeded, by kind of work."""
    items: Counter[str] = field(default_factory=Counter)
    """What the calls carried, by kind of work: messages of a block, recipients of a campaign."""
    refusals: Counter[str] = field(default_factory=Counter)
    """Answers by kind of work and code, where a caller came too soon and was told when to come back."""
    faults: Counter[str] = field(default_factory=Counter)
    """Answers that nobody should have got, by kind of work and code."""

    def took(self, kind: str, seconds: float, items: int = 1) -> None:
        """Counts a call that succeeded."""
        self.milliseconds[kind].append(seconds * 1000)
        self.items[kind] += items


def quantile(times: Sequence[float], share: float) -> float:
    """Returns the time within which a share of sorted calls was answered; 0 without any."""
    return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0
