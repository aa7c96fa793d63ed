"""Use cases of the compliance report: counting what events tell, and the report."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2 as pb
from angarium.consent.v1.consent_pb2 import ConsentSource, OptOutSource
from angarium.consent.v1.preference_service_pb2 import UnsubscribeMethod
from angarium.consent.v1.suppression_service_pb2 import SuppressionReason
from angarium.delivery.v1 import delivery_events_pb2 as delivery_pb2
from services.analytics.compliance import store
from services.analytics.compliance.domain import Report
from services.analytics.directory import store as directory
from services.analytics.facts import store as facts
from services.analytics.reports.campaigns import counts_of
from services.analytics.rollups import ranges
from services.analytics.rollups import store as rollups
from services.analytics.rollups.filters import Filters
from services.analytics.rollups.ranges import Asked
from services.analytics.timeline import store as timeline
from services.analytics.timeline.domain import Type
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork

_CONFIRMED: Final = "confirmed"
GIVEN: Final = ("granted", _CONFIRMED)


async def consents_updated(uow: UnitOfWork, envelope: EventEnvelope, payload: pb.ConsentsUpdated) -> None:
    """Counts changes of consents, and shows them in their contacts' timelines."""
    at = _time(envelope)
    counted = Counter((_uuid(one.branch_id), "consent", _change(one)) for one in payload.consents)
    await store.add(uow, at, counted)
    await timeline.put(
        uow,
        Type.CONSENT,
        at,
        [
            timeline.Row(
                UUID(one.contact_id),
                f"{envelope.event_id}:{number}",
                one.channel,
                f"{one.field} {_change(one)}",
                _uuid(one.branch_id),
            )
            for number, one in enumerate(payload.consents)
            if one.contact_id
        ],
    )


async def opted_out(uow: UnitOfWork, envelope: EventEnvelope, payload: pb.ContactOptedOut) -> None:
    """Counts an opt-out by how it was made, for the branch of the message that caused it."""
    at = payload.opt_out_time.ToDatetime(tzinfo=UTC)
    if payload.method:
        how = _word(UnsubscribeMethod.Name(payload.method), "UNSUBSCRIBE_METHOD_")
    else:
        how = _word(OptOutSource.Name(payload.source), "OPT_OUT_SOURCE_")
    # Of the message that caused it; an opt-out of all channels by a letter or a call is nobody's branch.
    branch_id = (await facts.branches(uow, [payload.message_id])).get(payload.message_id)
    await store.add(uow, at, {(branch_id, "opt_out", how): 1})
    if payload.contact_id:
        row = timeline.Row(
            UUID(payload.contact_id), envelope.event_id, payload.channel, f"opted out by {how}", branch_id
        )
        await timeline.put(uow, Type.CONSENT, at, [row])


async def suppressions_changed(
    uow: UnitOfWork, envelope: EventEnvelope, payload: pb.SuppressionsAdded | pb.SuppressionsRemoved
) -> None:
    """Counts suppressions that came or went, by reason."""
    kind = "suppression_added" if isinstance(payload, pb.SuppressionsAdded) else "suppression_removed"
    words = [_word(SuppressionReason.Name(one.reason), "SUPPRESSION_REASON_") for one in payload.suppressions]
    counted: Counter[store.Key] = Counter((None, kind, word) for word in words)
    await store.add(uow, _time(envelope), counted)


async def deferred(uow: UnitOfWork, envelope: EventEnvelope, payload: delivery_pb2.MessagesStopped) -> None:
    """Counts messages that were put off, by reason and branch."""
    branches = await facts.branches(uow, [one.message_id for one in payload.messages])
    counted: Counter[store.Key] = Counter(
        (branches.get(one.message_id), "deferral", one.reason) for one in payload.messages
    )
    await store.add(uow, _time(envelope), counted)


async def request_created(
    uow: UnitOfWork, envelope: EventEnvelope, payload: pb.PrivacyRequestCreated
) -> None:
    """Notes a request about a person's data."""
    await store.note_request(uow, UUID(payload.privacy_request_id), payload.kind, created_at=_time(envelope))


async def request_completed(
    uow: UnitOfWork, envelope: EventEnvelope, payload: pb.PrivacyRequestCompleted
) -> None:
    """Notes that a request about a person's data was answered."""
    await store.note_request(
        uow, UUID(payload.privacy_request_id), payload.kind, completed_at=_time(envelope)
    )


async def report(
    database: Database, tenant_id: UUID, asked: Asked, branches: Sequence[UUID] | None
) -> Report:
    """Returns the compliance report of a range, by the time of the event."""
    async with database.tenant(tenant_id) as uow:
        span = ranges.span(asked, uow.now(), await directory.time_zone(uow), ranges.MONTH)
        reasons = await store.reasons(uow, span.start, span.end, branches)
        cut = Filters(branch_ids=None if branches is None else tuple(branches))
        counts = counts_of((await rollups.figures(uow, span, cut))[0][1])
        return Report(
            start=span.start,
            end=span.end,
            counts=await store.counts(uow, span.start, span.end, branches),
            skips=reasons.get("skipped", []),
            bounces=reasons.get("bounced", []),
            complaints=counts.complained,
            delivered=counts.delivered,
            privacy=[] if branches is not None else await store.privacy(uow, span.start, span.end),
        )


def _change(one: pb.ConsentUpdated) -> str:
    """Returns what became of a consent: a pending one that is granted was confirmed."""
    if one.new_value == "granted" and one.old_value == "pending":
        return _CONFIRMED
    return one.new_value or ConsentSource.Name(one.source).lower()


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None


def _time(envelope: EventEnvelope) -> datetime:
    return envelope.occur_time.ToDatetime(tzinfo=UTC)


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower()
