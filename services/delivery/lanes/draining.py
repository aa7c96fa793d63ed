"""Draining a lane: what waits of one tenant is cancelled, what is being handed over goes on (DEL-46)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.columns import in_slices
from services.delivery.dispatch import handover
from services.delivery.messages import announce, changes
from services.delivery.messages.announce import Stopped
from services.delivery.messages.domain import MAX_BLOCK, WAITING, Lane

DRAINED: Final = "lane_drained"
_LOTS: Final = 5
"""Blocks whose messages are cancelled in one transaction: 5,000 messages at most."""

_BLOCKS = """
SELECT block_id, status, ARRAY(SELECT uuid_send(i) FROM unnest(message_ids) AS i) FROM dispatch_block
WHERE tenant_id = %(tenant_id)s AND lane = %(lane)s AND block_id > %(after)s
ORDER BY block_id LIMIT %(limit)s FOR UPDATE
"""

_WAITS = """
SELECT uuid_send(w.message_id) FROM message_wait w
JOIN message m ON m.tenant_id = w.tenant_id AND m.message_id = w.message_id
WHERE w.tenant_id = %(tenant_id)s AND w.state IN (3, 6) AND m.lane = %(lane)s AND w.message_id > %(after)s
ORDER BY w.message_id LIMIT %(limit)s FOR UPDATE OF w
"""

# What is being handed over is not waiting any more, although its row still says so.
_CANCEL = """
UPDATE message m SET state = 14, reason = %(reason)s, stopped_at = %(now)s, wake_at = NULL
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = ANY (%(ids)b::uuid[]) AND m.state = ANY (%(waiting)s)
  AND m.message_id NOT IN (
    SELECT unnest(h.message_ids) FROM handover h WHERE h.tenant_id = %(tenant_id)s AND h.finished_at IS NULL)
RETURNING uuid_send(m.message_id), m.campaign_id
"""

_STILL_WAITING = """
SELECT uuid_send(message_id) FROM message
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND state = ANY (%(waiting)s)
"""

_DROP_WAITS = "DELETE FROM message_wait WHERE tenant_id = %s AND message_id = ANY (%b::uuid[])"
_DROP_BLOCK = "DELETE FROM dispatch_block WHERE tenant_id = %s AND block_id = %s AND status < 2"
_SHRINK = """
UPDATE dispatch_block SET message_ids = %(ids)b::uuid[], message_count = cardinality(%(ids)b::uuid[])::smallint
WHERE tenant_id = %(tenant_id)s AND block_id = %(block)s AND status < 2
"""
_NOTHING: Final = UUID(int=0)
_WAITING: Final = sorted(int(state) for state in WAITING)


async def drain(database: Database, tenant_id: UUID, lane: Lane) -> int:
    """Cancels what waits and returns how many; a call that is cut short is repeated and goes on."""
    total = 0
    after: UUID | None = _NOTHING
    while after is not None:
        async with database.tenant(tenant_id) as uow:
            count, after = await _blocks(uow, lane, after, uow.now())
        total += count
    after = _NOTHING
    while after is not None:
        async with database.tenant(tenant_id) as uow:
            count, after = await _waits(uow, lane, after, uow.now())
        total += count
    return total


async def _blocks(uow: UnitOfWork, lane: Lane, after: UUID, now: datetime) -> tuple[int, UUID | None]:
    await handover.fence(uow, cancelling=True)
    # Workers that hold one of these blocks look again before they hand anything over.
    await changes.count_cancellation(uow)
    row: dict[str, Any] = {
        "tenant_id": uow.tenant_id,
        "lane": int(lane),
        "after": after,
        "limit": _LOTS,
        "waiting": _WAITING,
    }
    blocks = await uow.fetch_all(_BLOCKS, row)
    if not blocks:
        return 0, None
    ids = [id for _, _, members in blocks for id in members]
    cancelled = await _cancel(uow, ids, now)
    # Where a lost worker had begun to hand over, nobody knows yet: those stay, and are asked for.
    left = {id for (id,) in await uow.fetch_all(_STILL_WAITING, {**row, "ids": columns.uuids(ids)})}
    for block_id, _, members in blocks:
        rest = [id for id in members if id in left]
        if not rest:
            uow.defer(_DROP_BLOCK, (uow.tenant_id, block_id))
        elif len(rest) < len(members):
            uow.defer(_SHRINK, {"tenant_id": uow.tenant_id, "block": block_id, "ids": columns.uuids(rest)})
    return len(cancelled), blocks[-1][0]


async def _waits(uow: UnitOfWork, lane: Lane, after: UUID, now: datetime) -> tuple[int, UUID | None]:
    await handover.fence(uow, cancelling=True)
    rows = await uow.fetch_all(
        _WAITS,
        {"tenant_id": uow.tenant_id, "lane": int(lane), "after": after, "limit": _LOTS * MAX_BLOCK},
    )
    if not rows:
        return 0, None
    ids = [id for (id,) in rows]
    cancelled = await _cancel(uow, ids, now)
    uow.defer(_DROP_WAITS, (uow.tenant_id, columns.uuids(cancelled)))
    return len(cancelled), UUID(bytes=ids[-1])


async def _cancel(uow: UnitOfWork, ids: Sequence[bytes], now: datetime) -> list[bytes]:
    rows = await uow.fetch_all(
        _CANCEL,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids(ids),
            "waiting": _WAITING,
            "reason": DRAINED,
            "now": now,
        },
    )
    grouped: defaultdict[str, list[Stopped]] = defaultdict(list)
    for id, campaign_id in rows:
        grouped[str(campaign_id or "")].append(Stopped(id, DRAINED))
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    for campaign, stopped in grouped.items():
        for part in in_slices(stopped, MAX_BLOCK):
            uow.emit(announce.stopped("cancelled", uow.tenant_id, campaign, now, part))
    return [id for id, _ in rows]
