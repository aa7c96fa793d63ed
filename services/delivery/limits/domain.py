"""Rules of limits as windows: at most so many messages in any period (DEL-7, DEL-70)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, NamedTuple
from uuid import UUID

from services.delivery.messages.domain import Channel

EVERY: Final = UUID(int=0)
"""Stands for every tenant and for each subject."""

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86_400.0
LONGEST: Final = 7 * DAY
"""Slots of contacts are kept a day longer than this."""

LIMITED: Final = frozenset({Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.PUSH})


class Scope(IntEnum):
    """Whose messages are counted together; the numbers are the contract's."""

    CONTACT = 1
    TENANT = 2
    GLOBAL = 3


class Span(NamedTuple):
    """At most `limit` messages in any `seconds`."""

    seconds: float
    limit: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; zero means no maximum."""

    tenant_id: UUID
    rule_id: UUID
    channel: Channel
    scope: Scope
    subject_id: UUID
    max_per_minute: int
    max_per_hour: int
    max_per_day: int
    burst_limit: int
    changed_by: str
    created_at: datetime
    updated_at: datetime

    @property
    def spans(self) -> list[Span]:
        """Returns its windows, shortest first."""
        return spans(self.max_per_minute, self.max_per_hour, self.max_per_day, self.burst_limit)


def spans(per_minute: int, per_hour: int, per_day: int, burst: int) -> list[Span]:
    """Returns the windows of maxima, shortest first.

    A burst says over how many messages the shortest maximum is counted, at the same rate: 2 a minute with a burst of
    3 is 3 in any 90 seconds.
    """
    given = ((MINUTE, per_minute), (HOUR, per_hour), (DAY, per_day))
    found = [Span(seconds, limit) for seconds, limit in given if limit]
    if found and burst:
        seconds, limit = found[0]
        found[0] = Span(seconds * burst / limit, burst)
    return sorted(found)


def narrowest(found: Iterable[Span]) -> list[Span]:
    """Returns each period once, with the smallest of its limits; shortest first."""
    limits: dict[float, int] = {}
    for seconds, limit in found:
        limits[seconds] = min(limit, limits.get(seconds, limit))
    return [Span(seconds, limits[seconds]) for seconds in sorted(limits)]


class RuleSet:
    """The rules that concern one tenant: its own and those of all tenants."""

    def __init__(self, rules: Collection[Rule]) -> None:
        self._rules = list(rules)

    def of(self, scope: Scope, channel: Channel, subject_id: UUID = EVERY) -> list[Span]:
        """Returns the windows in force for a subject: rules for each of its kind, and its own."""
        return narrowest(
            span
            for rule in self._of(scope, channel)
            if rule.subject_id in (EVERY, subject_id)
            for span in rule.spans
        )

    def named(self, scope: Scope, channel: Channel) -> frozenset[UUID]:
        """Returns the subjects that have rules of their own."""
        return frozenset(rule.subject_id for rule in self._of(scope, channel)) - {EVERY}

    def _of(self, scope: Scope, channel: Channel) -> Iterator[Rule]:
        return (rule for rule in self._rules if rule.scope is scope and rule.channel is channel)


def free_at(taken: Iterable[datetime], span: Span, now: datetime) -> datetime | None:
    """Returns when a window has a place again by the instants it counts; None while it has one."""
    period = timedelta(seconds=span.seconds)
    held = sorted(at for at in taken if at > now - period)
    over = len(held) - span.limit
    return None if over < 0 else held[over] + period
