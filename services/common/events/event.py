"""An event as a use case states it, before it is written to the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message

from services.common.ids import uuid7

MAX_ITEMS = 1000

_causation_id: ContextVar[str] = ContextVar("causation_id", default="")


@dataclass(frozen=True, slots=True)
class Event:
    """One fact, or one block of up to 1,000 facts of the same type, tenant and aggregate.

    Attributes:
        type: Name of the fact, for example `message.sent`.
        aggregate_type: Kind of the thing it happened to.
        aggregate_id: Id of that thing; events of one aggregate are applied in the order of their commits.
        payload: The event's own message; ids only, never addresses, content, tokens or secrets (EVT-12).
        count: How many items the payload holds.
        event_id: Id by which consumers apply it once.
        occurred_at: When it happened; the instant of the commit's clock when not given.
        tenant_id: Whose it is; needed only in a unit of work across tenants.
    """

    type: str
    aggregate_type: str
    aggregate_id: str
    payload: Message
    count: int = 1
    event_id: UUID = field(default_factory=uuid7)
    occurred_at: datetime | None = None
    tenant_id: UUID | None = None
    version: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_ITEMS:
            raise ValueError(f"an event holds 1 to {MAX_ITEMS} items, not {self.count}")


def causation_id() -> str:
    """Returns the id of the event whose handling is in hand; empty when there is none."""
    return _causation_id.get()


@contextmanager
def caused_by(event_id: str) -> Iterator[None]:
    """Makes events emitted inside the block name their cause."""
    before = _causation_id.set(event_id)
    try:
        yield
    finally:
        _causation_id.reset(before)
