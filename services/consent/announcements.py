"""The events this service emits, in blocks of at most 1,000 items (EVT-110 to EVT-113)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from angarium.consent.v1 import consent_events_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.events.event import MAX_ITEMS, Event
from services.common.ids import uuid_text
from services.consent.consents.domain import Consent
from services.consent.consents.trail import Change
from services.consent.ledger.domain import Kind
from services.consent.ledger.lines import Line, lines_of
from services.consent.people import Subject
from services.consent.suppression.domain import StoredEntry
from services.consent.words import (
    CHANNEL,
    CONSENT_SOURCE,
    MESSAGE_CLASS,
    METHOD,
    OPT_OUT_SOURCE,
    SCOPE,
    SUPPRESSION_REASON,
    text_of,
    timestamp,
)

T = TypeVar("T")


def consents_changed(uow: UnitOfWork, changes: Sequence[Change], source: str) -> None:
    """Emits `consent.updated` for changes of consents and flags."""
    lines_written(uow, lines_of(changes), source)


def lines_written(uow: UnitOfWork, lines: Sequence[Line], source: str) -> None:
    """Emits `consent.updated` for lines of the trail about consents."""
    said: dict[Kind, pb.ConsentUpdated] = {}
    for block in _blocks(lines):
        payload = pb.ConsentsUpdated()
        for line in block:
            alike = said.get(line.kind)
            if alike is None:
                alike = said[line.kind] = _updated(line.kind, source)
            alike.contact_id = uuid_text(line.contact) if line.contact else ""
            payload.consents.append(alike)
        first = block[0]
        about = uuid_text(first.contact) if first.contact else (first.address_hash or b"").hex()[:32]
        uow.emit(Event("consent.updated", "contact", about, payload, len(block)))


def _updated(kind: Kind, source: str) -> pb.ConsentUpdated:
    return pb.ConsentUpdated(
        field=kind.field_changed,
        old_value=kind.old_value or "",
        new_value=kind.new_value or "",
        channel=CHANNEL.number(kind.channel),  # type: ignore[arg-type]
        message_class=MESSAGE_CLASS.number(kind.message_class),  # type: ignore[arg-type]
        branch_id=text_of(kind.branch_id),
        source=CONSENT_SOURCE.number(source),  # type: ignore[arg-type]
    )


def confirmation_requested(uow: UnitOfWork, consent: Consent) -> None:
    """Emits `consent.confirmation_requested` for a consent that waits; it names the consent, never the link."""
    about = text_of(consent.key.contact_id) or (consent.key.address_hash or b"").hex()[:32]
    payload = pb.ConsentConfirmationRequested(
        consent_id=str(consent.consent_id),
        contact_id=text_of(consent.key.contact_id),
        channel=CHANNEL.number(consent.key.channel),  # type: ignore[arg-type]
        confirmation_count=consent.confirmation_count,
        expire_time=timestamp(consent.confirmation_expires_at),
    )
    uow.emit(Event("consent.confirmation_requested", "contact", about, payload))


def fresh_link_requested(uow: UnitOfWork, request_id: UUID, expires_at: datetime) -> None:
    """Emits `preferences.fresh_link_requested`; it names the asking, never the address, nor whether anybody has it."""
    payload = pb.FreshLinkRequested(request_id=str(request_id), expire_time=timestamp(expires_at))
    uow.emit(Event("preferences.fresh_link_requested", "fresh_link", str(request_id), payload))


def opted_out(
    uow: UnitOfWork,
    subject: Subject,
    *,
    channel: str | None,
    source: str,
    method: str | None,
    message_id: UUID | None,
    campaign_id: UUID | None,
    at: datetime,
) -> None:
    """Emits `consent.opted_out` for one person."""
    payload = pb.ContactOptedOut(
        contact_id=text_of(subject.contact_id),
        channel=CHANNEL.number(channel),  # type: ignore[arg-type]
        source=OPT_OUT_SOURCE.number(source),  # type: ignore[arg-type]
        method=METHOD.number(method),  # type: ignore[arg-type]
        message_id=text_of(message_id),
        campaign_id=text_of(campaign_id),
        opt_out_time=timestamp(at),
    )
    uow.emit(Event("consent.opted_out", "contact", subject.aggregate_id, payload))


def suppressions_added(uow: UnitOfWork, entries: Sequence[StoredEntry]) -> None:
    """Emits `suppression.added` for entries that did not stand before."""
    for block in _blocks(entries):
        payload = pb.SuppressionsAdded(suppressions=map(_suppression, block))
        uow.emit(Event("suppression.added", "suppression", str(block[0].suppression_id), payload, len(block)))


def suppressions_removed(uow: UnitOfWork, entries: Sequence[StoredEntry]) -> None:
    """Emits `suppression.removed` for entries that were lifted or ended."""
    for block in _blocks(entries):
        payload = pb.SuppressionsRemoved(suppressions=map(_suppression, block))
        uow.emit(
            Event("suppression.removed", "suppression", str(block[0].suppression_id), payload, len(block))
        )


def _suppression(stored: StoredEntry) -> pb.SuppressionChange:
    entry = stored.entry
    return pb.SuppressionChange(
        suppression_id=str(stored.suppression_id),
        channel=0 if entry.channel == "all" else CHANNEL.number(entry.channel),  # type: ignore[arg-type]
        scope=SCOPE.number(entry.scope),  # type: ignore[arg-type]
        reason=SUPPRESSION_REASON.number(entry.reason),  # type: ignore[arg-type]
        contact_id=text_of(entry.contact_id),
    )


def _blocks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), MAX_ITEMS):
        yield items[start : start + MAX_ITEMS]
