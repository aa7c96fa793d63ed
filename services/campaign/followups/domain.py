"""Follow-ups as values: when they are due, and how they end. Standard library only."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Final
from uuid import UUID

USUAL_TIME: Final = time(9)
"""When somebody is reminded who named no time."""
LATEST: Final = timedelta(hours=24)
"""How long after it was due a reminder is still worth telling (JOB-21)."""


class FollowupState(IntEnum):
    """Lifecycle of a follow-up, numbered as in the contract."""

    PENDING = 1
    COMPLETED = 2
    DISMISSED = 3


@dataclass(frozen=True, slots=True)
class Followup:
    """Something a staff member wants to be reminded of."""

    followup_id: UUID
    staff_id: str
    contact_id: UUID
    reminder_date: date
    reminder_time: str | None
    due_at: datetime
    note: str
    created_by: str
    created_at: datetime
    state: FollowupState = FollowupState.PENDING
    completed_at: datetime | None = None
    notified_at: datetime | None = None
    """When the staff member was reminded of due_at."""
    version: int = 1

    @property
    def correlation_key(self) -> str:
        """Returns the key under which its reminder is stopped."""
        return f"followup/{self.followup_id}"

    @property
    def reminder_key(self) -> str:
        """Returns what makes its reminder one of its kind: another time is another reminder."""
        return f"{self.followup_id}/{int(self.due_at.timestamp())}"


def moved(known: Followup, state: FollowupState, now: datetime) -> Followup:
    """Returns a follow-up in another state; one that is opened again is reminded of only when its time changes."""
    if state is known.state:
        return known
    return replace(known, state=state, completed_at=now if state is FollowupState.COMPLETED else None)


def at_another_time(known: Followup, day: date, moment: str | None, due_at: datetime) -> Followup:
    """Returns a follow-up with another day or time, of which nobody was reminded yet when it is another instant."""
    notified_at = known.notified_at if due_at == known.due_at else None
    return replace(known, reminder_date=day, reminder_time=moment, due_at=due_at, notified_at=notified_at)
