"""What became of the messages of triggers: written to their history in the transaction that settles them."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.coupons import pool
from services.campaign.feedback import requests as feedback
from services.campaign.notices.domain import Listener, Outcome, State
from services.campaign.triggers import history, telling
from services.campaign.triggers.domain import HistoryState, TriggerType
from services.common.db.uow import UnitOfWork

_STATES: Final[Mapping[State, HistoryState]] = {
    State.SENT: HistoryState.SENT,
    State.SKIPPED: HistoryState.SKIPPED,
    State.FAILED: HistoryState.FAILED,
    State.CANCELLED: HistoryState.SKIPPED,
}


async def hold(uow: UnitOfWork, keys: Sequence[str]) -> None:
    """Locks the entries of notices."""
    await history.hold(uow, [UUID(one) for one in keys])


async def offered(uow: UnitOfWork, messages: Mapping[str, UUID]) -> None:
    """Notes the messages of entries before delivery knows them."""
    await history.offer(uow, {UUID(key): message_id for key, message_id in messages.items()})


async def settled(uow: UnitOfWork, outcomes: Sequence[Outcome]) -> None:
    """Settles the entries of notices, tells of them, and issues their codes or gives them back."""
    entries = await history.settle(
        uow,
        [
            (
                UUID(one.key),
                _STATES[one.state],
                one.reason,
                one.message_ids[0] if one.message_ids else None,
            )
            for one in outcomes
        ],
    )
    sent = [one for one in entries if one.state is HistoryState.SENT]
    skipped = [one for one in entries if one.state is not HistoryState.SENT]
    telling.fired(uow, sent)
    telling.skipped(uow, skipped)
    await feedback.sent(
        uow,
        [
            (one.contact_id, one.reference_id, one.message_id)
            for one in sent
            if one.trigger_type is TriggerType.FEEDBACK_REQUEST and one.message_id
        ],
    )
    await pool.hand_on(
        uow, {one.history_id: one.message_id for one in sent if one.campaign_id and one.message_id}
    )
    await pool.give_back(uow, [one.history_id for one in skipped if one.campaign_id])


LISTENER: Final = Listener(settled, hold, offered)


async def stopped(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.MessagesStopped) -> None:
    """Follows messages that delivery took and then did not send: consent changed, or their time ran out.

    It may be told before the notice itself is settled, which finds its entry ended then.
    """
    ids = [UUID(one.message_id) for one in payload.messages]
    reasons = [one.reason or one.code for one in payload.messages]
    entries = await history.withdraw(uow, ids, HistoryState.SKIPPED, reasons)
    telling.skipped(uow, entries)
    with_codes = [one for one in entries if one.campaign_id]
    await pool.give_back(uow, [one.history_id for one in with_codes])
    await pool.take_back(uow, [one.message_id for one in with_codes if one.message_id])
