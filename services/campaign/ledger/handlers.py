"""What delivery tells about messages, block by block, as lines of the ledger."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.budgets import handlers as budgets
from services.campaign.budgets.domain import NO_BRANCH
from services.campaign.budgets.handlers import Price
from services.campaign.ledger import settling, store
from services.campaign.ledger.domain import RecipientState
from services.campaign.ledger.settling import Move
from services.campaign.runs import due
from services.campaign.tallies import store as tallies
from services.campaign.tenants import store as tenants
from services.common.db.uow import UnitOfWork
from services.common.money import Money

_REACHED = {
    "message.delivered": RecipientState.DELIVERED,
    "message.read": RecipientState.READ,
}
_STOPPED = {
    "message.failed": RecipientState.FAILED,
    "message.skipped": RecipientState.SKIPPED,
    "message.expired": RecipientState.EXPIRED,
    "message.cancelled": RecipientState.CANCELLED,
    "message.unknown": RecipientState.UNKNOWN,
}


async def accepted(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.MessagesAccepted) -> None:
    """Notes messages that a trigger sent for a campaign; those of runs have their lines already (CAM-104)."""
    shared = payload.dimensions
    if not shared.campaign_id or shared.run_id:
        return
    run_id = await due.triggered_run(uow, UUID(shared.campaign_id))
    messages = [(UUID(one.message_id), UUID(one.contact_id)) for one in payload.messages if one.contact_id]
    if run_id is not None and messages:
        await tallies.lock(uow, run_id)
        await store.add_triggered(uow, run_id, messages)


async def sent(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.MessagesSent) -> None:
    """Notes messages that a provider took."""
    if not payload.campaign_id:
        return
    await tallies.lock_of_campaigns(uow, [UUID(payload.campaign_id)])
    sent_at = list(_instants(one.send_time for one in payload.messages))
    if len(set(sent_at)) == 1:
        ids = dict.fromkeys(one.message_id for one in payload.messages)
        await settling.apply_alike(uow, [_id(text) for text in ids], RecipientState.SENT, sent_at=sent_at[0])
        return
    moves = (
        Move(UUID(one.message_id), RecipientState.SENT, sent_at=at)
        for one, at in zip(payload.messages, sent_at, strict=True)
    )
    await settling.apply(uow, _once(moves))


async def reached(uow: UnitOfWork, envelope: EventEnvelope, payload: events.MessagesReached) -> None:
    """Notes messages that arrived or were read."""
    state = _REACHED[envelope.type]
    of_campaigns = [one for one in payload.messages if one.campaign_id]
    await tallies.lock_of_campaigns(uow, {UUID(one.campaign_id) for one in of_campaigns})
    arrived = state is RecipientState.DELIVERED
    await settling.apply(
        uow,
        _once(
            Move(
                UUID(one.message_id),
                state,
                delivered_at=_instant(one.occur_time) if arrived else None,
            )
            for one in of_campaigns
        ),
    )


async def stopped(uow: UnitOfWork, envelope: EventEnvelope, payload: events.MessagesStopped) -> None:
    """Notes messages that did not get further."""
    state = _STOPPED[envelope.type]
    of_campaigns = [one for one in payload.messages if one.campaign_id]
    await tallies.lock_of_campaigns(uow, {UUID(one.campaign_id) for one in of_campaigns})
    await settling.apply(
        uow, _once(Move(UUID(one.message_id), state, one.reason or one.code) for one in of_campaigns)
    )
    if state is not RecipientState.UNKNOWN:
        await budgets.release_messages(uow, list({UUID(one.message_id) for one in of_campaigns}))


async def retried(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.MessagesRetried) -> None:
    """Notes failed messages that were given a fresh series of tries."""
    of_campaigns = [one for one in payload.messages if one.campaign_id]
    await tallies.lock_of_campaigns(uow, {UUID(one.campaign_id) for one in of_campaigns})
    await settling.reopen_failed(uow, [UUID(one.message_id) for one in of_campaigns])


async def bounced(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.RecipientsReported) -> None:
    """Notes messages that came back."""
    of_campaigns = [one for one in payload.reports if one.campaign_id]
    await tallies.lock_of_campaigns(uow, {UUID(one.campaign_id) for one in of_campaigns})
    await settling.apply(
        uow,
        _once(Move(UUID(one.message_id), RecipientState.BOUNCED, one.code) for one in of_campaigns),
    )


async def complained(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.RecipientsReported) -> None:
    """Counts complaints."""
    of_campaigns = [one for one in payload.reports if one.campaign_id]
    await tallies.lock_of_campaigns(uow, {UUID(one.campaign_id) for one in of_campaigns})
    await settling.complain(uow, sorted({UUID(one.message_id) for one in of_campaigns}))


async def costs_recorded(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.CostsRecorded) -> None:
    """Adds what attempts cost to their run and to the month's spend, in the tenant's currency (CAM-74)."""
    assert uow.tenant_id is not None  # noqa: S101 - an event is handled for its tenant
    owner = await tenants.tenant(uow, uow.tenant_id)
    prices = [
        (one, Money.from_proto(one.cost).amount)
        for one in payload.costs
        if owner is not None and one.cost.currency_code == owner.currency_code
    ]
    if owner is None or not prices:
        return
    if payload.campaign_id:
        await tallies.lock_of_campaigns(uow, [UUID(payload.campaign_id)])
        await settling.record_costs(
            uow, [(UUID(one.message_id), one.attempt, amount) for one, amount in prices]
        )
    # What the platform bears is no money of the tenant's.
    await budgets.spend(
        uow, owner, [_price(one, amount) for one, amount in prices if not one.is_platform_cost]
    )


def _price(one: events.CostRecorded, amount: Decimal) -> Price:
    branch_id = UUID(one.branch_id) if one.branch_id else NO_BRANCH
    return Price(UUID(one.message_id), one.attempt, amount, one.billing_period, branch_id, one.is_budgeted)


def _id(text: str) -> bytes:
    """Returns an id as the bytes PostgreSQL reads; ValueError when it is none."""
    return bytes.fromhex(text.replace("-", ""))


def _once(moves: Iterable[Move]) -> list[Move]:
    """Returns the last move of each line, as an update takes each line once."""
    return list({move.recipient_id: move for move in moves}.values())


def _instants(stamps: Iterable[Timestamp]) -> Iterator[datetime]:
    """Yields instants; those of a block are most often one, and reading it once is enough."""
    known: dict[tuple[int, int], datetime] = {}
    for stamp in stamps:
        key = (stamp.seconds, stamp.nanos)
        if (instant := known.get(key)) is None:
            instant = known[key] = _instant(stamp)
        yield instant


def _instant(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
