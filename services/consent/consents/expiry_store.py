"""SQL of what ends by itself, and of retention."""

from datetime import datetime
from uuid import UUID

from services.common.db.partitions import uuid7_floor
from services.common.db.uow import UnitOfWork
from services.consent.consents.domain import Consent
from services.consent.consents.store import READ_COLUMNS, consent_of

_TENANTS = """
SELECT DISTINCT tenant_id FROM consent
WHERE status = 'granted' AND expires_at IS NOT NULL AND expires_at <= %(now)s
UNION SELECT DISTINCT tenant_id FROM consent WHERE status = 'pending' AND confirmation_expires_at <= %(now)s
UNION SELECT DISTINCT tenant_id FROM suppression
WHERE expires_at IS NOT NULL AND expires_at <= %(now)s AND reason = 'soft_bounce_limit'
"""


async def tenants_due(uow: UnitOfWork, now: datetime) -> list[UUID]:
    """Returns tenants that have something to end; needs a unit of work across tenants."""
    return [tenant_id for (tenant_id,) in await uow.fetch_all(_TENANTS, {"now": now})]


_EXPIRE = f"""
WITH due AS (
    SELECT consent_id AS due_id, status AS old_status FROM consent
    WHERE tenant_id = %(tenant_id)s AND (status = 'granted' AND expires_at IS NOT NULL AND expires_at <= %(now)s
        OR status = 'pending' AND confirmation_expires_at <= %(now)s)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE consent SET status = 'expired', updated_at = %(now)s, version = version + 1
FROM due WHERE tenant_id = %(tenant_id)s AND consent_id = due_id
RETURNING {READ_COLUMNS}, old_status
"""  # noqa: S608 - constants


async def expire(uow: UnitOfWork, now: datetime, limit: int) -> list[tuple[Consent, str]]:
    """Ends consents and unconfirmed ones whose time passed; returns them with what they were."""
    rows = await uow.fetch_all(_EXPIRE, {"tenant_id": uow.tenant_id, "now": now, "limit": limit})
    return [(consent_of(row[:-1]), row[-1]) for row in rows]


async def delete_decisions(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes decisions made before an instant; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM decision WHERE (tenant_id, decision_id) IN"
        " (SELECT tenant_id, decision_id FROM decision WHERE decision_id < %(floor)s LIMIT %(limit)s)",
        {"floor": uuid7_floor(before), "limit": limit},
    )


_ERASED = "SELECT tenant_id, contact_id FROM contact WHERE state = 'erased' AND updated_at < %(before)s LIMIT %(limit)s"


async def delete_proof(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes everything about contacts erased before an instant; needs a unit of work across tenants."""
    erased = await uow.fetch_all(_ERASED, {"before": before, "limit": limit})
    parameters = {"tenants": [row[0] for row in erased], "contacts": [row[1] for row in erased]}
    for table in ("consent_audit", "unsubscribe_action", "consent", "contact"):
        await uow.execute(
            f"DELETE FROM {table} WHERE (tenant_id, contact_id) IN"  # noqa: S608 - the tables named here
            " (SELECT * FROM unnest(%(tenants)b::uuid[], %(contacts)b::uuid[]))",
            parameters,
        )
    return len(erased)
