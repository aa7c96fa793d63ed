"""The terms of a tenant's programme and the codes of its contacts, as they are stored."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from services.campaign.referrals import codes
from services.campaign.referrals.domain import ReferralSettings, Reward, RewardOn
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted

_COLUMNS: Final = (
    "is_enabled, referrer_points, referrer_percentage, referrer_service_id, referred_percentage, referred_service_id,"
    " max_referrals_per_month, min_order, reward_on, expires_after_days, clawback_days, version"
)
_TRIES: Final = 10


async def current(uow: UnitOfWork, *, lock: bool = False) -> ReferralSettings:
    """Returns the terms of the tenant, the defaults until somebody changed them."""
    if lock:
        # The row is there before it is changed, so that two changes follow each other.
        await _write(uow, ReferralSettings(), "ON CONFLICT DO NOTHING")
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM referral_settings WHERE tenant_id = %s{' FOR UPDATE' if lock else ''}",  # noqa: S608 - names of columns
        (uow.tenant_id,),
    )
    return ReferralSettings() if row is None else _terms(row)


async def save(uow: UnitOfWork, terms: ReferralSettings) -> None:
    """Writes terms whose row is locked."""
    changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", "))
    await _write(
        uow, terms, f"ON CONFLICT (tenant_id) DO UPDATE SET {changes}, updated_at = excluded.updated_at"
    )


async def code_of(uow: UnitOfWork, contact_id: UUID, name: str | None) -> str:
    """Returns the code of a contact; the first call makes it (LIF-35)."""
    for _ in range(_TRIES):
        # Another call may make it at the same moment, or somebody else have the same code.
        await uow.execute(
            "INSERT INTO referral_code (tenant_id, code, contact_id, created_at)"
            " SELECT %(tenant_id)s, %(code)s, %(contact_id)s, %(now)s WHERE NOT EXISTS"
            " (SELECT FROM referral_code WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)"
            " ON CONFLICT DO NOTHING",
            {
                "tenant_id": uow.tenant_id,
                "code": codes.generate(name),
                "contact_id": contact_id,
                "now": uow.now(),
            },
        )
        found: str | None = await uow.fetch_value(
            "SELECT code FROM referral_code WHERE tenant_id = %s AND contact_id = %s",
            (uow.tenant_id, contact_id),
        )
        if found is not None:
            return found
    raise aborted("no free referral code was found: try again")


async def owner_of(uow: UnitOfWork, code: str) -> UUID | None:
    """Returns the contact that a canonical code was made for; None when there is no such code."""
    found: UUID | None = await uow.fetch_value(
        "SELECT contact_id FROM referral_code WHERE tenant_id = %s AND code = %s", (uow.tenant_id, code)
    )
    return found


async def _write(uow: UnitOfWork, terms: ReferralSettings, otherwise: str) -> None:
    values = (
        terms.is_enabled,
        *_parts(terms.referrer_reward),
        *_parts(terms.referred_reward)[1:],
        terms.max_referrals_per_month,
        terms.min_order_for_reward,
        int(terms.reward_on),
        terms.expires_after_days,
        terms.clawback_days,
        terms.version,
    )
    await uow.execute(
        f"INSERT INTO referral_settings (tenant_id, {_COLUMNS}, updated_at)"  # noqa: S608 - names of columns
        f" VALUES (%s, {', '.join(['%s'] * len(values))}, %s) {otherwise}",
        (uow.tenant_id, *values, uow.now()),
    )


def _parts(reward: Reward) -> tuple[int | None, int | None, str | None]:
    return reward.points, reward.percentage, reward.free_service_id


def _terms(row: Sequence[Any]) -> ReferralSettings:
    (
        enabled,
        points,
        percentage,
        service,
        theirs,
        their_service,
        most,
        least,
        reward_on,
        days,
        clawback,
        version,
    ) = row
    return ReferralSettings(
        is_enabled=enabled,
        referrer_reward=Reward(points, percentage, service),
        referred_reward=Reward(None, theirs, their_service),
        max_referrals_per_month=most,
        min_order_for_reward=least,
        reward_on=RewardOn(reward_on),
        expires_after_days=days,
        clawback_days=clawback,
        version=version,
    )
