"""What delivery is to do with passes. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID


class What(IntEnum):
    """What an order is about."""

    VOID_TICKET = 1
    """The passes of a ticket, of one holder if the order names one."""
    VOID_EVENT = 2
    """All passes of an event, and those of the tickets that the order names."""
    CHANGE_EVENT = 3
    """What the passes of an event show."""


@dataclass(frozen=True, slots=True)
class Order:
    """Something delivery is told until it knows."""

    what: What
    ref: str
    """The ticket or the event."""
    key: str
    """What makes it one of its kind."""
    occurred_at: datetime
    contact_id: UUID | None = None
    ticket_refs: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """An order that is to be carried out now."""

    tenant_id: UUID
    order_id: UUID
    what: What
    ref: str
    contact_id: UUID | None
    ticket_refs: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    """By field what it shows now, each with when that was said."""
    reason: str = ""
    version: int = 1
    attempts: int = 1
