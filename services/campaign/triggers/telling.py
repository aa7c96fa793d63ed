"""What others are told of triggers (EVT-102), and what is counted."""

from collections.abc import Iterable, Sequence
from typing import Final

from angarium.campaign.v1 import campaign_events_pb2 as events
from services.campaign.triggers import convert
from services.campaign.triggers.domain import Entry
from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event

_BLOCK: Final = 1000
_OCCURRENCES = telemetry.counter(
    "trigger_occurrences_total", "Occurrences of triggers by what became of them.", ("trigger", "outcome")
)


def fired(uow: UnitOfWork, entries: Sequence[Entry]) -> None:
    """Emits that triggers came to a message."""
    _tell(uow, "trigger.fired", entries)


def skipped(uow: UnitOfWork, entries: Sequence[Entry]) -> None:
    """Emits that triggers came to none, each with its reason."""
    _tell(uow, "trigger.skipped", entries)


def count(*, sent: Iterable[Entry], skipped: Iterable[Entry]) -> None:
    """Counts what was enqueued, and what was not, by reason."""
    for one in sent:
        _OCCURRENCES.labels(one.trigger_type.word, "queued").inc()
    for one in skipped:
        _OCCURRENCES.labels(one.trigger_type.word, one.skip_reason).inc()


def _tell(uow: UnitOfWork, kind: str, entries: Sequence[Entry]) -> None:
    for start in range(0, len(entries), _BLOCK):
        block = [convert.entry_to_proto(one) for one in entries[start : start + _BLOCK]]
        payload = events.TriggersSettled(entries=block)
        uow.emit(Event(kind, "triggers", str(uow.tenant_id), payload, count=len(block)))
