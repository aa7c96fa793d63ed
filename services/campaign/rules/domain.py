"""What a notification rule is, when its notice is due, and what a tenant may change of it (LIF-4). Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

WORTH: Final = timedelta(hours=24)
"""How long a notice is worth sending where a rule does not say."""
LONGEST_DELAY: Final = timedelta(days=30)
CRITICAL: Final = frozenset({"payment_failed", "account_security", "urgent"})
"""Categories whose rules no tenant may disable (LIF-4)."""
ALL, FIRST = 1, 2


class CriticalRuleError(Exception):
    """A rule of a critical category would be disabled."""

    reason = "INVALID_CONFIGURATION"

    def __init__(self, rule: "Rule") -> None:
        super().__init__(
            f"{rule.name} is of the category {rule.category}, which people rely on: it cannot be disabled"
        )


@dataclass(frozen=True, slots=True)
class Timing:
    """When a notice is due, and until when."""

    delay: timedelta = timedelta(0)
    """After the event; or before the time of the data that `anchor` names."""
    anchor: str = ""
    """Field of the data that a rule counts back from; empty for the event itself."""
    until: str = ""
    """Field of the data with the time after which it is worthless."""
    after_until: timedelta = timedelta(0)
    """How long it is still worth something after that."""
    worth: timedelta | None = None
    """How long after it is due it is worth sending."""

    def window(
        self, occurred_at: datetime, times: Mapping[str, datetime | None], now: datetime
    ) -> tuple[datetime, datetime] | None:
        """Returns when it is due and when it expires; None once it is too late, or would be when it is due (EVT-8)."""
        base = min(occurred_at, now)
        anchor = times.get(self.anchor) if self.anchor else None
        if self.anchor and anchor is not None:
            # What would have been due before is due at once.
            due = counted = max(anchor - self.delay, now)
        else:
            counted = base if self.anchor else base + self.delay
            due = max(counted, now)
        ends = []
        if self.until and (until := times.get(self.until)) is not None:
            ends.append(until + self.after_until)
        if self.worth is not None or not ends:
            ends.append(counted + (self.worth or WORTH))
        expires = min(ends)
        return (due, expires) if due < expires else None


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a rule speaks of one thing."""

    by: str
    """Field of the data whose value tells one thing from another, or `type aggregate`."""
    most: int
    within: timedelta | None = None
    """None means ever."""
    apart: timedelta | None = None
    """Least time between two."""
    shared_with: str = ""
    """Rule whose notices count as well."""


@dataclass(frozen=True, slots=True)
class Key:
    """Fields of the data by which notices are found again, under a word of their own."""

    word: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """One thing that must hold of an event."""

    field: str
    operator: str
    """One of `=`, `<>`, `>=`, `known`, `no`, `paid`."""
    value: str = ""

    @property
    def text(self) -> str:
        """Returns the test as the table writes it."""
        if self.operator == "paid":
            return "order is paid"
        if self.operator in ("known", "no"):
            return f"{self.operator} {self.field}"
        return f"{self.field} {self.operator} {self.value}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which events tell whom what."""

    name: str
    requirement: str
    """Ids of the requirements it comes from."""
    events: tuple[str, ...]
    recipients: tuple[str, ...]
    category: str
    priority: str
    channels: tuple[str, ...]
    """In order of preference."""
    mode: int
    """ALL or FIRST."""
    template: str
    timing: Timing
    variables: tuple[str, ...]
    tests: tuple[Test, ...] = ()
    """One of them must hold; without any it always speaks."""
    once: tuple[str, ...] = ()
    """Fields that make a notice one of its kind; without them, the fact that the event tells of."""
    once_name: str = ""
    """Rule with which it shares that: of the two only one speaks."""
    correlation: Key | None = None
    also_by: tuple[str, ...] = ()
    """Fields by which events find its notices that do not name those of the correlation."""
    cancelled_by: tuple[str, ...] = ()
    moved_by: tuple[str, ...] = ()
    limit: Limit | None = None
    recall: Key | None = None
    """The earlier fact that says what this event leaves out."""
    remembers: tuple[str, ...] = ()
    """Fields that later events of the same correlation may leave out."""
    countdown: str = ""
    """Field with the time that `minutesLeft` and `hoursUntil` count to."""
    is_enabled: bool = True

    @property
    def is_critical(self) -> bool:
        """Returns whether no tenant may disable it."""
        return self.category in CRITICAL


@dataclass(frozen=True, slots=True)
class Override:
    """What a tenant wants otherwise; None where it wants what the platform says."""

    is_enabled: bool | None = None
    template: str | None = None
    delay: timedelta | None = None
    channels: tuple[str, ...] | None = None
    mode: int | None = None
    version: int = 0
    """Counts the changes; 0 while there was none."""

    @property
    def says_nothing(self) -> bool:
        """Returns whether everything is as the platform says."""
        return (self.is_enabled, self.template, self.delay, self.channels, self.mode) == (None,) * 5


def check(rule: Rule, override: Override) -> None:
    """Raises CriticalRuleError for what would silence what people rely on."""
    if override.is_enabled is False and rule.is_critical:
        raise CriticalRuleError(rule)


def overridden(rule: Rule, override: Override | None) -> Rule:
    """Returns a rule as a tenant wants it; one of a critical category stays enabled."""
    if override is None:
        return rule
    is_enabled = rule.is_enabled if override.is_enabled is None else override.is_enabled
    timing = rule.timing if override.delay is None else replace(rule.timing, delay=override.delay)
    return replace(
        rule,
        is_enabled=is_enabled or rule.is_critical,
        template=override.template or rule.template,
        timing=timing,
        channels=override.channels or rule.channels,
        mode=override.mode or rule.mode,
    )
