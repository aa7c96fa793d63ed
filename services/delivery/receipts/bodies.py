"""The SQL of raw bodies: stored before anything else, applied once, kept for a month."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7

NO_ACCOUNT: Final = UUID(int=0)
"""Stands for the account of bounce mails: whoever relayed them, the message knows its own account."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One raw body as it was received."""

    tenant_id: UUID
    batch_id: UUID
    account_id: UUID
    provider: str
    content_type: str
    received_at: datetime
    message_id: UUID | None = None
    attempt_count: int = 0


_ADD_BATCH = """
INSERT INTO receipt_batch (
    tenant_id, batch_id, account_id, message_id, provider, content_type, body, body_hash, received_at, state, next_at)
VALUES (%(tenant_id)s, %(batch_id)s, %(account_id)s, %(message_id)s, %(provider)s, %(content_type)s, %(body)b,
    %(body_hash)b, %(received_at)s, 1, %(next_at)s)
ON CONFLICT (tenant_id, account_id, body_hash) DO NOTHING
"""

_TAKE = """
SELECT account_id, provider, content_type, received_at, message_id, attempt_count, body FROM receipt_batch
WHERE tenant_id = %s AND batch_id = %s AND state = 1 FOR UPDATE SKIP LOCKED
"""

_HOLD = """
SELECT true FROM receipt_batch WHERE tenant_id = %s AND batch_id = %s AND state = 1 FOR UPDATE SKIP LOCKED
"""

_DUE = "SELECT tenant_id, batch_id FROM receipt_batch WHERE state = 1 AND next_at <= %s ORDER BY next_at LIMIT %s"

_COUNT_WAITING = "SELECT count(*), min(received_at) FROM receipt_batch WHERE state = 1"

_APPLIED = """
UPDATE receipt_batch SET state = 2, applied_at = %(now)s, receipt_count = %(count)s, failed_count = %(failed)s, error = ''
WHERE tenant_id = %(tenant_id)s AND batch_id = %(batch_id)s
"""

_CLEAR = "UPDATE receipt_batch SET body = '' WHERE tenant_id = %s AND batch_id = %s"

_PUT_OFF = """
UPDATE receipt_batch SET attempt_count = attempt_count + 1, error = %(error)s, next_at = %(next_at)s,
    state = CASE WHEN %(is_final)s THEN 3 ELSE 1 END
WHERE tenant_id = %(tenant_id)s AND batch_id = %(batch_id)s AND state = 1
"""

_FORGET_BODIES = """
DELETE FROM receipt_batch WHERE (tenant_id, batch_id) IN (
    SELECT tenant_id, batch_id FROM receipt_batch WHERE received_at < %s LIMIT %s)
"""


async def add(uow: UnitOfWork, batch: Batch, body: bytes, body_hash: bytes, next_at: datetime) -> bool:
    """Stores a raw body; false when the same one was stored before."""
    added = await uow.execute(
        _ADD_BATCH,
        {
            "tenant_id": batch.tenant_id,
            "batch_id": batch.batch_id,
            "account_id": batch.account_id,
            "message_id": batch.message_id,
            "provider": batch.provider,
            "content_type": batch.content_type,
            "body": body,
            "body_hash": body_hash,
            "received_at": batch.received_at,
            "next_at": next_at,
        },
    )
    return added == 1


async def hold(uow: UnitOfWork, batch: Batch) -> bool:
    """Locks a body that waits; false when somebody else has it or it is applied."""
    return bool(await uow.fetch_value(_HOLD, (batch.tenant_id, batch.batch_id)))


async def take(uow: UnitOfWork, tenant_id: UUID, batch_id: UUID) -> tuple[Batch, bytes] | None:
    """Locks a body that waits and returns it, still sealed; None when somebody else has it or it is applied."""
    row = await uow.fetch_one(_TAKE, (tenant_id, batch_id))
    if row is None:
        return None
    account_id, provider, content_type, received_at, message_id, attempts, body = row
    return (
        Batch(tenant_id, batch_id, account_id, provider, content_type, received_at, message_id, attempts),
        body,
    )


async def due(uow: UnitOfWork, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Returns tenant and id of bodies that nobody applied in time; needs a unit of work across tenants."""
    return [(tenant_id, batch_id) for tenant_id, batch_id in await uow.fetch_all(_DUE, (now, limit))]


async def waiting(uow: UnitOfWork) -> tuple[int, datetime | None]:
    """Returns how many bodies wait and since when; needs a unit of work across tenants."""
    row = await uow.fetch_one(_COUNT_WAITING)
    return (row[0], row[1]) if row else (0, None)


async def finish(uow: UnitOfWork, batch: Batch, count: int, failed: int, now: datetime) -> None:
    """Notes that a body is applied."""
    await uow.execute(
        _APPLIED,
        {
            "tenant_id": batch.tenant_id,
            "batch_id": batch.batch_id,
            "count": count,
            "failed": failed,
            "now": now,
        },
    )


async def clear(uow: UnitOfWork, batch: Batch) -> None:
    """Forgets what a body says, not that it came."""
    await uow.execute(_CLEAR, (batch.tenant_id, batch.batch_id))


async def put_off(
    uow: UnitOfWork, tenant_id: UUID, batch_id: UUID, error: str, next_at: datetime, *, is_final: bool
) -> None:
    """Notes a failed try; a final one is looked at by people."""
    await uow.execute(
        _PUT_OFF,
        {
            "tenant_id": tenant_id,
            "batch_id": batch_id,
            "error": error[:500],
            "next_at": next_at,
            "is_final": is_final,
        },
    )


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes raw bodies heard before an instant; needs a unit of work across tenants (GEN-47)."""
    return await uow.execute(_FORGET_BODIES, (before, limit))


def new(
    tenant_id: UUID, account_id: UUID, provider: str, content_type: str, received_at: datetime, message_id: UUID | None = None
) -> Batch:  # fmt: skip
    """Returns a body that is about to be stored."""
    return Batch(tenant_id, uuid7(), account_id, provider, content_type, received_at, message_id)


def patience(attempt_count: int) -> timedelta:
    """Returns how long a body waits after a failed try: 1 s, doubled up to 10 minutes."""
    return min(timedelta(seconds=2**attempt_count), timedelta(minutes=10))
