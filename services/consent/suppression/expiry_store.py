"""SQL of pauses that end by themselves."""

from datetime import datetime

from services.common.db.uow import UnitOfWork
from services.consent.suppression.domain import StoredEntry
from services.consent.suppression.store import READ_COLUMNS, stored_entry

_END = f"""
DELETE FROM suppression WHERE tenant_id = %(tenant_id)s AND suppression_id IN (
    SELECT suppression_id FROM suppression
    WHERE tenant_id = %(tenant_id)s AND reason = 'soft_bounce_limit' AND expires_at <= %(now)s
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING {READ_COLUMNS}
"""  # noqa: S608 - constants


async def end(uow: UnitOfWork, now: datetime, limit: int) -> list[StoredEntry]:
    """Removes pauses after soft bounces whose time passed and returns them."""
    rows = await uow.fetch_all(_END, {"tenant_id": uow.tenant_id, "now": now, "limit": limit})
    return [stored_entry(row) for row in rows]
