"""Looking into lanes, stopping and draining them, and telling when somebody waits too long (DEL-44 to DEL-46, DEL-64)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import structlog

from angarium.delivery.v1 import delivery_events_pb2 as events
from angarium.delivery.v1 import lane_service_pb2 as pb
from services.common import audit, telemetry
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, invalid
from services.common.events.event import Event
from services.common.idempotency import keyed
from services.common.leases import wait_for
from services.common.rpc.context import Caller
from services.delivery.dispatch import measures
from services.delivery.enums import wire
from services.delivery.lanes import draining, store
from services.delivery.lanes.store import EVERY_TENANT, LaneCounts, Overdue
from services.delivery.messages.domain import Lane
from services.delivery.messages.handlers import WAKE_DISPATCH

log = structlog.get_logger("lanes")

_OVERDUE = telemetry.gauge(
    "lane_overdue_messages", "Messages that wait longer than their lane allows.", ("lane",)
)
_PAUSED = telemetry.gauge("lane_paused", "1 while a lane is paused for everybody.", ("lane",))
MEASURE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Lanes:
    """What the lanes' use cases need."""

    database: Database
    clock: Clock


async def metrics(deps: Lanes, caller: Caller, lane: Lane | None, tenant_id: UUID | None) -> list[LaneCounts]:
    """Returns what waits and what was done in the last hour: of a tenant, or of all."""
    async with deps.database.system() as uow:
        found = await store.counts(uow, deps.clock.now(), tenant_id or caller.tenant_id)
    return [one for one in found if lane in (None, one.lane)]


async def pause(deps: Lanes, caller: Caller, lane: Lane, tenant_id: UUID | None, reason: str) -> bool:
    """Pauses a lane; returns whether it ran before. Pausing the critical lane alerts."""
    subject = tenant_id or EVERY_TENANT
    async with deps.database.system() as uow:
        was_running = await store.pause(uow, lane, subject, reason, caller.subject, deps.clock.now())
    told = [_event("paused", lane, subject, reason=reason, changed_by=caller.subject)]
    is_alert = lane is Lane.CRITICAL and was_running
    await _record(deps, "lane.pause", lane, subject, {"reason": reason}, told if is_alert else ())
    if is_alert:
        log.error("the critical lane is paused", by=caller.subject, reason_given=reason)
    return was_running


async def resume(deps: Lanes, caller: Caller, lane: Lane, tenant_id: UUID | None) -> bool:
    """Lets a lane run again; returns whether it was paused."""
    subject = tenant_id or EVERY_TENANT
    async with deps.database.system() as uow:
        was_paused = await store.resume(uow, lane, subject)
        uow.after_commit(lambda: deps.database.wake(WAKE_DISPATCH, str(int(lane))))
    told = [_event("resumed", lane, subject, changed_by=caller.subject)]
    await _record(
        deps, "lane.resume", lane, subject, {}, told if lane is Lane.CRITICAL and was_paused else ()
    )
    return was_paused


async def drain(deps: Lanes, caller: Caller, request: pb.DrainLaneRequest) -> pb.DrainLaneResponse:
    """Cancels what waits of a tenant in a lane; the answer is kept under the call's key."""
    lane, tenant_id = Lane(request.lane), UUID(request.tenant_id)
    if lane is Lane.CRITICAL:
        raise invalid("lane", "the critical lane is never drained")

    async def effect(_: UnitOfWork) -> pb.DrainLaneResponse:
        count = await draining.drain(deps.database, tenant_id, lane)
        told = _event(
            "drained", lane, tenant_id, count=count, reason=request.reason, changed_by=caller.subject
        )
        after = {"reason": request.reason, "cancelled": str(count)}
        await _record(deps, "lane.drain", lane, tenant_id, after, [told])
        return pb.DrainLaneResponse(cancelled_count=count)

    async with deps.database.tenant(tenant_id) as uow:
        return await keyed(uow, "LaneService.DrainLane", request, pb.DrainLaneResponse, effect)


async def _record(
    deps: Lanes, action: str, lane: Lane, tenant_id: UUID, after: dict[str, str], told: Sequence[Event]
) -> None:
    async with deps.database.tenant(tenant_id) as uow:
        for event in told:
            uow.emit(event)
        await audit.record(
            uow,
            action=action,
            resource_type="lane",
            resource_id=lane.name.lower(),
            before=None,
            after={**after, "tenant_id": "" if tenant_id == EVERY_TENANT else str(tenant_id)},
        )


def _event(
    word: str,
    lane: Lane,
    tenant_id: UUID,
    *,
    count: int = 0,
    age: timedelta | None = None,
    reason: str = "",
    changed_by: str = "",
) -> Event:
    payload = events.LaneChanged(
        lane=wire(lane),
        tenant_id="" if tenant_id == EVERY_TENANT else str(tenant_id),
        message_count=count,
        reason=reason,
        changed_by=changed_by,
    )
    if age is not None:
        payload.oldest_age.FromTimedelta(age)
    return Event(f"lane.{word}", "lane", lane.name.lower(), payload, tenant_id=tenant_id)


class LaneWatch:
    """Keeps the gauges of the lanes current, and tells once when somebody waits too long, and when that is over."""

    def __init__(self, deps: Lanes) -> None:
        self._deps = deps

    async def loop(self, stop: asyncio.Event) -> None:
        """Counts the lanes every 15 seconds until told to stop."""
        while not stop.is_set():
            try:
                await self.look()
            except (psycopg.Error, ServiceError, OSError) as error:
                log.info("lanes cannot be counted", error=type(error).__name__)
            await wait_for(stop, MEASURE_SECONDS)

    async def look(self) -> None:
        """Counts the lanes once, and alerts."""
        now = self._deps.clock.now()
        async with self._deps.database.system() as uow:
            found = await store.queue(uow, now, None)
            overdue = await store.overdue(uow, now)
            alerted = await store.alerted(uow)
        for one in found:
            age = (now - one.oldest).total_seconds() if one.oldest else 0.0
            measures.depth(one.lane, one.waiting, age)
            _OVERDUE.labels(one.lane.name.lower()).set(one.overdue)
            _PAUSED.labels(one.lane.name.lower()).set(int(one.is_paused))
        for (tenant_id, lane), what in overdue.items():
            if (tenant_id, lane) not in alerted:
                await self._alert(tenant_id, lane, what, now)
        for tenant_id, lane in alerted - overdue.keys():
            async with self._deps.database.tenant(tenant_id) as uow:
                if await store.recover(uow, tenant_id, lane):
                    uow.emit(_event("recovered", lane, tenant_id))

    async def _alert(self, tenant_id: UUID, lane: Lane, what: Overdue, now: datetime) -> None:
        async with self._deps.database.tenant(tenant_id) as uow:
            if not await store.alert(uow, tenant_id, lane, now):
                return
            uow.emit(_event("overdue", lane, tenant_id, count=what.messages, age=now - what.since))
        log.error(
            "messages wait too long", lane=lane.name.lower(), tenant=str(tenant_id), messages=what.messages
        )
