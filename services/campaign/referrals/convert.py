"""Between referrals and the contract."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from angarium.campaign.v1 import referral_pb2 as pb
from services.campaign.coupons.convert import amount_of, money
from services.campaign.referrals.domain import Referral, ReferralSettings, Reward, RewardOn
from services.common.errors import Violation, invalid_many
from services.common.privacy import mask_phone

MASKABLE: Final = (
    "is_enabled",
    "referrer_reward",
    "referred_reward",
    "max_referrals_per_month",
    "min_order_for_reward",
    "reward_on",
    "expires_after_days",
    "clawback_days",
)


def settings_to_proto(terms: ReferralSettings, currency: str) -> pb.ReferralSettings:
    """Returns the terms of a programme as the contract shows them."""
    return pb.ReferralSettings(
        is_enabled=terms.is_enabled,
        referrer_reward=reward_to_proto(terms.referrer_reward),
        referred_reward=reward_to_proto(terms.referred_reward),
        max_referrals_per_month=terms.max_referrals_per_month,
        min_order_for_reward=money(currency, terms.min_order_for_reward),
        reward_on=f"REWARD_ON_{terms.reward_on.name}",
        expires_after_days=terms.expires_after_days,
        clawback_days=terms.clawback_days,
        etag=str(terms.version),
    )


def changed_settings(
    known: ReferralSettings, message: pb.ReferralSettings, paths: list[str], currency: str
) -> ReferralSettings:
    """Returns terms with the fields that `paths` name as the message has them; every wrong field is named at once."""
    whole = settings_to_proto(known, currency)
    for path in paths:
        whole.ClearField(path)
    part = pb.ReferralSettings()
    part.CopyFrom(message)
    for name in MASKABLE:
        if name not in paths:
            part.ClearField(name)
    whole.MergeFrom(part)
    least, wrong = _least_order(whole, currency)
    rewards = {
        name: reward_from_proto(getattr(whole, name)) for name in ("referrer_reward", "referred_reward")
    }
    wrong += _problems(whole, rewards)
    if wrong:
        raise invalid_many(wrong)
    return ReferralSettings(
        is_enabled=whole.is_enabled,
        referrer_reward=rewards["referrer_reward"] or known.referrer_reward,
        referred_reward=rewards["referred_reward"] or known.referred_reward,
        max_referrals_per_month=whole.max_referrals_per_month,
        min_order_for_reward=least,
        reward_on=RewardOn(whole.reward_on),
        expires_after_days=whole.expires_after_days,
        clawback_days=whole.clawback_days,
        version=known.version,
    )


def _least_order(message: pb.ReferralSettings, currency: str) -> tuple[Decimal, list[Violation]]:
    try:
        least = amount_of(message.min_order_for_reward, currency)
    except ValueError as error:
        return Decimal(0), [Violation("settings.min_order_for_reward", str(error))]
    return least, [Violation("settings.min_order_for_reward", "must not be negative")] if least < 0 else []


def _problems(message: pb.ReferralSettings, rewards: Mapping[str, Reward | None]) -> list[Violation]:
    """Returns what is wrong with terms whose fields are each well formed."""
    wrong = [
        Violation(f"settings.{name}", "is needed: points, percentage or free_service_id")
        for name, reward in rewards.items()
        if reward is None
    ]
    if (referred := rewards["referred_reward"]) is not None and referred.points is not None:
        wrong.append(Violation("settings.referred_reward.points", "are for referrers only"))
    wrong.extend(
        Violation(f"settings.{name}", "must be at least 1")
        for name in ("max_referrals_per_month", "expires_after_days")
        if getattr(message, name) < 1
    )
    if not message.reward_on:
        wrong.append(Violation("settings.reward_on", "is needed"))
    return wrong


def reward_from_proto(message: pb.ReferralReward) -> Reward | None:
    """Returns the reward of a message; None when it names none."""
    which = message.WhichOneof("reward")
    return Reward(**{which: getattr(message, which)}) if which else None


def reward_to_proto(
    reward: Reward | None,
    coupon_id: UUID | None = None,
    code: str = "",
    issued_at: datetime | None = None,
) -> pb.ReferralReward | None:
    """Returns a reward as the contract shows it, with what became of it."""
    if reward is None:
        return None
    return pb.ReferralReward(
        points=reward.points,
        percentage=reward.percentage,
        free_service_id=reward.free_service_id,
        description=str(reward),
        coupon_id=str(coupon_id or ""),
        coupon_code=code,
        issue_time=_time(issued_at),
    )


def referral_to_proto(one: Referral, codes: Mapping[UUID, str]) -> pb.Referral:
    """Returns a referral as the contract shows it; `codes` are those of its coupons."""

    def code(coupon_id: UUID | None) -> str:
        return codes.get(coupon_id, "") if coupon_id else ""

    return pb.Referral(
        referral_id=str(one.referral_id),
        referrer_contact_id=str(one.referrer_contact_id),
        referral_code=one.referral_code,
        referred_contact_id=str(one.referred_contact_id),
        masked_phone=mask_phone(one.referred_phone) if one.referred_phone else "",
        state=f"STATE_{one.state.name}",
        create_time=_time(one.created_at),
        expire_time=_time(one.expires_at),
        convert_time=_time(one.converted_at),
        first_invoice_id=one.first_invoice_id or "",
        first_invoice_amount=None
        if one.first_invoice_amount is None
        else money(one.currency, one.first_invoice_amount),
        referrer_reward=reward_to_proto(
            one.referrer_reward,
            one.referrer_coupon_id,
            code(one.referrer_coupon_id),
            one.referrer_rewarded_at,
        ),
        referred_reward=reward_to_proto(
            one.referred_reward,
            one.referred_coupon_id,
            code(one.referred_coupon_id),
            one.referred_rewarded_at,
        ),
        fraud_reason=one.fraud_reason or "",
    )


def changed(one: Referral, actor: str) -> events_pb2.ReferralChanged:
    """Returns what others are told of a referral: no address, and no code of a coupon."""
    shown = referral_to_proto(one, {})
    return events_pb2.ReferralChanged(
        referral_id=shown.referral_id,
        referrer_id=shown.referrer_contact_id,
        referred_id=shown.referred_contact_id,
        referral_code=shown.referral_code,
        state=shown.state,
        invoice_id=shown.first_invoice_id,
        amount=shown.first_invoice_amount if shown.HasField("first_invoice_amount") else None,
        referrer_reward=shown.referrer_reward if shown.HasField("referrer_reward") else None,
        referred_reward=shown.referred_reward if shown.HasField("referred_reward") else None,
        reason=shown.fraud_reason,
        actor=actor,
    )


def instant(message: Timestamp, *, is_given: bool) -> datetime | None:
    """Returns a bound of a time, or None where it is absent."""
    return message.ToDatetime(tzinfo=UTC) if is_given else None


def _time(value: datetime | None) -> Timestamp | None:
    if value is None:
        return None
    made = Timestamp()
    made.FromDatetime(value)
    return made
