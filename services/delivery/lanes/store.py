"""What waits in the lanes, and which of them are paused (DEL-44, DEL-45)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.dispatch.measures import LONGEST_WAIT
from services.delivery.messages.domain import Lane

EVERY_TENANT: Final = UUID(int=0)
HOUR: Final = timedelta(hours=1)

# What was put off is due later, and ready since it was due: only waiting for a worker counts as waiting (DEL-64).
_LIMITS: Final = " ".join(
    f"WHEN {int(lane)} THEN interval '{int(wait.total_seconds())} seconds'"
    for lane, wait in LONGEST_WAIT.items()
)

_QUEUE = f"""
SELECT lane, coalesce(sum(message_count) FILTER (WHERE status = 1), 0),
    coalesce(sum(message_count) FILTER (WHERE status = 2), 0),
    coalesce(sum(message_count) FILTER (WHERE status = 0), 0),
    min(due_at) FILTER (WHERE status = 1 AND due_at <= %(now)s),
    coalesce(sum(message_count) FILTER (WHERE status = 1 AND due_at <= %(now)s - CASE lane {_LIMITS} END), 0)
FROM dispatch_block WHERE %(tenant_id)s::uuid IS NULL OR tenant_id = %(tenant_id)s GROUP BY lane
"""

_WAITS = """
SELECT m.lane, count(*) FILTER (WHERE w.state IN (3, 6)), count(*) FILTER (WHERE w.state = 15)
FROM message_wait w JOIN message m ON m.tenant_id = w.tenant_id AND m.message_id = w.message_id
WHERE %(tenant_id)s::uuid IS NULL OR w.tenant_id = %(tenant_id)s
GROUP BY m.lane
"""

_HOUR = """
SELECT lane, coalesce(sum(accepted_count), 0), coalesce(sum(failed_count), 0) FROM handover
WHERE finished_at >= %(since)s AND (%(tenant_id)s::uuid IS NULL OR tenant_id = %(tenant_id)s) GROUP BY lane
"""

# Messages that failed before any provider had them stand in no hand-over.
_FAILED_BEFORE = """
SELECT m.lane, count(*) FROM dead_letter d
JOIN message m ON m.tenant_id = d.tenant_id AND m.message_id = d.message_id
WHERE d.created_at >= %(since)s AND d.attempt_count = 0
  AND (%(tenant_id)s::uuid IS NULL OR d.tenant_id = %(tenant_id)s)
GROUP BY m.lane
"""

_PAUSED = "SELECT lane FROM lane_control WHERE tenant_id = ANY (%s)"

_PAUSE = """
INSERT INTO lane_control (tenant_id, lane, reason, changed_by, changed_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, lane) DO NOTHING
"""

_RESUME = "DELETE FROM lane_control WHERE tenant_id = %s AND lane = %s"

_PARK = """
UPDATE dispatch_block SET status = 0, due_at = expire_at
WHERE status = 1 AND lane = %(lane)s AND (%(tenant_id)s = %(everyone)s OR tenant_id = %(tenant_id)s)
"""

_UNPARK = """
UPDATE dispatch_block SET due_at = waiting_since
WHERE status = 0 AND due_at = expire_at AND lane = %(lane)s
  AND (%(tenant_id)s = %(everyone)s OR tenant_id = %(tenant_id)s)
"""

_OVERDUE = f"""
SELECT tenant_id, lane, sum(message_count), min(due_at) FROM dispatch_block
WHERE status = 1 AND due_at <= %(now)s - CASE lane {_LIMITS} END GROUP BY tenant_id, lane
"""

_ALERTED = "SELECT tenant_id, lane FROM lane_alert"

_ALERT = """
INSERT INTO lane_alert (tenant_id, lane, alerted_at) VALUES (%s, %s, %s) ON CONFLICT (tenant_id, lane) DO NOTHING
"""

_RECOVER = "DELETE FROM lane_alert WHERE tenant_id = %s AND lane = %s"


class LaneCounts(NamedTuple):
    """One lane, counted."""

    lane: Lane
    waiting: int = 0
    active: int = 0
    delayed: int = 0
    completed: int = 0
    failed: int = 0
    unknown: int = 0
    oldest: datetime | None = None
    overdue: int = 0
    is_paused: bool = False


class Overdue(NamedTuple):
    """What of a tenant waits too long in a lane."""

    messages: int
    since: datetime


async def queue(uow: UnitOfWork, now: datetime, tenant_id: UUID | None) -> list[LaneCounts]:
    """Counts what stands in the queue; needs a unit of work across tenants."""
    rows = await uow.fetch_all(_QUEUE, {"now": now, "tenant_id": tenant_id})
    found = {row[0]: row[1:] for row in rows}
    paused = await paused_lanes(uow, tenant_id)
    counted = []
    for lane in Lane:
        waiting, active, later, oldest, overdue = found.get(lane, (0, 0, 0, None, 0))
        counted.append(
            LaneCounts(
                lane,
                waiting,
                active,
                later,
                oldest=oldest,
                overdue=overdue,
                is_paused=lane in paused,
            )
        )
    return counted


async def counts(uow: UnitOfWork, now: datetime, tenant_id: UUID | None) -> list[LaneCounts]:
    """Counts the lanes, of one tenant or of all, with what was done in the last hour; needs all tenants."""
    scope = {"tenant_id": tenant_id, "since": now - HOUR}
    queued = await queue(uow, now, tenant_id)
    waits = _by_lane(await uow.fetch_all(_WAITS, scope))
    hour = _by_lane(await uow.fetch_all(_HOUR, scope))
    before = _by_lane(await uow.fetch_all(_FAILED_BEFORE, scope))
    found = []
    for one in queued:
        alone, unknown = waits.get(one.lane, (0, 0))
        completed, failed = hour.get(one.lane, (0, 0))
        found.append(
            one._replace(
                delayed=one.delayed + alone,
                unknown=unknown,
                completed=completed,
                failed=failed + before.get(one.lane, (0,))[0],
            )
        )
    return found


def _by_lane(rows: Sequence[tuple[int, ...]]) -> Mapping[int, tuple[int, ...]]:
    return {row[0]: row[1:] for row in rows}


async def paused_lanes(uow: UnitOfWork, tenant_id: UUID | None) -> set[int]:
    """Returns the lanes paused for everybody, and for a tenant; a tenant's unit of work sees its own only."""
    tenants: Sequence[UUID] = [EVERY_TENANT] if tenant_id is None else [EVERY_TENANT, tenant_id]
    return {lane for (lane,) in await uow.fetch_all(_PAUSED, (list(tenants),))}


async def pause(
    uow: UnitOfWork, lane: Lane, tenant_id: UUID, reason: str, changed_by: str, now: datetime
) -> bool:
    """Pauses a lane and sets its waiting blocks aside; false when it was paused already."""
    changed = await uow.execute(_PAUSE, (tenant_id, int(lane), reason, changed_by, now))
    await uow.execute(_PARK, {"lane": int(lane), "tenant_id": tenant_id, "everyone": EVERY_TENANT})
    return changed == 1


async def resume(uow: UnitOfWork, lane: Lane, tenant_id: UUID) -> bool:
    """Lets a lane run again; false when it ran."""
    changed = await uow.execute(_RESUME, (tenant_id, int(lane)))
    await uow.execute(_UNPARK, {"lane": int(lane), "tenant_id": tenant_id, "everyone": EVERY_TENANT})
    return changed == 1


async def overdue(uow: UnitOfWork, now: datetime) -> dict[tuple[UUID, Lane], Overdue]:
    """Returns what waits too long, by tenant and lane; needs a unit of work across tenants."""
    rows = await uow.fetch_all(_OVERDUE, {"now": now})
    return {(tenant_id, Lane(lane)): Overdue(int(count), since) for tenant_id, lane, count, since in rows}


async def alerted(uow: UnitOfWork) -> set[tuple[UUID, Lane]]:
    """Returns for whom and where it was alerted; needs a unit of work across tenants."""
    return {(tenant_id, Lane(lane)) for tenant_id, lane in await uow.fetch_all(_ALERTED)}


async def alert(uow: UnitOfWork, tenant_id: UUID, lane: Lane, now: datetime) -> bool:
    """Notes an alert; false when another process was first."""
    return await uow.execute(_ALERT, (tenant_id, int(lane), now)) == 1


async def recover(uow: UnitOfWork, tenant_id: UUID, lane: Lane) -> bool:
    """Notes the end of an alert; false when another process was first."""
    return await uow.execute(_RECOVER, (tenant_id, int(lane))) == 1
