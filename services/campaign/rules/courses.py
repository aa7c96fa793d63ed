"""The course of things that notices wait for: when they are, whether they are over, what was said of them before.

Events of one thing come in any order; what the latest of them said holds (EVT-4, CAM-80).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.campaign.contacts.telling import Stamp, stamp
from services.campaign.intake.steps import InboundEvent
from services.campaign.rules import memory
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=30)
"""How long after its last event, or after its time, the course of a thing is known."""


@dataclass(slots=True)
class Course:
    """What is known of one thing; it is locked."""

    word: str
    subject: Sequence[str]
    data: dict[str, Any]
    until: datetime | None = field(default=None)

    def ended(self, now: Stamp) -> bool:
        """Returns whether something later than this said that it is over."""
        over = self.data.get("over")
        return over is not None and over >= now

    def end(self, now: Stamp) -> None:
        """Takes down that it is over, unless something later says otherwise."""
        if not self.ended(now):
            self.data["over"] = now

    def time(self) -> datetime | None:
        """Returns when it is, by the latest event that said so."""
        said = self.data.get("at")
        return datetime.fromisoformat(said[1]).astimezone(UTC) if said else None

    def tell_time(self, now: Stamp, at: datetime) -> bool:
        """Takes down when it is; returns whether that is news."""
        said = self.data.get("at")
        if said is not None and said[0] > now:
            return False
        before = self.time()
        self.data["at"] = [now, at.isoformat()]
        self.until = at
        return before is not None and before != at

    def fill(self, now: Stamp, values: Mapping[str, Any]) -> None:
        """Takes down what later events may leave out."""
        said = dict(self.data.get("said", {}))
        for name, value in values.items():
            if name not in said or said[name][0] <= now:
                said[name] = [now, value]
        self.data["said"] = said

    def filled(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Returns data with what it leaves out and what was said before."""
        return {**{name: value[1] for name, value in self.data.get("said", {}).items()}, **data}


async def claim(uow: UnitOfWork, word: str, subject: Sequence[str]) -> Course:
    """Returns the course of a thing and locks it."""
    return Course(word, subject, await memory.claim(uow, f"course/{word}", subject))


async def known(uow: UnitOfWork, word: str, subject: Sequence[str]) -> Course:
    """Returns the course of a thing without a lock."""
    return Course(word, subject, await memory.known(uow, f"course/{word}", subject))


async def save(uow: UnitOfWork, course: Course) -> None:
    """Writes the course of a thing that is locked."""
    now = uow.now()
    keep = max(course.until or now, now) + KEPT
    await memory.save(uow, f"course/{course.word}", course.subject, course.data, keep)


def stamp_of(event: InboundEvent) -> Stamp:
    """Returns by what of two events the later one is known."""
    return stamp(event.occurred_at, event.event_id)
