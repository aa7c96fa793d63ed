"""Reserving, spending and releasing budget; every function belongs in the transaction of its cause (CAM-74)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.campaign.budgets import alerts, entries, store
from services.campaign.budgets.domain import (
    NO_BRANCH,
    ZERO,
    BudgetExceededError,
    Period,
    PeriodKey,
    Share,
    month_of,
    shares,
)
from services.campaign.budgets.entries import Charge, Line
from services.campaign.budgets.store import Deltas, Held
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.common.db.uow import UnitOfWork
from services.common.money import exponent

MARKETING: Final = 2
"""Class of the campaigns that budgets hold, as campaigns number it; others are recorded and never stopped (CAM-77)."""


@dataclass(frozen=True, slots=True)
class Price:
    """What delivery told of one attempt, in the tenant's currency."""

    message_id: UUID
    attempt: int
    amount: Decimal
    month: str
    branch_id: UUID = NO_BRANCH
    is_budgeted: bool = False


async def period(uow: UnitOfWork, month: str, branch_id: UUID = NO_BRANCH) -> Period:
    """Returns a month of the tenant, or of a branch."""
    key = PeriodKey(month, branch_id)
    return (await store.read(uow, [key]))[key]


async def spent_by_branch(uow: UnitOfWork, month: str, branch_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Returns what branches spent in a month."""
    found = await store.read(uow, [PeriodKey(month, one) for one in branch_ids])
    return {key.branch_id: one.spent for key, one in found.items()}


async def branches_of_run(uow: UnitOfWork, run_id: UUID) -> list[UUID]:
    """Returns the branches that a run reserved of."""
    return [one for one in await store.branches_of_run(uow, run_id) if one != NO_BRANCH]


async def present(uow: UnitOfWork, owner: Tenant, branch_ids: Iterable[UUID] = ()) -> list[Period]:
    """Returns the present month of the tenant, and of branches: all of them limit what goes on."""
    month = month_of(uow.now(), owner.default_time_zone)
    found = await store.read(uow, [PeriodKey(month, one) for one in (NO_BRANCH, *branch_ids)])
    return list(found.values())


def has_room(owner: Tenant, periods: Iterable[Period], found: Sequence[Share]) -> bool:
    """Returns whether each of the periods has as much left as is to be reserved of it."""
    places = exponent(owner.currency_code)
    needed: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for share in found:
        for branch_id in {NO_BRANCH, share.branch_id}:
            needed[branch_id] += share.amount
    return all(one.has_room(needed[one.branch_id], places) for one in periods if needed[one.branch_id] > ZERO)


def check_room(owner: Tenant, periods: Iterable[Period], found: Sequence[Share]) -> None:
    """Refuses what a period has no room for: BudgetExceededError, which names the branch where it is a branch's."""
    for one in periods:
        if not has_room(owner, [one], found):
            raise BudgetExceededError("the month's budget has less left than this would cost", one.branch_id)


def is_overdrawn(owner: Tenant, periods: Iterable[Period]) -> bool:
    """Returns whether one of the periods holds more than its limit."""
    return any(one.is_overdrawn(exponent(owner.currency_code)) for one in periods)


async def reserve(
    uow: UnitOfWork,
    owner: Tenant,
    *,
    cost: Decimal,
    messages: int,
    by_branch: Mapping[UUID, int],
    campaign_id: UUID,
    run_id: UUID,
) -> None:
    """Sets what a run is expected to cost aside, once, of the tenant's month and of each branch it names, or of none.

    Raises:
        BudgetExceededError: One of the budgets has less left.
    """
    month = month_of(uow.now(), owner.default_time_zone)
    found = [one for one in shares(cost, messages, by_branch) if one.amount]
    if not found:
        return
    keys = {PeriodKey(month), *(PeriodKey(month, one.branch_id) for one in found)}
    locked = await store.lock(uow, keys)
    if await store.has_reserved(uow, run_id):
        return
    check_room(owner, locked.values(), found)
    await store.hold(uow, month, campaign_id, run_id, found)
    deltas = Deltas()
    for one in found:
        deltas.add(month, one.branch_id, reserved=one.amount)
    await _move(uow, owner, deltas)


async def spend(uow: UnitOfWork, owner: Tenant, prices: Sequence[Price]) -> None:
    """Turns the reservation of messages into spend, a block of them at once; each price of an attempt counts once.

    A message is charged to its contact's branch, or to the only one its campaign names; one of no run to the branch
    that was told with its price (CAM-75). The month is the one told.
    """
    if not prices:
        return
    # An attempt's last price is what it costs; a statement takes each message once.
    told: defaultdict[tuple[str, int], dict[UUID, Price]] = defaultdict(dict)
    for price in prices:
        told[price.month, price.attempt][price.message_id] = price
    of_runs = await entries.lines(uow, list({one.message_id for one in prices}), MARKETING)
    freeing = [line for line in of_runs.values() if line.is_marketing]
    keys = set(await store.months_of_runs(uow, list({line.run_id for line in freeing})))
    charges: dict[tuple[str, int], list[Charge]] = {}
    for (month, attempt), by_message in sorted(told.items()):
        block = [_charge(price, of_runs.get(price.message_id)) for price in by_message.values()]
        charges[month, attempt] = block
        branches = {one.branch_id for one in block}
        branches |= set(await entries.charged_branches(uow, month, list(by_message)))
        keys |= {PeriodKey(month, branch_id) for branch_id in (NO_BRANCH, *branches)}
    await store.lock(uow, keys)
    deltas = Deltas()
    for (month, attempt), block in charges.items():
        for added in await entries.charge(uow, month, attempt, block):
            deltas.add(month, added.branch_id, spent=added.spent, uncounted=added.uncounted)
    await _free(uow, freeing, deltas)
    await _move(uow, owner, deltas)


async def release_messages(uow: UnitOfWork, message_ids: Sequence[UUID]) -> None:
    """Gives the shares of messages back that were skipped, cancelled, expired, or failed without a bill."""
    if not message_ids:
        return
    of_runs = await entries.lines(uow, message_ids, MARKETING)
    keys = await store.months_of_runs(uow, list({line.run_id for line in of_runs.values()}))
    if not keys:
        return
    await store.lock(uow, keys)
    free = set(await entries.unbilled(uow, list(of_runs)))
    deltas = Deltas()
    await _free(uow, [line for line in of_runs.values() if line.message_id in free], deltas)
    await store.move(uow, deltas)


async def release(uow: UnitOfWork, run_id: UUID) -> None:
    """Gives back what a run that is over still holds."""
    keys = await store.months_of_runs(uow, [run_id])
    if not keys:
        return
    await store.lock(uow, keys)
    held = await store.held_by_run(uow, run_id)
    await store.give_back(uow, held)
    await store.move(uow, given_back(held))


async def follow_settings(uow: UnitOfWork, owner: Tenant, settings: MarketingSettings) -> None:
    """Gives the present month the limit that was set."""
    key = PeriodKey(month_of(uow.now(), owner.default_time_zone))
    changed = await store.put_limit(uow, key, settings.monthly_budget_limit)
    await alerts.tell(uow, owner, [changed])


async def follow_branch(uow: UnitOfWork, owner: Tenant, branch_id: UUID, limit: Decimal | None) -> None:
    """Gives the present month of a branch the limit that was set."""
    key = PeriodKey(month_of(uow.now(), owner.default_time_zone), branch_id)
    await alerts.tell(uow, owner, [await store.put_limit(uow, key, limit)])


def given_back(held: Iterable[Held]) -> Deltas:
    """Returns what giving back does to the months it is given back to."""
    deltas = Deltas()
    for one in held:
        deltas.add(one.month, one.branch_id, reserved=-one.held)
    return deltas


def _charge(price: Price, line: Line | None) -> Charge:
    if line is None:
        return Charge(price.message_id, price.amount, price.branch_id, price.is_budgeted)
    return Charge(
        price.message_id,
        price.amount,
        line.branch_id,
        line.is_marketing,
        line.campaign_id,
        line.run_id,
    )


async def _free(uow: UnitOfWork, found: Sequence[Line], deltas: Deltas) -> None:
    for freed in await entries.free(uow, found) if found else ():
        deltas.add(freed.month, freed.branch_id, reserved=-freed.amount)


async def _move(uow: UnitOfWork, owner: Tenant, deltas: Deltas) -> None:
    await alerts.tell(uow, owner, await store.move(uow, deltas))
