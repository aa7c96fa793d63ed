"""The loop that keeps automations going: planned times, due steps, calls to hand over (JOB-18)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import UUID

from services.campaign.automations import engine, planning, runs, store
from services.campaign.automations.calls import Calls
from services.campaign.automations.means import Means
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.loops import repeat
from services.common.rpc.client import Channels
from services.common.rpc.context import Caller, bind

logger = logging.getLogger(__name__)

AT_ONCE: Final = 100


class AutomationWorker:
    """Moves runs on; any number of processes may."""

    def __init__(self, database: Database, channels: Channels, means: Means) -> None:
        self._database = database
        self._means = means
        self._calls = Calls(database, channels, means)

    async def loop(self, stop: asyncio.Event) -> None:
        """Works until stop is set and what is in hand is finished."""
        await repeat(self.step, stop, "automations")

    async def step(self) -> bool:
        """Does what is due; False when nothing is."""
        with bind(Caller.of_service(self._database.schema)):
            planned = await self._plan()
            moved = await self._advance()
            called = await self._calls.step()
        return planned or moved or called

    async def run_until_idle(self) -> None:
        """Does all that is due now and returns; for tests and tools."""
        while await self.step():
            pass

    async def _plan(self) -> bool:
        async with self._database.system() as uow:
            due = await store.due_plans(uow, uow.now(), AT_ONCE)
        more = False
        for tenant_id, automation_id in due:
            more |= await self._apart(tenant_id, partial(self._plan_one, automation_id))
        return more

    async def _plan_one(self, automation_id: UUID, uow: UnitOfWork) -> bool:
        return await planning.plan(uow, self._means, automation_id)

    async def _advance(self) -> bool:
        async with self._database.system() as uow:
            tenants = await runs.due_tenants(uow)
        moved = False
        for tenant_id in tenants:
            moved |= await self._apart(tenant_id, self._advance_one)
        return moved

    async def _advance_one(self, uow: UnitOfWork) -> bool:
        return bool(await engine.advance(uow, self._means))

    async def _apart(self, tenant_id: UUID, work: Callable[[UnitOfWork], Awaitable[bool]]) -> bool:
        """Does something for a tenant in a transaction of its own; trouble with it keeps nothing else waiting."""
        try:
            async with self._database.tenant(tenant_id) as uow:
                return await work(uow)
        except Exception as error:
            if is_outage(error):
                raise
            logger.warning("automations of tenant %s do not go on", tenant_id, exc_info=error)
            return False
