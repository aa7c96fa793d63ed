"""Informative copies on contacts for segments: consents, reach, scores, last sign of life; decisions never read them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, cast
from uuid import UUID

from google.protobuf.message import Message

from angarium.analytics.v1 import analytics_events_pb2
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2
from angarium.delivery.v1 import delivery_events_pb2, receipt_service_pb2
from services.campaign.contacts import counters, reach
from services.campaign.contacts.reach import Change
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler

_CHANNELS: Final[Mapping[int, str]] = {
    enums_pb2.CHANNEL_EMAIL: "email",
    enums_pb2.CHANNEL_SMS: "sms",
    enums_pb2.CHANNEL_WHATSAPP: "whatsapp",
    enums_pb2.CHANNEL_PUSH: "push",
}
_HUMAN: Final = receipt_service_pb2.ENGAGEMENT_CLASS_HUMAN
_GRANTED: Final = "granted"
_OPTED_OUT: Final = "marketing_opted_out"


async def consents_updated(uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
    """Copies on which channels contacts agreed to marketing of the whole tenant."""
    said = cast("consent_events_pb2.ConsentsUpdated", payload)
    changes: dict[UUID, Change] = {}
    # Those of an import mostly say the same.
    known: dict[tuple[object, ...], Change | None] = {}
    for one in said.consents:
        if not one.contact_id:
            continue
        alike = (one.field, one.new_value, one.channel, one.message_class, one.branch_id)
        if alike not in known:
            known[alike] = _consent(one)
        if change := known[alike]:
            contact_id = UUID(one.contact_id)
            before = changes.get(contact_id)
            changes[contact_id] = before.then(change) if before else change
    await reach.change(uow, changes)


async def opted_out(uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
    """Copies that a contact wants no marketing, on one channel or on all."""
    said = cast("consent_events_pb2.ContactOptedOut", payload)
    if said.contact_id:
        await reach.change(uow, {UUID(said.contact_id): _refused(said.channel)})


async def invalid(uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
    """Copies that somebody has no WhatsApp."""
    said = cast("delivery_events_pb2.RecipientsReported", payload)
    changes = {
        UUID(one.contact_id): Change(has_whatsapp=False)
        for one in said.reports
        if one.contact_id and one.channel == enums_pb2.CHANNEL_WHATSAPP
    }
    await reach.change(uow, changes)


async def scored(uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
    """Copies how engaged contacts are (ANA-70)."""
    said = cast("analytics_events_pb2.EngagementScored", payload)
    await reach.score(uow, {UUID(one.contact_id): one.score for one in said.scores})


async def engaged(uow: UnitOfWork, _: EventEnvelope, payload: delivery_events_pb2.MessagesEngaged) -> None:
    """Notes opens and clicks of people as signs of life; those of machines are none."""
    latest: dict[UUID, datetime] = {}
    for hit in payload.hits:
        if hit.contact_id and hit.engagement_class == _HUMAN:
            contact_id, at = UUID(hit.contact_id), hit.occur_time.ToDatetime(tzinfo=UTC)
            latest[contact_id] = max(latest.get(contact_id, at), at)
    if latest:
        await counters.active(uow, latest)


def _consent(one: consent_events_pb2.ConsentUpdated) -> Change | None:
    if one.field == _OPTED_OUT:
        return _refused(enums_pb2.CHANNEL_UNSPECIFIED) if one.new_value == "true" else None
    channel = _CHANNELS.get(one.channel)
    if channel is None or one.branch_id or one.message_class != enums_pb2.MESSAGE_CLASS_MARKETING:
        return None
    is_granted = one.new_value == _GRANTED
    # Whoever agrees to WhatsApp has it.
    return Change({channel: is_granted}, has_whatsapp=True if is_granted and channel == "whatsapp" else None)


def _refused(channel: int) -> Change:
    named = _CHANNELS.get(channel)
    return Change(dict.fromkeys([named] if named else reach.CHANNELS, False))


HANDLERS: Final[Mapping[str, Handler]] = {
    "consent.updated": consents_updated,
    "consent.opted_out": opted_out,
    "recipient.invalid": invalid,
    "engagement.scored": scored,
}
