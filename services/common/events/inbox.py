"""The inbox: which events this service has applied."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.common.db.uow import UnitOfWork

# An event that is parked is not applied by the way, for it would come out of its order.
_ENTER = """
INSERT INTO inbox (tenant_id, event_id, source, type, applied_at)
SELECT %(tenant_id)s, event_id, %(source)s, type, %(now)s
FROM unnest(%(event_ids)b::uuid[], %(types)b::text[]) AS new (event_id, type)
WHERE NOT EXISTS (
    SELECT FROM parked_event AS parked
    WHERE parked.tenant_id = %(tenant_id)s AND parked.event_id = new.event_id AND %(fresh)s
)
ON CONFLICT DO NOTHING
RETURNING event_id
"""


async def enter(
    uow: UnitOfWork, source: str, event_ids: Sequence[UUID], types: Sequence[str], *, fresh: bool = True
) -> set[UUID]:
    """Records events as applied in this transaction; returns those that were not before.

    With `fresh`, events that are parked are left out as well.
    """
    parameters = {
        "tenant_id": uow.tenant_id,
        "source": source,
        "now": uow.now(),
        "event_ids": list(event_ids),
        "types": list(types),
        "fresh": fresh,
    }
    return {event_id for (event_id,) in await uow.fetch_all(_ENTER, parameters)}


async def delete_old(uow: UnitOfWork, before: datetime, limit: int = 500) -> int:
    """Removes up to `limit` rows applied before an instant; needs a unit of work across tenants (GEN-47)."""
    return await uow.execute(
        "DELETE FROM inbox WHERE (tenant_id, event_id) IN"
        " (SELECT tenant_id, event_id FROM inbox WHERE applied_at < %s LIMIT %s)",
        (before, limit),
    )
