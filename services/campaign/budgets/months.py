"""The turn of the month: opens the new period, closes the old, and lets no reservation stay behind (JOB-22, CAM-78).

Nothing waits for it: a period that is missing is opened by what needs it first.
"""

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.campaign.branches import store as branches
from services.campaign.budgets import alerts, entries, store
from services.campaign.budgets.domain import PeriodKey
from services.campaign.budgets.handlers import given_back
from services.campaign.budgets.store import MonthBegun
from services.campaign.runs.domain import RunState
from services.campaign.tenants import store as tenants
from services.campaign.tenants.domain import Tenant, TenantState
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts

logger = logging.getLogger(__name__)

EVERY: Final = timedelta(hours=1)
KEPT: Final = timedelta(days=730)
"""How long entries are kept; periods stay."""

_GOING_ON: Final = (RunState.RUNNING, RunState.PAUSED)


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes entries of months long past; a step of the cleanup (GEN-47)."""
    return await entries.delete_old(uow, f"{now - KEPT:%Y-%m}", limit)


async def turn(context: JobContext) -> JobCounts:
    """Turns the month of every tenant whose month has begun in its own zone; one that fails stops no other (JOB-5)."""
    counts = JobCounts()
    after = UUID(int=0)
    while not context.stopping:
        async with context.database.system() as uow:
            begun = await store.months_begun(uow, context.clock.now(), after, BATCH_ROWS)
        for one in begun:
            turned = await _turn_one(context, one)
            counts = counts.plus(JobCounts(1, int(turned), 0, int(not turned)))
        if len(begun) < BATCH_ROWS:
            break
        after = begun[-1].tenant_id
    return counts


JOB: Final = Job("budget-month", EVERY, turn)


async def _turn_one(context: JobContext, begun: MonthBegun) -> bool:
    try:
        async with context.database.tenant(begun.tenant_id) as uow:
            owner = await tenants.tenant(uow, begun.tenant_id)
            if owner is not None:
                await turn_month(uow, owner, begun.month)
    except Exception as error:
        if is_outage(error):
            raise
        logger.warning("the month of tenant %s was not turned", begun.tenant_id, exc_info=error)
        return False
    return True


async def turn_month(uow: UnitOfWork, owner: Tenant, month: str) -> None:
    """Opens a month with the limits of this moment and closes those before it.

    Runs that go on take along what they hold, for their messages are charged to the month they leave in; runs that are
    over give it back.
    """
    old = await store.open_before(uow, month)
    new = {PeriodKey(month), *(PeriodKey(month, one.branch_id) for one in old)}
    if owner.state is not TenantState.CLOSED:
        new |= {PeriodKey(month, one) for one in await branches.active_ids(uow)}
    await store.lock(uow, {*old, *new})
    live, over = await store.held_before(uow, month, [int(state) for state in _GOING_ON])
    await store.give_back(uow, live, into=month)
    await store.give_back(uow, over)
    deltas = given_back([*live, *over])
    for one in live:
        deltas.add(month, one.branch_id, reserved=one.held)
    changed = await store.move(uow, deltas)
    await alerts.tell(uow, owner, [one for one in changed if one.month == month])
    await store.close(uow, old)
