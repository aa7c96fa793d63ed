"""What an automation is: what starts it, what it does, whom it may begin for. Standard library and segments' rules only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Final
from uuid import UUID

from services.campaign.automations.filters import FieldTest
from services.campaign.segments.domain import Rule

MOST_ACTIONS: Final = 20
DEEPEST: Final = 5
LONGEST_CHAIN: Final = 5
"""Runs that may bring about one another (LIF-72)."""
MOST_ATTEMPTS: Final = 5
LONGEST_WAIT: Final = 90 * 86_400
"""Seconds that a run waits at most at one place."""
DEFAULT_DELAY: Final = 60
DEFAULT_COOLDOWN: Final = 1


class Kind(IntEnum):
    """What starts an automation, as it is stored."""

    EVENT = 1
    TIME = 2
    BEHAVIOUR = 3
    API = 4


class AutomationState(IntEnum):
    """Lifecycle, numbered as in the contract."""

    ENABLED = 1
    DISABLED = 2
    ARCHIVED = 3


class Behaviour(IntEnum):
    """What a contact does or has not done, numbered as in the contract."""

    CART_ABANDONED = 1
    INACTIVE = 2
    NO_PURCHASE = 3
    EVENT_VIEWED = 4


class RunState(IntEnum):
    """Where a run stands, numbered as in the contract."""

    RUNNING = 1
    WAITING = 2
    COMPLETED = 3
    FAILED = 4
    CANCELLED = 5
    SKIPPED = 6

    @property
    def is_open(self) -> bool:
        """Returns whether it may still do something."""
        return self <= RunState.WAITING


class StepState(IntEnum):
    """What became of a step, numbered as in the contract."""

    PENDING = 1
    DONE = 2
    FAILED = 3
    SKIPPED = 4


@dataclass(frozen=True, slots=True)
class Match:
    """Events of one name that pass all tests."""

    event_name: str
    tests: tuple[FieldTest, ...] = ()

    def fits(self, event_name: str, data: Mapping[str, Any]) -> bool:
        """Returns whether an event is meant."""
        return event_name == self.event_name and all(test.holds(data) for test in self.tests)


@dataclass(frozen=True, slots=True)
class OnEvent:
    """Started by an event about a contact."""

    match: Match


@dataclass(frozen=True, slots=True)
class OnTime:
    """Started by the clock of a zone."""

    cron: str
    zone: str


@dataclass(frozen=True, slots=True)
class OnBehaviour:
    """Started by what a contact does, or has not done."""

    behaviour: int
    hours: int = 2
    days: int = 30
    views: int = 3


@dataclass(frozen=True, slots=True)
class OnCall:
    """Started by a call alone."""


Trigger = OnEvent | OnTime | OnBehaviour | OnCall


@dataclass(frozen=True, slots=True)
class Send:
    """Writes to people."""

    channel: int
    template: str
    category: int = 0
    priority: int = 3
    data: Mapping[str, Any] = field(default_factory=dict)
    fallback_channel: int = 0
    recipient_ids: tuple[UUID, ...] = ()
    recipient_rule: Rule | None = None
    word = "send_notification"


@dataclass(frozen=True, slots=True)
class Update:
    """Changes the contact."""

    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    assigned_staff_id: str = ""
    word = "update_contact"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Calls a partner."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    word = "webhook"


@dataclass(frozen=True, slots=True)
class Delay:
    """Waits a while."""

    seconds: int
    word = "delay"


@dataclass(frozen=True, slots=True)
class Branch:
    """Goes one way or another."""

    tests: tuple[FieldTest, ...]
    rule: Rule | None
    then: "tuple[Action, ...]"
    otherwise: "tuple[Action, ...]"
    word = "branch"


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Waits for an event, or until time is up."""

    match: Match
    seconds: int
    then: "tuple[Action, ...]"
    otherwise: "tuple[Action, ...]"
    word = "wait_for_event"


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends the run."""

    word = "stop"


Deed = Send | Update | Webhook | Delay | Branch | WaitFor | Stop


@dataclass(frozen=True, slots=True)
class Action:
    """A thing to do, and whether the run goes on when it failed."""

    deed: Deed
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of what an automation does."""

    trigger: Trigger
    actions: tuple[Action, ...]
    segment_id: UUID | None = None
    branch_ids: tuple[UUID, ...] = ()
    cooldown_days: int = DEFAULT_COOLDOWN
    most_runs: int = 0
    stop_on: tuple[Match, ...] = ()

    @property
    def kind(self) -> Kind:
        """Returns what starts it."""
        return _KINDS[type(self.trigger)]

    @property
    def starts_on(self) -> str:
        """Returns the name of the event, or the number of the behaviour, by which it is found."""
        if isinstance(self.trigger, OnEvent):
            return self.trigger.match.event_name
        return str(int(self.trigger.behaviour)) if isinstance(self.trigger, OnBehaviour) else ""

    @property
    def events(self) -> list[str]:
        """Returns the names of all events that start, end or continue its runs."""
        found = {match.event_name for match in self.stop_on}
        if isinstance(self.trigger, OnEvent):
            found.add(self.trigger.match.event_name)
        found |= {one.match.event_name for one in deeds(self.actions) if isinstance(one, WaitFor)}
        return sorted(found)


@dataclass(frozen=True, slots=True)
class Automation:
    """An automation as it stands, with the current version of what it does."""

    automation_id: UUID
    name: str
    definition: Definition
    state: AutomationState = AutomationState.ENABLED
    version: int = 1
    edition: int = 1
    """Counts every change, that of the name too."""
    created_by: str = ""
    enabled_at: datetime | None = None
    next_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


_KINDS: Final[Mapping[type, Kind]] = {
    OnEvent: Kind.EVENT,
    OnTime: Kind.TIME,
    OnBehaviour: Kind.BEHAVIOUR,
    OnCall: Kind.API,
}


def ways(deed: Deed) -> tuple[tuple[str, tuple[Action, ...]], ...]:
    """Returns the actions inside a deed, by the name of the way."""
    if isinstance(deed, (Branch, WaitFor)):
        return (("then_actions", deed.then), ("else_actions", deed.otherwise))
    return ()


def deeds(actions: tuple[Action, ...]) -> Iterator[Deed]:
    """Yields all that is done, in the order of its numbers."""
    for action in actions:
        yield action.deed
        for _, inside in ways(action.deed):
            yield from deeds(inside)
