"""Reserving, spending and releasing budget; every function belongs in the transaction of its cause (CAM-74)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.campaign.budgets import store
from services.common.db.uow import UnitOfWork
from services.common.errors import exhausted

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Period:
    """What a month holds."""

    month: str
    reserved: Decimal = ZERO
    spent: Decimal = ZERO


def month_of(instant: datetime, zone: str) -> str:
    """Returns the month of an instant as `YYYY-MM` in a zone."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m")


async def period(uow: UnitOfWork, month: str) -> Period:
    """Returns a month's reserved and spent sums."""
    reserved, spent = await store.sums(uow, month)
    return Period(month, reserved, spent)


async def remaining(uow: UnitOfWork, month: str, limit: Decimal | None) -> Decimal | None:
    """Returns what is left of a limit; None without one."""
    if limit is None:
        return None
    found = await period(uow, month)
    return limit - found.reserved - found.spent


async def reserve(
    uow: UnitOfWork, *, month: str, limit: Decimal | None, amount: Decimal, campaign_id: UUID, run_id: UUID
) -> None:
    """Sets an amount aside for a run, once; RESOURCE_EXHAUSTED when the month has less left."""
    await store.lock_period(uow, month)
    if await store.has_reservation(uow, run_id):
        return
    left = await remaining(uow, month, limit)
    if left is not None and amount > left:
        raise exhausted("BUDGET_EXCEEDED", "the month's budget has less left than this would cost")
    await store.add(uow, month, "reserve", amount, campaign_id=campaign_id, run_id=run_id)


async def spend(
    uow: UnitOfWork, *, month: str, amount: Decimal, campaign_id: UUID | None, event_id: UUID
) -> None:
    """Turns reservation of a campaign into spend, once per event; what was not reserved is just spent."""
    await store.lock_period(uow, month)
    held = await store.reserved_of(uow, month, campaign_id) if campaign_id else ZERO
    if freed := min(held, amount):
        await store.add(uow, month, "release", freed, campaign_id=campaign_id, event_id=event_id)
    await store.add(uow, month, "spend", amount, campaign_id=campaign_id, event_id=event_id)


async def release(uow: UnitOfWork, *, month: str, campaign_id: UUID, run_id: UUID) -> None:
    """Returns what a finished run still holds."""
    await store.lock_period(uow, month)
    if held := await store.reserved_of(uow, month, campaign_id):
        await store.add(uow, month, "release", held, campaign_id=campaign_id, run_id=run_id)
