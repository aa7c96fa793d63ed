"""Referrals as values: the terms of a programme, the states of a referral, who may be referred. Standard library only."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Final
from uuid import UUID

REFUND: Final = "refund"
SAME_PERSON: Final = "same_person"
"""Why a referral is fraud when nobody of the staff said so."""


class RewardOn(IntEnum):
    """What makes a referral count, numbered as in the contract."""

    SIGNUP = 1
    FIRST_VISIT = 2
    FIRST_PAID_VISIT = 3


class ReferralState(IntEnum):
    """Lifecycle of a referral, numbered as in the contract."""

    PENDING = 1
    CONVERTED = 2
    REWARDED = 3
    EXPIRED = 4
    FRAUD = 5


STANDING: Final = frozenset({ReferralState.PENDING, ReferralState.CONVERTED, ReferralState.REWARDED})
"""States in which nobody else can refer the same person."""


class ReferralRefusedError(Exception):
    """Somebody cannot be referred, or not by this code."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reward:
    """What somebody gets: exactly one of these."""

    points: int | None = None
    percentage: int | None = None
    """In hundredths of a percent."""
    free_service_id: str | None = None

    @property
    def is_coupon(self) -> bool:
        """Returns whether it is given as a personal coupon."""
        return self.points is None

    def __str__(self) -> str:
        if self.points is not None:
            return f"{self.points} points" if self.points != 1 else "1 point"
        if self.percentage is not None:
            return f"{Decimal(self.percentage).scaleb(-2).normalize():f} % off"
        return f"service {self.free_service_id} for nothing"


@dataclass(frozen=True, slots=True)
class ReferralSettings:
    """The terms of a programme (LIF-11)."""

    is_enabled: bool = True
    referrer_reward: Reward = Reward(points=100)
    referred_reward: Reward = Reward(percentage=1000)
    max_referrals_per_month: int = 10
    min_order_for_reward: Decimal = Decimal(500)
    """In the tenant's currency."""
    reward_on: RewardOn = RewardOn.FIRST_PAID_VISIT
    expires_after_days: int = 90
    clawback_days: int = 14
    version: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Referral:
    """One person who was referred."""

    referral_id: UUID
    referrer_contact_id: UUID
    referral_code: str
    referred_contact_id: UUID
    referred_phone: str | None
    currency: str
    created_at: datetime
    expires_at: datetime
    state: ReferralState = ReferralState.PENDING
    state_before: ReferralState | None = None
    fraud_reason: str | None = None
    converted_at: datetime | None = None
    first_invoice_id: str | None = None
    first_invoice_amount: Decimal | None = None
    referrer_reward: Reward | None = None
    """As it was set when the referral began to count."""
    referrer_coupon_id: UUID | None = None
    credits: int = 0
    """How often the loyalty system was asked for points."""
    referrer_rewarded_at: datetime | None = None
    referred_reward: Reward | None = None
    referred_coupon_id: UUID | None = None
    referred_rewarded_at: datetime | None = None
    ended_coupon_ids: tuple[UUID, ...] = ()

    @property
    def coupon_ids(self) -> tuple[UUID, ...]:
        """Returns the coupons that were made for it."""
        return tuple(one for one in (self.referrer_coupon_id, self.referred_coupon_id) if one)

    @property
    def credit_id(self) -> str:
        """Returns the name of the last credit of points; a credit after it was taken back has another."""
        return f"{self.referral_id}/{self.credits}" if self.credits > 1 else str(self.referral_id)


@dataclass(frozen=True, slots=True)
class Act:
    """What a referred person did: signed up, visited, or paid an invoice."""

    on: RewardOn
    at: datetime
    invoice_id: str | None = None
    paid: Decimal | None = None
    """Net of coupons; None when in another currency than the tenant's."""


def counts(referral: Referral, act: Act, terms: ReferralSettings) -> bool:
    """Returns whether an act makes a referral count (LIF-81); one that does not uses up no chance."""
    if referral.state is not ReferralState.PENDING or act.on is not terms.reward_on:
        return False
    if not referral.created_at <= act.at < referral.expires_at:
        return False
    if act.on is RewardOn.FIRST_PAID_VISIT:
        return act.paid is not None and act.paid > 0 and act.paid >= terms.min_order_for_reward
    return True


def converted(referral: Referral, act: Act, terms: ReferralSettings, now: datetime) -> Referral:
    """Returns a referral that an act made count, with the reward that is promised now."""
    return replace(
        referral,
        state=ReferralState.CONVERTED,
        converted_at=now,
        first_invoice_id=act.invoice_id,
        first_invoice_amount=act.paid,
        referrer_reward=terms.referrer_reward,
    )


def rewarded(referral: Referral, now: datetime) -> Referral:
    """Returns a referral whose referrer has the reward."""
    return replace(referral, state=ReferralState.REWARDED, referrer_rewarded_at=now)


def is_clawed_back(referral: Referral, refunded_at: datetime, days: int) -> bool:
    """Returns whether a full refund of the first invoice takes the rewards back (LIF-83)."""
    return (
        referral.state in (ReferralState.CONVERTED, ReferralState.REWARDED)
        and referral.converted_at is not None
        and refunded_at <= referral.converted_at + timedelta(days=days)
    )


def marked(referral: Referral, reason: str, ended: tuple[UUID, ...] = ()) -> Referral:
    """Returns a referral that was found to be fraud; ValueError for one that expired."""
    if referral.state is ReferralState.EXPIRED:
        raise ValueError("has expired")
    return replace(
        referral,
        state=ReferralState.FRAUD,
        state_before=referral.state,
        fraud_reason=reason,
        ended_coupon_ids=ended,
    )


def cleared(referral: Referral) -> Referral:
    """Returns a referral as it stood before it was marked; ValueError for one that is not."""
    if referral.state is not ReferralState.FRAUD or referral.state_before is None:
        raise ValueError("is not marked as fraud")
    return replace(
        referral, state=referral.state_before, state_before=None, fraud_reason=None, ended_coupon_ids=()
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of somebody who is referred, and of the one who refers them."""

    is_enabled: bool = True
    is_code_known: bool = True
    """The code leads to somebody who is neither erased nor blocked."""
    is_self: bool = False
    month_count: int = 0
    limit: int = 1
    is_referred: bool = False
    is_new: bool = True


def refusal(one: Candidate) -> ReferralRefusedError | None:
    """Returns the first thing that stands against a referral, or None (LIF-80)."""
    tests = (
        (not one.is_enabled, "REFERRAL_DISABLED", "the referral programme is switched off"),
        (not one.is_code_known, "INVALID_REFERRAL_CODE", "there is no such referral code"),
        (one.is_self, "SELF_REFERRAL", "nobody refers themselves"),
        (
            one.month_count >= one.limit,
            "REFERRAL_LIMIT_REACHED",
            "the referrer has no referrals left this month",
        ),
        (one.is_referred, "ALREADY_REFERRED", "the person was referred before"),
        (not one.is_new, "NOT_A_NEW_CONTACT", "the person is no new customer"),
    )
    return next((ReferralRefusedError(reason, text) for stands, reason, text in tests if stands), None)
