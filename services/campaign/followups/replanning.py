"""What becomes of reminders when a tenant or a branch moves to another zone: they stay what its clocks show (GEN-13)."""

from datetime import time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.campaign.followups.domain import USUAL_TIME
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.common.zones import at

# Of one branch, or of all contacts whose branch has no zone of its own.
_AHEAD: Final = """
SELECT f.followup_id, f.reminder_date, f.reminder_time FROM staff_followup f
JOIN contact c ON c.tenant_id = f.tenant_id AND c.contact_id = f.contact_id
LEFT JOIN branch b ON b.tenant_id = c.tenant_id AND b.branch_id = c.branch_id
WHERE f.tenant_id = %(tenant_id)s AND f.state = 1 AND f.notified_at IS NULL AND f.due_at > %(now)s
    AND CASE WHEN %(branch_id)s::uuid IS NULL THEN coalesce(b.time_zone, '') = ''
        ELSE c.branch_id = %(branch_id)s::uuid END
ORDER BY f.followup_id FOR UPDATE OF f
"""
_FIELDS: Final = {"followup_id": "uuid", "due_at": "timestamptz"}
_MOVE: Final = f"""
UPDATE staff_followup f SET due_at = k.due_at, updated_at = %(now)s FROM {named_unnest(_FIELDS, "k")}
WHERE f.tenant_id = %(tenant_id)s AND f.followup_id = k.followup_id
"""  # noqa: S608 - names of columns


async def follow_zone(uow: UnitOfWork, zone: ZoneInfo, branch_id: UUID | None = None) -> int:
    """Moves what lies ahead to the same date and time in another zone; returns how many that is.

    Args:
        uow: The unit of work in which the zone changes.
        zone: The new one.
        branch_id: The branch that moves; None for the tenant, with whom those branches move that have no zone.
    """
    values = {"tenant_id": uow.tenant_id, "now": uow.now()}
    rows = await uow.fetch_all(_AHEAD, {**values, "branch_id": branch_id})
    moved = [
        (followup_id, at(day, time.fromisoformat(moment) if moment else USUAL_TIME, zone))
        for followup_id, day, moment in rows
    ]
    named = dict(zip(_FIELDS, columns(moved, len(_FIELDS)), strict=True))
    return await uow.execute(_MOVE, {**values, **named})
