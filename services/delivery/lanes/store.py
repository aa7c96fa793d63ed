"""What waits in the lanes, and which of them are paused (DEL-44, DEL-45)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.messages.domain import Lane

EVERY_TENANT: Final = UUID(int=0)

_QUEUE = """
SELECT lane, coalesce(sum(message_count) FILTER (WHERE status = 1), 0),
    coalesce(sum(message_count) FILTER (WHERE status = 2), 0),
    coalesce(sum(message_count) FILTER (WHERE status = 0), 0),
    min(waiting_since) FILTER (WHERE status = 1 AND waiting_since <= %(now)s)
FROM dispatch_block GROUP BY lane
"""

_WAITS = """
SELECT m.lane, count(*) FILTER (WHERE w.state IN (3, 6)), count(*) FILTER (WHERE w.state = 15)
FROM message_wait w JOIN message m ON m.tenant_id = w.tenant_id AND m.message_id = w.message_id
GROUP BY m.lane
"""

_HOUR = """
SELECT lane, coalesce(sum(accepted_count), 0), coalesce(sum(failed_count), 0) FROM handover
WHERE finished_at >= %(since)s GROUP BY lane
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
    is_paused: bool = False


async def counts(uow: UnitOfWork, now: datetime, tenant_id: UUID | None) -> list[LaneCounts]:
    """Counts the lanes of a unit of work: a tenant's own, or everybody's across tenants."""
    queue = {row[0]: row[1:] for row in await uow.fetch_all(_QUEUE, {"now": now})}
    waits = {row[0]: row[1:] for row in await uow.fetch_all(_WAITS)}
    hour = {row[0]: row[1:] for row in await uow.fetch_all(_HOUR, {"since": now - timedelta(hours=1)})}
    paused = await paused_lanes(uow, tenant_id)
    found = []
    for lane in Lane:
        waiting, active, later, oldest = queue.get(lane, (0, 0, 0, None))
        alone, unknown = waits.get(lane, (0, 0))
        completed, failed = hour.get(lane, (0, 0))
        found.append(
            LaneCounts(
                lane, waiting, active, later + alone, completed, failed, unknown, oldest, lane in paused
            )
        )
    return found


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
