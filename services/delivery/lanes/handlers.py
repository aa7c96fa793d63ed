"""Looking into lanes and stopping them (DEL-44, DEL-45)."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import psycopg
import structlog

from services.common import audit, telemetry
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.leases import wait_for
from services.common.rpc.context import Caller
from services.delivery.dispatch import measures
from services.delivery.lanes import store
from services.delivery.lanes.store import EVERY_TENANT, LaneCounts
from services.delivery.messages.domain import Lane
from services.delivery.messages.handlers import WAKE_DISPATCH

log = structlog.get_logger("lanes")

_PAUSED = telemetry.gauge("lane_paused", "1 while a lane is paused for everybody.", ("lane",))
MEASURE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Lanes:
    """What the lanes' use cases need."""

    database: Database
    clock: Clock


async def metrics(deps: Lanes, caller: Caller, lane: Lane | None) -> list[LaneCounts]:
    """Returns what waits and what was done in the last hour: of the caller's tenant, or of all without one."""
    now = deps.clock.now()
    if caller.tenant_id is not None:
        async with deps.database.tenant(caller.tenant_id) as uow:
            found = await store.counts(uow, now, caller.tenant_id)
        async with deps.database.system() as uow:
            paused = await store.paused_lanes(uow, caller.tenant_id)
        found = [one._replace(is_paused=one.lane in paused) for one in found]
    else:
        async with deps.database.system() as uow:
            found = await store.counts(uow, now, None)
    return [one for one in found if lane in (None, one.lane)]


async def pause(deps: Lanes, caller: Caller, lane: Lane, tenant_id: UUID | None, reason: str) -> bool:
    """Pauses a lane; returns whether it ran before. Pausing the critical lane alerts."""
    subject = tenant_id or EVERY_TENANT
    async with deps.database.system() as uow:
        was_running = await store.pause(uow, lane, subject, reason, caller.subject, deps.clock.now())
    await _record(deps, "lane.pause", lane, subject, {"reason": reason})
    if lane is Lane.CRITICAL:
        log.error("the critical lane is paused", by=caller.subject, reason_given=reason)
    return was_running


async def resume(deps: Lanes, lane: Lane, tenant_id: UUID | None) -> bool:
    """Lets a lane run again; returns whether it was paused."""
    subject = tenant_id or EVERY_TENANT
    async with deps.database.system() as uow:
        was_paused = await store.resume(uow, lane, subject)
        uow.after_commit(lambda: deps.database.wake(WAKE_DISPATCH, str(int(lane))))
    await _record(deps, "lane.resume", lane, subject, {})
    return was_paused


async def _record(deps: Lanes, action: str, lane: Lane, tenant_id: UUID, after: dict[str, str]) -> None:
    async with deps.database.tenant(tenant_id) as uow:
        await audit.record(
            uow,
            action=action,
            resource_type="lane",
            resource_id=lane.name.lower(),
            before=None,
            after={**after, "tenant_id": "" if tenant_id == EVERY_TENANT else str(tenant_id)},
        )


class LaneWatch:
    """Keeps the gauges of the lanes current."""

    def __init__(self, deps: Lanes) -> None:
        self._deps = deps

    async def loop(self, stop: asyncio.Event) -> None:
        """Counts the lanes every 15 seconds until told to stop."""
        while not stop.is_set():
            try:
                now = self._deps.clock.now()
                async with self._deps.database.system() as uow:
                    found = await store.counts(uow, now, None)
                for one in found:
                    age = (now - one.oldest).total_seconds() if one.oldest else 0.0
                    measures.depth(one.lane, one.waiting, age)
                    _PAUSED.labels(one.lane.name.lower()).set(int(one.is_paused))
            except (psycopg.Error, ServiceError, OSError) as error:
                log.info("lanes cannot be counted", error=type(error).__name__)
            await wait_for(stop, MEASURE_SECONDS)
