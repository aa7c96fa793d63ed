"""The loop that keeps runs going: any number of processes, each killable at any instant (JOB-12, JOB-14)."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from services.campaign.blocks import store as blocks
from services.campaign.blocks.handover import HandOver
from services.campaign.experiments.deciding import decide_due
from services.campaign.runs import brakes, chunks, completion
from services.campaign.runs.expansion import expand_once
from services.campaign.runs.orders import Orders
from services.campaign.runs.reruns import Reruns
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.errors import ServiceError
from services.common.leases import wait_for
from services.common.loops import apart

logger = logging.getLogger(__name__)

WAKE = "runs"
LOOK_SECONDS = 1.0
WATCH_SECONDS = 5.0
"""How often a process looks whether a campaign must be held, or its A/B test decided."""
HAND_OVERS = 3
"""Blocks a process has in hand at once: while one waits for consent, another is accepted."""

Step = Callable[[], Awaitable[bool]]


class RunWorker:
    """Expands, hands over, tells delivery and completes."""

    def __init__(self, database: Database, hand_over: HandOver, orders: Orders, reruns: Reruns) -> None:
        self._database = database
        self._hand_over = hand_over
        self._orders = orders
        self._reruns = reruns
        self._watched = 0.0

    async def loop(self, stop: asyncio.Event) -> None:
        """Works until stop is set and what is in hand is finished."""
        woken = asyncio.Condition()
        async with asyncio.TaskGroup() as group:
            waker = group.create_task(self._follow(woken))
            steps: list[Step] = [self._expand, self._orders.carry_out, self._complete, self._watch]
            steps += [self._hand] * HAND_OVERS
            workers = [group.create_task(self._repeat(step, stop, woken)) for step in steps]
            await asyncio.wait(workers)
            waker.cancel()

    async def run_until_idle(self) -> None:
        """Does what is due now and returns; for tests and tools."""
        steps = (self._expand, self._hand, self._orders.carry_out, self._decide, self._complete)
        while any([await step() for step in steps]):
            pass

    async def _repeat(self, step: Step, stop: asyncio.Event, woken: asyncio.Condition) -> None:
        while not stop.is_set():
            try:
                if await step():
                    continue
            except Exception as error:
                if not isinstance(error, ServiceError) and not is_outage(error):
                    raise
                logger.warning("runs wait: %s", type(error).__name__)
                await wait_for(stop, LOOK_SECONDS)
                continue
            await self._rest(stop, woken)

    async def _rest(self, stop: asyncio.Event, woken: asyncio.Condition) -> None:
        """Waits until somebody says that there is work, at most a second."""

        async def called() -> None:
            async with woken:
                await woken.wait()

        tasks = [asyncio.ensure_future(called()), asyncio.ensure_future(stop.wait())]
        await asyncio.wait(tasks, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, woken: asyncio.Condition) -> None:
        async for _ in self._database.listen(WAKE):
            async with woken:
                woken.notify_all()

    async def _expand(self) -> bool:
        async with self._database.system() as uow:
            found = await chunks.expanding(uow)
        wrote = False
        for key, is_rerun in found:
            expand = self._reruns.expand_once(key) if is_rerun else expand_once(self._database, key)
            if await apart(f"expanding run {key.run_id}", expand, otherwise=False):
                wrote = True
                self._database.wake(WAKE)
        return wrote

    async def _hand(self) -> bool:
        """Hands one block over, of the run that waited longest."""
        async with self._database.system() as uow:
            keys = await blocks.ready(uow, self._database.clock.now())
        for key in keys:
            handed = self._hand_over.hand_over_once(key)
            if await apart(f"handing over run {key.run_id}", handed, otherwise=False):
                return True
        return False

    async def _watch(self) -> bool:
        if time.monotonic() - self._watched >= WATCH_SECONDS:
            self._watched = time.monotonic()
            await brakes.hold_failing(self._database)
            await self._decide()
        return False

    async def _decide(self) -> bool:
        return bool(await decide_due(self._database))

    async def _complete(self) -> bool:
        return bool(await completion.complete_settled(self._database))
