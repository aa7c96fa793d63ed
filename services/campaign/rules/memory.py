"""SQL of what rules remember between events; of what or whom is told by digests alone."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from services.common.db.uow import UnitOfWork

_SUBJECT_BYTES: Final = 16


def digest(parts: Sequence[str]) -> bytes:
    """Returns the digest of what something is remembered of."""
    return hashlib.sha256("\x1f".join(parts).encode()).digest()[:_SUBJECT_BYTES]


async def claim(uow: UnitOfWork, kind: str, parts: Sequence[str]) -> dict[str, Any]:
    """Returns what is remembered of something and locks it, also while nothing is."""
    values = (uow.tenant_id, kind, digest(parts))
    await uow.execute(
        "INSERT INTO notification_memory (tenant_id, kind, subject, data, keep_until) VALUES (%s, %s, %s, '{}', %s)"
        " ON CONFLICT DO NOTHING",
        (*values, uow.now()),
    )
    data: dict[str, Any] = await uow.fetch_value(
        "SELECT data FROM notification_memory WHERE tenant_id = %s AND kind = %s AND subject = %s FOR UPDATE",
        values,
    )
    return data


async def known(uow: UnitOfWork, kind: str, parts: Sequence[str]) -> dict[str, Any]:
    """Returns what is remembered of something, without a lock."""
    data: dict[str, Any] | None = await uow.fetch_value(
        "SELECT data FROM notification_memory WHERE tenant_id = %s AND kind = %s AND subject = %s",
        (uow.tenant_id, kind, digest(parts)),
    )
    return data or {}


async def save(
    uow: UnitOfWork, kind: str, parts: Sequence[str], data: dict[str, Any], keep_until: datetime
) -> None:
    """Writes what is remembered of something that is locked, and keeps it at least so long."""
    await uow.execute(
        "UPDATE notification_memory SET data = %s::jsonb, keep_until = greatest(keep_until, %s)"
        " WHERE tenant_id = %s AND kind = %s AND subject = %s",
        (orjson.dumps(data).decode(), keep_until, uow.tenant_id, kind, digest(parts)),
    )


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes what nobody needs any more; a step of the cleanup (GEN-47)."""
    return await uow.execute(
        "DELETE FROM notification_memory WHERE (tenant_id, kind, subject) IN (SELECT tenant_id, kind, subject"
        " FROM notification_memory WHERE keep_until < %s ORDER BY keep_until LIMIT %s)",
        (now, limit),
    )
