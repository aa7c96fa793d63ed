"""What delivery tells about messages, as what becomes of the codes they carry (W5)."""

from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.coupons import pool
from services.common.db.uow import UnitOfWork


async def sent(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.MessagesSent) -> None:
    """Gives the codes of messages that went out to their contacts."""
    if payload.campaign_id and await pool.has_codes(uow):
        await pool.issue(uow, [UUID(one.message_id) for one in payload.messages])


async def stopped(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.MessagesStopped) -> None:
    """Returns the codes of messages that did not go out; of one whose outcome is unknown nobody is told."""
    if messages := [UUID(one.message_id) for one in payload.messages if one.campaign_id]:
        await pool.give_back(uow, messages)


async def retried(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.MessagesRetried) -> None:
    """Holds the codes of failed messages that are tried again."""
    if messages := [UUID(one.message_id) for one in payload.messages if one.campaign_id]:
        await pool.retake(uow, messages)
