"""The worker: lanes that claim blocks, each in its own capacity, and what brings due work back (DEL-62, DEL-63)."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog

from services.common.errors import ServiceError
from services.common.leases import wait_for
from services.common.retry import backoff
from services.delivery.dispatch import regroup, store
from services.delivery.dispatch.gates import Gate
from services.delivery.dispatch.handover import LeaseLostError
from services.delivery.dispatch.needs import Deps
from services.delivery.dispatch.passes import Pass
from services.delivery.dispatch.store import Claim
from services.delivery.messages.domain import Lane
from services.delivery.messages.handlers import WAKE_DISPATCH

log = structlog.get_logger("dispatch")

AHEAD: Final = 3
"""Blocks of a lane that may be prepared or recorded while its capacity is handing over; one of all is no tenant's alone."""

AFTER_A_FAULT: Final = timedelta(seconds=30)
_OUTAGES: Final = (psycopg.OperationalError, psycopg.InterfaceError, ServiceError, OSError)


@dataclass(slots=True)
class _LaneState:
    """One lane of this worker."""

    lane: Lane
    gate: Gate
    places: asyncio.Semaphore
    share: int
    """Blocks that may be in hand of one tenant."""
    waited: timedelta | None = None
    """Only what is due for so long is taken, where other workers are there for the lane."""
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    last_tenant: UUID = store.EVERY_TENANT
    in_hand: Counter[UUID] = field(default_factory=Counter)


class Worker:
    """Claims and works until told to stop, then finishes what is in hand."""

    def __init__(
        self,
        deps: Deps,
        capacities: Mapping[Lane, int],
        poll: timedelta,
        stands_in: Mapping[Lane, timedelta] | None = None,
    ) -> None:
        self._deps = deps
        waited = stands_in or {}
        self._poll = poll.total_seconds()
        self._lanes = {
            lane: _LaneState(
                lane,
                Gate(capacity),
                asyncio.Semaphore(capacity + AHEAD),
                capacity + AHEAD - 1,
                waited.get(lane),
            )
            for lane, capacity in capacities.items()
            if capacity
        }
        self._passes: set[asyncio.Task[None]] = set()

    async def loop(self, stop: asyncio.Event) -> None:
        """Works; returns when stop is set and every pass has ended."""
        listener = asyncio.create_task(self._listen(), name="dispatch-wake-ups")
        leases = asyncio.create_task(self._deps.leases.loop(stop), name="dispatch-leases")
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._bring_back(stop))
                for lane in self._lanes.values():
                    group.create_task(self._serve(lane, stop))
            if self._passes:
                await asyncio.wait(self._passes)
            await leases
        finally:
            for task in (listener, leases):
                task.cancel()
            await asyncio.gather(listener, leases, return_exceptions=True)

    async def _serve(self, lane: _LaneState, stop: asyncio.Event) -> None:
        """Claims blocks of one lane as long as there is a place."""
        failures = 0
        while not stop.is_set():
            await _first(lane.places.acquire(), stop)
            if stop.is_set():
                return
            lane.woken.clear()
            try:
                claim = await self._claim(lane)
                failures = 0
            except _OUTAGES as error:
                lane.places.release()
                failures += 1
                log.warning(
                    "blocks cannot be claimed", lane=lane.lane.name.lower(), error=type(error).__name__
                )
                await wait_for(stop, backoff(failures, cap=timedelta(seconds=10)).total_seconds())
                continue
            if claim is None:
                lane.places.release()
                await self._idle(lane, stop)
                continue
            task = asyncio.create_task(self._pass(lane, claim), name=f"pass-{lane.lane.name.lower()}")
            self._passes.add(task)
            task.add_done_callback(self._passes.discard)

    async def _claim(self, lane: _LaneState) -> Claim | None:
        deps = self._deps
        async with deps.database.system() as uow:
            claim = await store.claim(
                uow,
                lane=lane.lane,
                lease=deps.leases.lease,
                after=lane.last_tenant,
                now=deps.clock.now(),
                apart_from={tenant for tenant, count in lane.in_hand.items() if count >= lane.share},
                waited=lane.waited,
            )
        if claim is not None:
            lane.last_tenant = claim.tenant_id
            lane.in_hand[claim.tenant_id] += 1
        return claim

    async def _pass(self, lane: _LaneState, claim: Claim) -> None:
        deps = self._deps
        deps.leases.hold(claim)
        try:
            await Pass(deps, claim, lane.gate).run()
        except LeaseLostError:
            log.info("a block was taken over", lane=lane.lane.name.lower())
        except _OUTAGES as error:
            # The lease ends by itself; giving the block back is only sooner.
            log.warning("a pass was interrupted", lane=lane.lane.name.lower(), error=type(error).__name__)
            await self._give_back(claim, timedelta(seconds=5))
        except Exception:
            log.exception("a pass failed", lane=lane.lane.name.lower(), blocks=len(claim.blocks))
            await self._give_back(claim, AFTER_A_FAULT, in_parts=True)
        finally:
            deps.leases.drop(claim)
            lane.in_hand[claim.tenant_id] -= 1
            if not lane.in_hand[claim.tenant_id]:
                del lane.in_hand[claim.tenant_id]
            lane.places.release()
            lane.woken.set()

    async def _give_back(self, claim: Claim, after: timedelta, *, in_parts: bool = False) -> None:
        if not claim.blocks:
            return
        giving = store.part if in_parts else store.give_back
        try:
            async with self._deps.database.tenant(claim.tenant_id) as uow:
                await giving(uow, claim, self._deps.clock.now() + after)
        except _OUTAGES:
            log.warning("a block waits for the end of its lease", lane=claim.lane.name.lower())

    async def _idle(self, lane: _LaneState, stop: asyncio.Event) -> None:
        """Waits for a word; one that was lost is made up for by who brings back, who looks for all lanes at once."""
        word = lane.woken.wait() if lane.waited is None else _within(lane.woken, self._poll)
        await _first(word, stop)

    async def _listen(self) -> None:
        async for payload in self._deps.database.listen(WAKE_DISPATCH):
            self._wake(payload)

    def _wake(self, payload: str) -> None:
        for lane in self._lanes.values():
            # Who stands in for others looks now and then; waking it for each message would cost what it is to save.
            if lane.waited is None and (not payload or payload == str(int(lane.lane))):
                lane.woken.set()

    async def _bring_back(self, stop: asyncio.Event) -> None:
        """Makes due what became due: scheduled blocks, those of lost workers, messages that waited on their own."""
        while not stop.is_set():
            more, pause = False, self._poll
            try:
                async with self._deps.database.system() as uow:
                    lanes = await store.promote(uow, self._deps.clock.now())
                async with self._deps.database.system() as uow:
                    regrouped = await regroup.regroup(uow, self._deps.clock.now())
                    due_at, ready = await store.outlook(uow)
                more, pause = regrouped.is_full, self._until(due_at)
                for number in ready:
                    self._wake(str(number))
                for number in lanes | regrouped.lanes:
                    self._wake(str(number))
                    self._deps.database.wake(WAKE_DISPATCH, str(number))
            except _OUTAGES as error:
                log.warning("due work cannot be looked for", error=type(error).__name__)
            if not more:
                await wait_for(stop, pause)

    def _until(self, due_at: datetime | None) -> float:
        """Returns how long to wait for what is due next, so that what is paced by the second is; at most a poll."""
        if due_at is None:
            return self._poll
        return min(max((due_at - self._deps.clock.now()).total_seconds(), 0.01), self._poll)


async def _within(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _first(waited: Coroutine[Any, Any, object], stop: asyncio.Event) -> None:
    """Waits for something or for the stop, whichever comes first; what was not reached is given up."""
    wanted = asyncio.create_task(waited)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((wanted, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (wanted, stopping):
            task.cancel()
        await asyncio.gather(wanted, stopping, return_exceptions=True)
