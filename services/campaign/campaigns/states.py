"""The state machine of a campaign (section 4 of its requirements). Standard library only."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType


class State(IntEnum):
    """Lifecycle of a campaign, numbered as in the contract."""

    DRAFT = 1
    PENDING_APPROVAL = 2
    APPROVED = 3
    SCHEDULED = 4
    SENDING = 5
    SENT = 6
    PAUSED = 7
    CANCELLED = 8


class Action(StrEnum):
    """What moves a campaign from one state to another."""

    SUBMIT = "submit"
    SUBMIT_FOR_APPROVAL = "submit_for_approval"
    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    SEND = "send"
    REOPEN = "reopen"
    """The audience outgrew its approval before the launch."""
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    COMPLETE = "complete"
    REPEAT = "repeat"
    """A run of a recurring campaign is complete, and another occurrence follows."""
    RERUN = "rerun"
    """Those whom a run did not reach are written to again."""


class InvalidStatus(Exception):
    """The state of a campaign does not allow what is asked, or another change came first."""

    reason = "INVALID_CAMPAIGN_STATUS"

    def __init__(self, state: State | None, action: str) -> None:
        shown = state.name.lower() if state else "changed meanwhile"
        super().__init__(f"campaign is {shown}: it cannot {action.replace('_', ' ')}")
        self.metadata = {"state": shown, "action": action}


_CANCELLABLE = (
    State.DRAFT,
    State.PENDING_APPROVAL,
    State.APPROVED,
    State.SCHEDULED,
    State.SENDING,
    State.PAUSED,
)

TRANSITIONS: Mapping[tuple[State, Action], State] = MappingProxyType(
    {
        (State.DRAFT, Action.SUBMIT): State.APPROVED,
        (State.DRAFT, Action.SUBMIT_FOR_APPROVAL): State.PENDING_APPROVAL,
        (State.PENDING_APPROVAL, Action.APPROVE): State.APPROVED,
        (State.PENDING_APPROVAL, Action.REJECT): State.DRAFT,
        (State.PENDING_APPROVAL, Action.EDIT): State.DRAFT,
        (State.APPROVED, Action.SCHEDULE): State.SCHEDULED,
        (State.APPROVED, Action.SEND): State.SENDING,
        (State.APPROVED, Action.EDIT): State.DRAFT,
        (State.APPROVED, Action.REOPEN): State.PENDING_APPROVAL,
        (State.SCHEDULED, Action.SEND): State.SENDING,
        (State.SCHEDULED, Action.UNSCHEDULE): State.APPROVED,
        (State.SCHEDULED, Action.EDIT): State.DRAFT,
        (State.SCHEDULED, Action.REOPEN): State.PENDING_APPROVAL,
        (State.SENDING, Action.PAUSE): State.PAUSED,
        (State.SENDING, Action.COMPLETE): State.SENT,
        (State.SENDING, Action.REPEAT): State.SCHEDULED,
        (State.SENT, Action.RERUN): State.SENDING,
        (State.SCHEDULED, Action.RERUN): State.SENDING,
        (State.PAUSED, Action.RESUME): State.SENDING,
        **{(state, Action.CANCEL): State.CANCELLED for state in _CANCELLABLE},
    }
)

FINAL = frozenset({State.SENT, State.CANCELLED})
"""What is over; only those whom a run did not reach may bring it back."""
LAUNCHED = frozenset({State.SENDING, State.PAUSED, State.SENT, State.CANCELLED})


def after(state: State, action: Action) -> State:
    """Returns the state an action leads to; InvalidStatus when the table has no such line."""
    target = TRANSITIONS.get((state, action))
    if target is None:
        raise InvalidStatus(state, action)
    return target
