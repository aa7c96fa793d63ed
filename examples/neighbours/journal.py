"""What a neighbour writes down as it happens: events in the envelope that intake takes (docs/events.md)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as its neighbour states it."""

    event_id: str
    type: str
    source: str
    occurred_at: datetime
    aggregate_id: str
    data: Mapping[str, Any]
    sequence: int | None = None
    causation_id: str = ""

    def envelope(self, tenant_id: str) -> dict[str, Any]:
        """Returns it as the JSON object that intake takes."""
        given: dict[str, Any] = {
            "event_id": self.event_id,
            "type": self.type,
            "version": 1,
            "tenant_id": tenant_id,
            "source": self.source,
            "occurred_at": self.occurred_at.isoformat(),
            "aggregate_id": self.aggregate_id,
            "data": dict(self.data),
        }
        if self.sequence is not None:
            given["sequence"] = self.sequence
        if self.causation_id:
            given["causation_id"] = self.causation_id
        return given


@dataclass
class Journal:
    """Everything that one neighbour tells, in the order in which it happened.

    Ids follow from the neighbour's name and the day, so that the same day told twice is the same events.
    """

    source: str
    day: str
    numbered: frozenset[str] = frozenset()
    """Kinds of things whose events carry a sequence."""
    events: list[Event] = field(default_factory=list)
    _numbers: Counter[tuple[str, str]] = field(default_factory=Counter)

    def write(self, type_name: str, at: datetime, aggregate_id: str, data: Mapping[str, Any]) -> Event:
        """Writes an event down and returns it."""
        kind = type_name.partition(".")[0]
        sequence = None
        if kind in self.numbered:
            self._numbers[kind, aggregate_id] += 1
            sequence = self._numbers[kind, aggregate_id]
        name = f"{self.day}/{self.source}/{len(self.events)}"
        event = Event(
            str(uuid5(NAMESPACE_URL, name)), type_name, self.source, at, aggregate_id, data, sequence
        )
        self.events.append(event)
        return event
