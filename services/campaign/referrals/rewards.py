"""What referrals bring: coupons and points, given once per referral and side, and taken back from fraud (LIF-82, LIF-83)."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from angarium.common.v1 import enums_pb2
from services.campaign.contacts import store as contacts
from services.campaign.contacts.domain import ContactState
from services.campaign.coupons import handlers as coupons
from services.campaign.coupons.domain import Coupon, CouponState
from services.campaign.coupons.eligibility import today_of
from services.campaign.notices.domain import Mode, Notice, Reader, Source
from services.campaign.notices.notices import Notices
from services.campaign.referrals import convert, store
from services.campaign.referrals.domain import Referral, ReferralState, Reward, cleared, marked, rewarded
from services.campaign.tenants.domain import Tenant
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, failed, invalid
from services.common.events.event import Event
from services.common.ids import uuid7

TEMPLATE: Final = "referral-rewarded"
CHANNELS: Final = (
    enums_pb2.CHANNEL_WHATSAPP,
    enums_pb2.CHANNEL_EMAIL,
    enums_pb2.CHANNEL_SMS,
    enums_pb2.CHANNEL_PUSH,
)
_MADE_BY: Final = "referrals"
_POINTS: Final = ("loyalty.points_credit_requested", "loyalty.points_debit_requested")


async def coupon_for(uow: UnitOfWork, owner: Tenant, reward: Reward, contact_id: UUID, days: int) -> Coupon:
    """Makes the personal coupon of a reward, good once and for so many days."""
    today = today_of(uow, owner)
    return await coupons.make(
        uow,
        Coupon(
            coupon_id=uuid7(),
            name=f"Referral: {reward}"[:100],
            valid_from=today,
            valid_until=today + timedelta(days=days),
            currency=owner.currency_code,
            percentage=reward.percentage,
            free_service_id=reward.free_service_id,
            max_total_uses=1,
            contact_id=contact_id,
            created_by=_MADE_BY,
            created_at=uow.now(),
        ),
    )


async def pay(uow: UnitOfWork, notices: Notices, owner: Tenant, referral: Referral, days: int) -> Referral:
    """Gives the referrer what a referral that counts has earned; points are there once they are acknowledged."""
    reward = referral.referrer_reward
    referrer = await contacts.by_key(uow, contact_id=referral.referrer_contact_id)
    if reward is None or referrer is None or referrer.state is ContactState.ERASED:
        return referral
    if not reward.is_coupon:
        asked = replace(referral, credits=referral.credits + 1)
        await store.save(uow, asked)
        await _ask_for_points(uow, asked, taken_back=False)
        return asked
    assert referrer.contact_id is not None  # noqa: S101 - a stored contact has its id
    coupon = await coupon_for(uow, owner, reward, referrer.contact_id, days)
    paid = replace(referral, referrer_coupon_id=coupon.coupon_id)
    return await settle(uow, notices, paid, coupon)


async def settle(
    uow: UnitOfWork, notices: Notices, referral: Referral, coupon: Coupon | None = None
) -> Referral:
    """Notes that the referrer has the reward, and has them told; consent decides whether they are."""
    after = rewarded(referral, uow.now())
    await store.save(uow, after)
    tell(uow, "referral.rewarded", after)
    referrer = await contacts.by_key(uow, contact_id=referral.referrer_contact_id)
    await notices.add(uow, [_notice(after, coupon, referrer.branch_id if referrer else None)])
    return after


async def take_back(
    uow: UnitOfWork, notices: Notices, known: Referral, reason: str, actor: str = ""
) -> Referral:
    """Marks a referral as fraud; coupons nobody used end, and points are asked back."""
    if known.state is ReferralState.EXPIRED:
        raise invalid("referral_id", "names a referral that has expired")
    ended = [one for one in known.coupon_ids if await coupons.switch_unused(uow, one, CouponState.INACTIVE)]
    after = marked(known, reason, tuple(ended))
    await store.save(uow, after)
    if known.credits:
        await _ask_for_points(uow, after, taken_back=True)
    await notices.cancel(uow, _key(known), "fraud")
    tell(uow, "referral.fraud_marked", after, actor)
    await _record(uow, "referral.mark_fraud", known, after, reason)
    return after


async def give_back(uow: UnitOfWork, known: Referral, reason: str) -> Referral:
    """Puts a referral back where it stood before it was marked, with what was taken.

    Raises:
        ServiceError: VALIDATION_FAILED for one that is not marked; ALREADY_REFERRED when the person was referred again.
    """
    try:
        after = cleared(known)
    except ValueError as error:
        raise invalid("referral_id", f"names a referral that {error}") from None
    if await store.is_referred(uow, known.referred_phone or "", known.referred_contact_id):
        raise _referred_again()
    # Somebody may refer them at this moment.
    for index in ("uq_referral_contact", "uq_referral_phone"):
        uow.on_violation(index, _referred_again)
    for coupon_id in known.ended_coupon_ids:
        await coupons.switch_unused(uow, coupon_id, CouponState.ACTIVE)
    if known.credits:
        after = replace(after, credits=known.credits + 1)
        await _ask_for_points(uow, after, taken_back=False)
    await store.save(uow, after)
    await _record(uow, "referral.clear_fraud", known, after, reason)
    return after


def _referred_again() -> ServiceError:
    return failed("ALREADY_REFERRED", "the person was referred again meanwhile")


def tell(uow: UnitOfWork, type_: str, referral: Referral, actor: str = "") -> None:
    """Announces what became of a referral."""
    uow.emit(Event(type_, "referral", str(referral.referral_id), convert.changed(referral, actor)))


async def _ask_for_points(uow: UnitOfWork, referral: Referral, *, taken_back: bool) -> None:
    assert referral.referrer_reward is not None  # noqa: S101 - there is something to give
    referrer = await contacts.by_key(uow, contact_id=referral.referrer_contact_id)
    payload = events_pb2.PointsRequested(
        contact_id=str(referral.referrer_contact_id),
        external_id=(referrer.external_id if referrer else None) or "",
        points=referral.referrer_reward.points or 0,
        reason="referral",
        referral_id=str(referral.referral_id),
        credit_id=referral.credit_id,
    )
    uow.emit(Event(_POINTS[taken_back], "referral", str(referral.referral_id), payload))


def _notice(referral: Referral, coupon: Coupon | None, branch_id: UUID | None) -> Notice:
    # Who came, and what they paid, is their own business: it is not told.
    reward: dict[str, object] = {}
    if coupon is not None:
        reward["couponCode"] = coupon.code
    elif referral.referrer_reward is not None:
        reward["points"] = referral.referrer_reward.points
    return Notice(
        source=Source.REFERRAL,
        key=f"{referral.referral_id}/rewarded",
        reader=Reader(contact_id=referral.referrer_contact_id),
        category=enums_pb2.CATEGORY_REFERRAL,
        template=TEMPLATE,
        channels=CHANNELS,
        mode=Mode.FIRST,
        variables=reward,
        correlation_key=_key(referral),
        rule=TEMPLATE,
        branch_id=branch_id,
    )


def _key(referral: Referral) -> str:
    return f"referral/{referral.referral_id}"


async def _record(uow: UnitOfWork, action: str, before: Referral, after: Referral, reason: str) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="referral",
        resource_id=after.referral_id,
        before={"state": before.state.name.lower()},
        after={"state": after.state.name.lower(), "reason": reason},
    )
