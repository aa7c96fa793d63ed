"""Use cases of the conversions: recording them, and taking value back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.analytics.v1 import analytics_events_pb2 as pb
from angarium.campaign.v1 import campaign_events_pb2 as campaign_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from services.analytics.conversions import store
from services.analytics.conversions.domain import Attribution, Conversion, Credit, Kind, Observed, Reversed
from services.analytics.directory import store as directory
from services.analytics.facts import store as facts
from services.common.contact_data import merged
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.money import Money

KINDS: Final = {
    "invoice.finalized": Kind.PURCHASE,
    "order.completed": Kind.PURCHASE,
    "payment.succeeded": Kind.PURCHASE,
    "coupon.redeemed": Kind.COUPON_REDEMPTION,
    "visit.completed": Kind.VISIT,
    "feedback.received": Kind.FEEDBACK,
}
REVERSALS: Final = {
    "refund.completed": Kind.PURCHASE,
    "invoice.refunded": Kind.PURCHASE,
    "invoice.cancelled": Kind.PURCHASE,
    "coupon.reversed": Kind.COUPON_REDEMPTION,
}


async def record(uow: UnitOfWork, told: Observed) -> tuple[Conversion, bool]:
    """Records a conversion once and gives its credit; returns it, and whether it was known.

    NOT_FOUND for a message that no event told of.
    """
    known = await store.find(uow, told.kind, told.order_ref)
    if known is not None:
        return known, True
    credit, attribution = await _credited(uow, told)
    is_new = await store.add(uow, told, credit, attribution)
    if is_new and credit is not None:
        await facts.convert(
            uow,
            await directory.time_zone(uow),
            {"message_id": [credit.message_id], "at": [told.occurred_at]},
        )
    await store.settle(uow, told.kind, told.order_ref)
    found = await store.find(uow, told.kind, told.order_ref)
    assert found is not None  # noqa: S101 - it was added, here or meanwhile
    return found, not is_new


async def observed(uow: UnitOfWork, envelope: EventEnvelope, payload: pb.ConversionsObserved) -> None:
    """Records the conversions of an event."""
    for one in payload.conversions:
        money = Money.from_proto(one.value) if one.HasField("value") else None
        await record(
            uow,
            Observed(
                contact_id=_uuid(one.contact_id),
                kind=Kind(one.conversion_type) if one.conversion_type else KINDS[envelope.type],
                order_ref=one.order_ref or envelope.event_id,
                occurred_at=_time(one.occur_time if one.HasField("occur_time") else envelope.occur_time),
                value=money.amount if money else None,
                currency=money.currency if money else "",
                message_id=_uuid(one.message_id),
                coupon_code=one.coupon_code,
                coupon_campaign_id=_uuid(one.coupon_campaign_id),
                rating=one.rating or None,
            ),
        )


async def coupon_used(uow: UnitOfWork, envelope: EventEnvelope, payload: campaign_pb2.CouponUsed) -> None:
    """Records that a coupon was redeemed, and what came with it; a redemption that is reversed has brought nothing."""
    use = payload.redemption
    order, discount = Money.from_proto(use.order_amount), Money.from_proto(use.discount)
    told = Observed(
        contact_id=_uuid(use.contact_id),
        kind=Kind.COUPON_REDEMPTION,
        order_ref=f"{use.invoice_id}{store.COUPON_MARK}{use.redemption_id}",
        occurred_at=_time(use.redeem_time),
        value=order.amount - discount.amount if order.currency == discount.currency else order.amount,
        currency=order.currency,
        message_id=_uuid(use.message_id),
        coupon_code=use.code,
        coupon_campaign_id=_uuid(use.campaign_id),
    )
    await record(uow, await _of_known_message(uow, told))
    if use.HasField("reverse_time"):
        at = _time(use.reverse_time)
        await reverse(uow, [Reversed(told.kind, told.order_ref, envelope.type, at)])


async def feedback_received(
    uow: UnitOfWork, envelope: EventEnvelope, payload: campaign_pb2.FeedbackReceived
) -> None:
    """Records that a contact rated a visit; the timeline shows how, and the message that asked has the credit."""
    told = Observed(
        contact_id=_uuid(payload.contact_id),
        kind=Kind.FEEDBACK,
        order_ref=payload.feedback_id,
        occurred_at=_time(envelope.occur_time),
        message_id=_uuid(payload.message_id),
        rating=payload.rating,
    )
    await record(uow, await _of_known_message(uow, told))


async def taken_back(uow: UnitOfWork, envelope: EventEnvelope, payload: pb.ConversionsReversed) -> None:
    """Takes value back; the conversion stays one (ANA-66)."""
    await reverse(
        uow,
        [
            Reversed(
                kind=Kind(one.conversion_type) if one.conversion_type else REVERSALS[envelope.type],
                order_ref=one.order_ref,
                reversal_ref=one.reversal_ref or envelope.event_id,
                occurred_at=_time(envelope.occur_time),
                value=Money.from_proto(one.value).amount if one.HasField("value") else None,
                currency=one.value.currency_code,
            )
            for one in payload.reversals
        ],
    )


async def reverse(uow: UnitOfWork, reversals: Sequence[Reversed]) -> None:
    """Takes value back, each refund once; one that comes before its conversion waits for it."""
    for one in reversals:
        if await store.reverse(uow, one):
            await store.settle(uow, one.kind, one.order_ref)


async def _of_known_message(uow: UnitOfWork, told: Observed) -> Observed:
    """Returns what was told, without its message where the facts of that are gone; then the rules say whose it is."""
    if told.message_id is not None and await store.message(uow, told.message_id) is None:
        return replace(told, message_id=None)
    return told


async def _credited(uow: UnitOfWork, told: Observed) -> tuple[Credit | None, Attribution]:
    """Returns the message that has the credit: the one named, the coupon's, the last one clicked, or none."""
    if told.message_id is not None:
        named = await store.message(uow, told.message_id)
        if named is None:
            raise not_found("message", told.message_id)
        return named, Attribution.EXPLICIT
    if told.contact_id is None:
        return None, Attribution.NONE
    person = await merged.person(uow, told.contact_id)
    campaign_id = told.coupon_campaign_id
    if campaign_id is None and told.coupon_code:
        campaign_id = await store.campaign_of_coupon(uow, told.coupon_code)
    if campaign_id is not None:
        brought = await store.message_of_campaign(uow, campaign_id, person, told.occurred_at)
        if brought is not None:
            return brought, Attribution.COUPON
    clicked = await store.last_clicked(uow, person, told.occurred_at)
    return (clicked, Attribution.CLICK) if clicked else (None, Attribution.NONE)


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
