"""What laws say about when a message may arrive: rules as data, and the instants they allow.

A rule opens at local times of weekdays and stays closed on holidays. Between its openings a message waits, whatever a
tenant says: a tenant can only be stricter.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.consent.decisions.windows import resolve

Kind = Literal["window", "quiet_hours", "cap"]

_DAY = timedelta(days=1)
_LOOK_AHEAD = 16
"""How many days an opening is looked for; a deferral ends in a denial long before."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Local times of some weekdays (0 is Monday), start-inclusive and end-exclusive; no end means midnight."""

    days: frozenset[int]
    start: time
    end: time | None


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day of every year: a date, or a number of days from Easter Sunday."""

    month: int = 0
    day: int = 0
    from_easter: int = 0

    def in_year(self, year: int) -> date:
        """Returns the day in a year."""
        return date(year, self.month, self.day) if self.month else easter(year) + self.from_easter * _DAY


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands, and when that was looked up."""

    law: str
    section: str
    url: str
    as_of: date
    read: Literal["text", "summary"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one jurisdiction."""

    jurisdiction: str
    name: str
    kind: Kind
    channels: frozenset[str]
    classes: frozenset[str]
    source: Source
    openings: tuple[Opening, ...] = ()
    closed: tuple[Holiday, ...] = ()
    per_24_hours: int | None = None

    @property
    def label(self) -> str:
        """Returns the rule as a decision names it."""
        return f"{self.jurisdiction} {self.name}, {self.source.section}"


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule that binds a person, with the zones the person may be in."""

    rule: Rule
    zones: tuple[ZoneInfo, ...]


@dataclass(frozen=True, slots=True)
class Law:
    """What binds one kind of message to one person: every jurisdiction the person may be in, all at once."""

    jurisdictions: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    caps: tuple[Rule, ...] = ()

    def opens_at(self, kind: Kind, instant: datetime) -> tuple[datetime, str] | None:
        """Returns the earliest instant the strictest rule of a kind allows, with its name; None when all allow now.

        Rules that open at different times may still be closed at that instant; asking again then moves on.
        """
        latest: tuple[datetime, str] | None = None
        for bound in self.bounds:
            if bound.rule.kind != kind:
                continue
            for zone in bound.zones:
                opens = rule_opens_at(bound.rule, instant, zone)
                if opens is not None and (latest is None or opens > latest[0]):
                    latest = opens, f"{bound.rule.label} ({zone.key})"
        return latest

    def cap(self) -> Rule | None:
        """Returns the strictest cap on 24 hours, or None."""
        return min(self.caps, key=lambda rule: rule.per_24_hours or 0, default=None)


NO_LAW = Law()


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A country or a part of one (ISO 3166), with its rules."""

    code: str
    name: str
    rules: tuple[Rule, ...]
    covers: frozenset[str] = frozenset()
    """Other codes in which its rules hold too."""
    zones: dict[str, frozenset[str]] = field(default_factory=dict)
    """Zones of its parts, by code."""
    silences: tuple[Source, ...] = ()
    """Laws on messages that set neither hours nor counts."""


def rule_opens_at(rule: Rule, instant: datetime, zone: ZoneInfo) -> datetime | None:
    """Returns when a rule opens next in a zone, or None when it is open."""
    first = instant.astimezone(zone).date() - _DAY
    for ahead in range(_LOOK_AHEAD + 2):
        day = first + ahead * _DAY
        if any(holiday.in_year(day.year) == day for holiday in rule.closed):
            continue
        for opening in rule.openings:
            if day.weekday() not in opening.days:
                continue
            start = resolve(day, opening.start, zone)
            end = resolve(day, opening.end, zone) if opening.end else resolve(day + _DAY, time(0), zone)
            if start <= instant < end:
                return None
            if instant < start < end:
                return start
    return instant + _LOOK_AHEAD * _DAY


def easter(year: int) -> date:
    """Returns Easter Sunday of a year of the Gregorian calendar (the anonymous algorithm of 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return date(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32)
