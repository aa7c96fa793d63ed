"""SQL of messages with links that consent makes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7


@dataclass(frozen=True, slots=True)
class Due:
    """An asking whose message is to be handed over."""

    tenant_id: UUID
    message_id: UUID
    consent_id: UUID | None
    """The consent that waits; None when a fresh link was asked for."""
    request_id: UUID | None
    """The asking for a fresh link."""
    count: int
    attempts: int
    expires_at: datetime


async def add(uow: UnitOfWork, consent_id: UUID, count: int, expires_at: datetime) -> bool:
    """Notes an asking; False when it was noted before, however often it is announced.

    A consent that ended, or whose address is another one now, is asked from one again: its later end tells that asking
    from the former of the same number, whose place it takes.
    """
    now = uow.now()
    return bool(
        await uow.execute(
            "INSERT INTO confirmation (tenant_id, message_id, consent_id, confirmation_count, due_at, expires_at,"
            " created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (tenant_id, consent_id, confirmation_count) DO UPDATE SET message_id = EXCLUDED.message_id,"
            " state = 'waiting', reason = NULL, attempts = 0, due_at = EXCLUDED.due_at,"
            " expires_at = EXCLUDED.expires_at, created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at"
            " WHERE confirmation.expires_at < EXCLUDED.expires_at",
            (uow.tenant_id, uuid7(), consent_id, count, now, expires_at, now, now),
        )
    )


async def add_request(uow: UnitOfWork, request_id: UUID, expires_at: datetime) -> bool:
    """Notes an asking for a fresh link; False when it was noted before."""
    now = uow.now()
    return bool(
        await uow.execute(
            "INSERT INTO confirmation (tenant_id, message_id, request_id, confirmation_count, due_at, expires_at,"
            " created_at, updated_at) VALUES (%s, %s, %s, 1, %s, %s, %s, %s)"
            " ON CONFLICT (tenant_id, request_id) WHERE request_id IS NOT NULL DO NOTHING",
            (uow.tenant_id, uuid7(), request_id, now, expires_at, now, now),
        )
    )


_CLAIM = """
UPDATE confirmation AS c SET attempts = c.attempts + 1, due_at = %(until)s, updated_at = %(now)s
FROM (
    SELECT tenant_id, message_id FROM confirmation WHERE state = 'waiting' AND due_at <= %(now)s
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS next
WHERE c.tenant_id = next.tenant_id AND c.message_id = next.message_id
RETURNING c.tenant_id, c.message_id, c.consent_id, c.request_id, c.confirmation_count, c.attempts, c.expires_at
"""


async def claim(uow: UnitOfWork, lease: timedelta, limit: int) -> list[Due]:
    """Takes what is due, for as long as the lease lasts; needs a unit of work across tenants."""
    now = uow.now()
    rows = await uow.fetch_all(_CLAIM, {"now": now, "until": now + lease, "limit": limit})
    return [Due(*row) for row in rows]


async def finish(uow: UnitOfWork, message_id: UUID, dropped: str = "") -> None:
    """Ends an asking: handed over, or dropped for a reason."""
    await uow.execute(
        "UPDATE confirmation SET state = %s, reason = %s, updated_at = %s WHERE tenant_id = %s AND message_id = %s",
        ("dropped" if dropped else "sent", dropped or None, uow.now(), uow.tenant_id, message_id),
    )


async def postpone(uow: UnitOfWork, message_id: UUID, until: datetime) -> None:
    """Lets an asking be tried again later."""
    await uow.execute(
        "UPDATE confirmation SET due_at = %s, updated_at = %s WHERE tenant_id = %s AND message_id = %s",
        (until, uow.now(), uow.tenant_id, message_id),
    )


async def delete_old(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes askings made before an instant; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM confirmation WHERE (tenant_id, message_id) IN"
        " (SELECT tenant_id, message_id FROM confirmation WHERE created_at < %s LIMIT %s)",
        (before, limit),
    )
