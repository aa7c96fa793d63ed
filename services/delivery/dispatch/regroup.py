"""Messages whose own instant has come go back into the queue, in blocks of what they share (DEL-81)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.columns import Uuids, in_slices
from services.delivery.dispatch import store
from services.delivery.dispatch.store import NewBlock
from services.delivery.messages.domain import MAX_BLOCK, State

LIMIT: Final = 5000

_DUE = """
SELECT w.tenant_id, uuid_send(w.message_id), w.state, w.due_at FROM message_wait w
WHERE w.due_at <= %(now)s AND w.state IN (3, 6)
ORDER BY w.due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""

_SHARED = """
SELECT uuid_send(m.message_id), m.tenant_id, c.group_key, m.campaign_id, c.run_id, m.lane, m.channel, c.message_class,
    coalesce(m.expire_at, c.expire_at)
FROM unnest(%(tenants)b::uuid[], %(ids)b::uuid[]) AS r (tenant_id, message_id)
JOIN message m ON m.tenant_id = r.tenant_id AND m.message_id = r.message_id
JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
WHERE m.state = ANY (%(states)s)
"""

_DROP = """
DELETE FROM message_wait w USING unnest(%(tenants)b::uuid[], %(ids)b::uuid[]) AS r (tenant_id, message_id)
WHERE w.tenant_id = r.tenant_id AND w.message_id = r.message_id
"""


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What was put back into the queue."""

    count: int
    lanes: frozenset[int]
    is_full: bool
    """Whether there may be more due."""


async def regroup(uow: UnitOfWork, now: datetime) -> Regrouped:
    """Moves up to 5,000 due messages from `message_wait` into blocks; needs a unit of work across tenants."""
    due = await uow.fetch_all(_DUE, {"now": now, "limit": LIMIT})
    if not due:
        return Regrouped(0, frozenset(), is_full=False)
    params = {
        "tenants": columns.uuids([row[0].bytes for row in due]),
        "ids": columns.uuids([row[1] for row in due]),
    }
    await uow.execute(_DROP, params)
    count, lanes = await add_blocks(
        uow, params["tenants"], params["ids"], [State.DEFERRED, State.RETRYING], now
    )
    return Regrouped(count, lanes, is_full=len(due) == LIMIT)


async def add_blocks(
    uow: UnitOfWork, tenants: Uuids, ids: Uuids, states: Sequence[State], now: datetime
) -> tuple[int, frozenset[int]]:
    """Puts messages that are still in one of these states into blocks, and returns how many and their lanes."""
    rows = await uow.fetch_all(
        _SHARED, {"tenants": tenants, "ids": ids, "states": [int(state) for state in states]}
    )
    grouped: defaultdict[tuple[UUID, UUID], list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        grouped[row[1], row[2]].append(row)
    for (tenant_id, group_key), members in grouped.items():
        for part in in_slices(members, MAX_BLOCK):
            first = part[0]
            await store.add_block(
                uow,
                NewBlock(
                    tenant_id=tenant_id,
                    group_key=group_key,
                    campaign_id=first[3],
                    run_id=first[4],
                    lane=first[5],
                    channel=first[6],
                    message_class=first[7],
                    due_at=now,
                    expire_at=min(row[8] for row in part),
                    message_ids=[row[0] for row in part],
                ),
                now=now,
            )
    return len(rows), frozenset(row[5] for row in rows)
