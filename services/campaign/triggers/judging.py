"""What becomes of an occurrence that is due: fired, skipped with a reason, or looked at later. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.campaign.triggers import timing
from services.campaign.triggers.conditions import Known, holds
from services.campaign.triggers.contents import Content
from services.campaign.triggers.domain import (
    OF_VISIT,
    STALE_AFTER,
    WHATSAPP,
    Anchor,
    Config,
    Timing,
    TriggerType,
    qualifies,
)
from services.campaign.triggers.people import Person
from services.common.zones import local_day

EMAIL, SMS = 1, 2
PHONES: Final = frozenset({SMS, WHATSAPP})
HELD: Final = timedelta(minutes=5)
"""How long a message waits for a more important one about the same visit, before it looks again."""
LONGEST_HELD: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Fire:
    """A message goes out."""

    channel: int
    fallback_channel: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Skip:
    """Nobody is written to, for good."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """It is not due yet, or waits for another."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing is to be done or recorded: the trigger is off, the contact is gone, or it fired before."""


Verdict = Fire | Skip | Later | Over
OVER: Final = Over()


@dataclass(slots=True)
class Situation:
    """What is known when a block is judged; grows with what is fired."""

    now: datetime
    window_start: str
    markets: bool
    """False while the tenant sends no marketing."""
    spent: frozenset[UUID | None]
    """Branches whose month has no money left; None stands for the whole tenant."""
    configs: Mapping[TriggerType, Config]
    contents: Mapping[TriggerType, Content]
    people: Mapping[UUID, Person]
    known: Known
    fired: frozenset[tuple[TriggerType, UUID, str]]
    """Occurrences that have an entry already."""
    last: dict[tuple[UUID, TriggerType], datetime] = field(default_factory=dict)
    """When contacts last got something of a trigger."""
    pending: dict[tuple[UUID, str, TriggerType], datetime] = field(default_factory=dict)
    """What is on its way to contacts about visits, and since when."""

    def judge(self, anchor: Anchor) -> Verdict:
        """Decides about one occurrence, and notes what is fired for those after it."""
        config, person = self.configs[anchor.trigger_type], self.people.get(anchor.contact_id)
        if person is None:
            return OVER
        due_at = timing.due(config, anchor, person.zone, self.window_start)
        if not qualifies(config, anchor, due_at):
            return OVER
        if due_at > self.now:
            return Later(due_at)
        if (anchor.trigger_type, anchor.contact_id, anchor.occurrence_key) in self.fired:
            return OVER
        if reason := self._objection(config, anchor, person, due_at):
            return Skip(reason)
        if self._gives_way(anchor):
            return Later(self.now + HELD)
        channels = self._channels(anchor.trigger_type, person)
        if isinstance(channels, Skip):
            return channels
        self.last[anchor.contact_id, anchor.trigger_type] = self.now
        self.pending[anchor.contact_id, anchor.reference_id, anchor.trigger_type] = self.now
        return Fire(channels[0], channels[1] if len(channels) > 1 else 0, due_at)

    def _objection(self, config: Config, anchor: Anchor, person: Person, due_at: datetime) -> str:
        """Returns why nobody is written to about an occurrence that is due; empty when nothing stands against it."""
        if self.now >= due_at + STALE_AFTER:
            return "stale"
        if not holds(anchor, person, self.known):
            return "condition_gone"
        if not self.markets or not person.branch_markets:
            return "marketing_disabled"
        branch_id = anchor.branch_id or person.branch_id
        if config.branch_ids and branch_id not in config.branch_ids:
            return "branch_excluded"
        if is_cooling(config, person, self.last.get((person.contact_id, config.trigger_type)), self.now):
            return "cooldown"
        if None in self.spent or branch_id in self.spent:
            return "budget_exceeded"
        return ""

    def _gives_way(self, anchor: Anchor) -> bool:
        """Returns whether a more important message about the same visit is on its way (LIF-62)."""
        if anchor.trigger_type not in OF_VISIT:
            return False
        before = OF_VISIT[: OF_VISIT.index(anchor.trigger_type)]
        since = (self.pending.get((anchor.contact_id, anchor.reference_id, kind)) for kind in before)
        return any(self.now < one + LONGEST_HELD for one in since if one)

    def _channels(self, kind: TriggerType, person: Person) -> tuple[int, ...] | Skip:
        content = self.contents[kind]
        if not content.channels:
            return Skip("no_template")
        reached = tuple(channel for channel in content.channels if is_reached(person, channel))
        return reached or Skip("no_address")


def is_reached(person: Person, channel: int) -> bool:
    """Returns whether a contact has an address on a channel, where the channel needs one."""
    if channel == EMAIL:
        return person.has_email
    return person.has_phone if channel in PHONES else True


def is_cooling(config: Config, person: Person, last: datetime | None, now: datetime) -> bool:
    """Returns whether a contact got one of this trigger too lately.

    What follows an event is measured in hours; what has a date in days of the contact's zone, for a year may be over a
    minute after the last wish was sent.
    """
    if last is None or not config.cooldown_days:
        return False
    if config.timing is Timing.DELAY:
        return now < last + config.cooldown
    return (local_day(now, person.zone) - local_day(last, person.zone)).days < config.cooldown_days


def importance(anchor: Anchor) -> int:
    """Returns the place of an occurrence among others of its visit: what matters more is judged first."""
    kind = anchor.trigger_type
    return OF_VISIT.index(kind) if kind in OF_VISIT else len(OF_VISIT)
