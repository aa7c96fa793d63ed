"""What follows an inbound event: steps, each in a transaction of its own, each marked as done (EVT-3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from uuid import UUID

from services.common.db.uow import UnitOfWork

EVERY_TYPE: Final = frozenset({"*"})
"""What a step names that wants events of every type, those that no catalogue knows included (EVT-5)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a neighbour knows them; nothing of it is a consent (EVT-2)."""

    user_id: str
    """The neighbour's id: `external_id` of the contact."""
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    language: str | None = None
    time_zone: str | None = None

    @property
    def has_address(self) -> bool:
        """Returns whether a message could reach them by what the event says alone."""
        return bool(self.email or self.phone)


def person_of(data: Mapping[str, Any] | None) -> Person | None:
    """Returns the person that a mapping of an event's data describes, for example `from` or one of `members`."""
    if not data or not data.get("user_id"):
        return None
    return Person(**{field: data[field] for field in Person.__slots__ if data.get(field) is not None})


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """An event as it passed the door: canonical type, snake-case data that fulfils the catalogue."""

    tenant_id: UUID
    event_id: UUID
    type: str
    """The canonical type, whatever alias it came by (EVT-6)."""
    source: str
    occurred_at: datetime
    received_at: datetime
    aggregate_type: str
    aggregate_id: str
    data: Mapping[str, Any]
    """JSON values: amounts are whole numbers of minor units, times text (see `time`); fields the catalogue does not know
    are as they came, and those of a type it does not know altogether."""
    fact: str
    """The natural key of what happened: equal for two events that tell of one fact (EVT-6), else the event's own."""
    person: Person | None = None
    """Whom the event is about, where its type has one person."""
    named_type: str = ""
    """The type as the neighbour named it."""
    branch_ref: str = ""
    version: int = 1
    sequence: int | None = None
    correlation_id: str = ""
    causation_id: str = ""

    def time(self, field: str) -> datetime | None:
        """Returns a time of the data in UTC; None where the field is absent."""
        value = self.data.get(field)
        return datetime.fromisoformat(value).astimezone(UTC) if value else None


class Step(Protocol):
    """One consumer of inbound events."""

    @property
    def name(self) -> str:
        """Returns the word by which it is marked as done; it never changes."""

    @property
    def types(self) -> frozenset[str]:
        """Returns the canonical types it wants, or EVERY_TYPE."""

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Does its part in the tenant's transaction, which the mark shares: exactly once per event.

        No RPC and no HTTP here; what must be told to others is emitted or written down for a loop. Whatever it raises
        undoes the part alone; the event comes again after a pause, without the steps before it, and steps after it
        wait. After five failures the event is dead until somebody replays it.
        """
