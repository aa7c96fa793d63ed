"""What left lately, by the ledger of hand-overs: the truth that lost windows are filled from.

Places that were taken in a memory which is lost are worth nothing once its successor was filled: nobody counts them there.
So whoever fills notes the mark of the new memory first, and a hand-over is written down only while no newer one is noted
than that in which its places were taken. A lock that both share, for a moment and in memory only, puts the two in order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.db.database import Database
from services.common.db.partitions import uuid7_floor
from services.common.db.uow import UnitOfWork
from services.delivery.limits.domain import EVERY, Scope
from services.delivery.limits.rates import Window
from services.delivery.messages.domain import Channel

_PIECES: Final = 240
_MARGIN: Final = timedelta(minutes=5)
"""So much earlier than it was written down a hand-over's id may have been made."""

# Counted in pieces of a fraction of the window; a piece stands at its end, so that nothing is forgotten too early.
_LEFT = """
SELECT to_timestamp((floor(extract(epoch FROM h.started_at) / %(piece)s) + 1) * %(piece)s), sum(cardinality(h.message_ids))
FROM handover h
WHERE h.handover_id > %(floor)s AND h.channel = %(channel)s AND h.started_at > %(since)s
  AND (%(tenant_id)s = %(every)s OR h.tenant_id = %(tenant_id)s)
GROUP BY 1 ORDER BY 1
"""

_FENCE = "SELECT pg_advisory_xact_lock(hashtextextended('delivery.rates', 0))"
SHARED_FENCE: Final = "pg_advisory_xact_lock_shared(hashtextextended('delivery.rates', 0))"

_NOTE_MEMORY = """
INSERT INTO rate_memory (place, mark) VALUES (1, %s)
ON CONFLICT (place) DO UPDATE SET mark = excluded.mark WHERE rate_memory.mark < excluded.mark
"""

MEMORY: Final = "coalesce((SELECT mark FROM rate_memory), 0)"

_RESET_AT = "SELECT reset_at FROM rate_limit_reset WHERE tenant_id = %s AND channel = %s AND scope = %s"

_RESET = """
INSERT INTO rate_limit_reset (tenant_id, channel, scope, reset_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (tenant_id, channel, scope) DO UPDATE SET reset_at = excluded.reset_at
"""


class HandoverLedger:
    """Counts what left of a channel, over all or of one tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, window: Window, since: datetime, mark: int) -> Sequence[tuple[datetime, int]]:
        """Returns instants and counts of what a window counts, since an instant and its last reset.

        What was written down before is among them; what took its places earlier and is not, leaves no more.
        """
        channel, *subject = window.counted
        tenant_id = subject[0] if subject else EVERY
        scope = Scope.TENANT if subject else Scope.GLOBAL
        async with self._database.system() as uow:
            await uow.execute(_FENCE)
            await uow.execute(_NOTE_MEMORY, (mark,))
            reset_at = await uow.fetch_value(_RESET_AT, (tenant_id, int(channel), int(scope)))
            since = max(since, reset_at) if reset_at else since
            rows = await uow.fetch_all(
                _LEFT,
                {
                    "piece": max(window.seconds / _PIECES, 0.001),
                    "floor": uuid7_floor(since - _MARGIN),
                    "channel": int(channel),
                    "since": since,
                    "tenant_id": tenant_id,
                    "every": EVERY,
                },
            )
        return [(min(at, uow.now()), int(count)) for at, count in rows]


async def reset(uow: UnitOfWork, tenant_id: UUID, channel: Channel, scope: Scope, now: datetime) -> None:
    """Notes that windows begin anew; needs a unit of work across tenants."""
    await uow.execute(_RESET, (tenant_id, int(channel), int(scope), now))
