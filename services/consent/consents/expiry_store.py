"""SQL of what ends by itself, and of retention."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.common.db.partitions import uuid7_floor
from services.common.db.uow import UnitOfWork
from services.consent.consents.domain import Consent
from services.consent.consents.store import READ_COLUMNS, consent_of

_TENANTS = """
SELECT DISTINCT tenant_id FROM consent
WHERE status = 'granted' AND expires_at IS NOT NULL AND expires_at <= %(now)s
UNION SELECT DISTINCT tenant_id FROM consent
WHERE status = 'pending' AND least(confirmation_expires_at, expires_at) <= %(now)s
UNION SELECT DISTINCT tenant_id FROM suppression
WHERE expires_at IS NOT NULL AND expires_at <= %(now)s AND reason = 'soft_bounce_limit'
"""


async def tenants_due(uow: UnitOfWork, now: datetime) -> list[UUID]:
    """Returns tenants that have something to end; needs a unit of work across tenants."""
    return [tenant_id for (tenant_id,) in await uow.fetch_all(_TENANTS, {"now": now})]


_IS_DUE = """(
    status = 'granted' AND expires_at IS NOT NULL AND expires_at <= %(now)s
    OR status = 'pending' AND least(confirmation_expires_at, expires_at) <= %(now)s
)"""


_DUE = f"""
SELECT consent_id, coalesce(uuid_send(contact_id), address_hash) FROM consent
WHERE tenant_id = %(tenant_id)s AND {_IS_DUE} LIMIT %(limit)s
"""  # noqa: S608 - constants


async def due(uow: UnitOfWork, now: datetime, limit: int) -> dict[UUID, bytes]:
    """Returns consents whose time passed, each with the key of its person."""
    rows = await uow.fetch_all(_DUE, {"tenant_id": uow.tenant_id, "now": now, "limit": limit})
    return dict(rows)


_EXPIRE = f"""
WITH due AS (
    SELECT consent_id AS due_id, status AS old_status FROM consent
    WHERE tenant_id = %(tenant_id)s AND consent_id = ANY(%(ids)b::uuid[]) AND {_IS_DUE}
)
UPDATE consent SET status = 'expired', sealed_address = NULL, updated_at = %(now)s, version = version + 1
FROM due WHERE tenant_id = %(tenant_id)s AND consent_id = due_id
RETURNING {READ_COLUMNS}, old_status
"""  # noqa: S608 - constants


async def expire(uow: UnitOfWork, now: datetime, ids: Collection[UUID]) -> list[tuple[Consent, str]]:
    """Ends those of these consents that are still past their time; returns them with what they were.

    Their people are locked, so that nobody confirms or withdraws one at the same moment.
    """
    rows = await uow.fetch_all(_EXPIRE, {"tenant_id": uow.tenant_id, "now": now, "ids": sorted(ids)})
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
    for table in ("consent_audit", "consent_chain", "unsubscribe_action", "consent", "contact"):
        await uow.execute(
            f"DELETE FROM {table} WHERE (tenant_id, contact_id) IN"  # noqa: S608 - the tables named here
            " (SELECT * FROM unnest(%(tenants)b::uuid[], %(contacts)b::uuid[]))",
            parameters,
        )
    return len(erased)


async def delete_texts(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Forgets texts read before an instant; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM inbound_text WHERE (tenant_id, provider_account_id, provider_message_id) IN"
        " (SELECT tenant_id, provider_account_id, provider_message_id FROM inbound_text"
        " WHERE created_at < %(before)s LIMIT %(limit)s)",
        {"before": before, "limit": limit},
    )
