"""What staff is told: written down with its cause, handed to delivery after the commit, each once (GEN-3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7

KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class DueAlert:
    """An alert that is to be handed over."""

    tenant_id: UUID
    alert_id: UUID
    template_name: str
    role: str
    branch_id: UUID | None
    variables: dict[str, Any]
    attempts: int
    created_at: datetime


async def add(
    uow: UnitOfWork,
    template_name: str,
    role: str,
    variables: Mapping[str, Any],
    *,
    branch_id: UUID | None = None,
) -> None:
    """Has everybody with a role told, of a branch where one is named; the template is for staff alerts."""
    now = uow.now()
    await uow.execute(
        "INSERT INTO staff_alert (tenant_id, alert_id, template_name, role, branch_id, variables, due_at, created_at,"
        " updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (uow.tenant_id, uuid7(), template_name, role, branch_id, Jsonb(dict(variables)), now, now, now),
    )


_CLAIM = """
UPDATE staff_alert AS a SET attempts = a.attempts + 1, due_at = %(until)s, updated_at = %(now)s
FROM (
    SELECT tenant_id, alert_id FROM staff_alert WHERE state = 'waiting' AND due_at <= %(now)s
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS next
WHERE a.tenant_id = next.tenant_id AND a.alert_id = next.alert_id
RETURNING a.tenant_id, a.alert_id, a.template_name, a.role, a.branch_id, a.variables, a.attempts, a.created_at
"""


async def claim(uow: UnitOfWork, lease: timedelta, limit: int) -> list[DueAlert]:
    """Takes what is due, for as long as the lease lasts; needs a unit of work across tenants."""
    now = uow.now()
    rows = await uow.fetch_all(_CLAIM, {"now": now, "until": now + lease, "limit": limit})
    return [DueAlert(*row) for row in rows]


async def finish(uow: UnitOfWork, alert_id: UUID, dropped: str = "") -> None:
    """Ends an alert: handed over, or dropped for a reason."""
    await uow.execute(
        "UPDATE staff_alert SET state = %s, reason = %s, updated_at = %s WHERE tenant_id = %s AND alert_id = %s",
        ("dropped" if dropped else "sent", dropped or None, uow.now(), uow.tenant_id, alert_id),
    )


async def postpone(uow: UnitOfWork, alert_id: UUID, until: datetime) -> None:
    """Lets an alert be tried again later."""
    await uow.execute(
        "UPDATE staff_alert SET due_at = %s, updated_at = %s WHERE tenant_id = %s AND alert_id = %s",
        (until, uow.now(), uow.tenant_id, alert_id),
    )


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes alerts long done; a step of the cleanup (GEN-47)."""
    return await uow.execute(
        "DELETE FROM staff_alert WHERE (tenant_id, alert_id) IN"
        " (SELECT tenant_id, alert_id FROM staff_alert WHERE created_at < %s LIMIT %s)",
        (now - KEPT, limit),
    )
