"""What became of the messages of triggers: written to their history in the transaction that settles them."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.coupons import pool
from services.campaign.feedback import requests as feedback
from services.campaign.notices.domain import Outcome, State
from services.campaign.triggers import history, telling
from services.campaign.triggers.domain import HistoryState, TriggerType
from services.common.db.uow import UnitOfWork

_STATES: Final[Mapping[State, HistoryState]] = {
    State.SENT: HistoryState.SENT,
    State.SKIPPED: HistoryState.SKIPPED,
    State.FAILED: HistoryState.FAILED,
    State.CANCELLED: HistoryState.SKIPPED,
}


async def settled(uow: UnitOfWork, outcome: Outcome) -> None:
    """Settles the entry of a notice, tells of it, and issues its code or gives it back."""
    message_id = outcome.message_ids[0] if outcome.message_ids else None
    held = UUID(outcome.key)
    entry = await history.settle(uow, held, _STATES[outcome.state], outcome.reason, message_id)
    if entry is None:
        return
    is_sent = entry.state is HistoryState.SENT
    if is_sent:
        telling.fired(uow, [entry])
    else:
        telling.skipped(uow, [entry])
    if entry.trigger_type is TriggerType.FEEDBACK_REQUEST and is_sent and message_id:
        await feedback.sent(uow, entry.contact_id, entry.reference_id, message_id)
    if entry.campaign_id and is_sent and message_id:
        await pool.hand_on(uow, held, message_id)
    elif entry.campaign_id:
        await pool.give_back(uow, [held])


async def stopped(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.MessagesStopped) -> None:
    """Follows messages that delivery took and then did not send: consent changed, or their time ran out."""
    ids = [UUID(one.message_id) for one in payload.messages]
    reasons = [one.reason or one.code for one in payload.messages]
    entries = await history.withdraw(uow, ids, HistoryState.SKIPPED, reasons)
    telling.skipped(uow, entries)
