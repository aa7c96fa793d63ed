"""SQL of what rules remember between events; of what or whom is told by digests alone."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from services.common.db.sets import columns, unnest
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


_LINES: Final = {"subject": "bytea", "data": "text"}
_PUT_MANY: Final = f"""
INSERT INTO notification_memory AS m (tenant_id, kind, subject, data, keep_until)
SELECT %b, %b, subject, data::jsonb, %b FROM {unnest(_LINES)}
ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET data = m.data || excluded.data,
    keep_until = greatest(m.keep_until, excluded.keep_until)
RETURNING subject, data
"""  # noqa: S608 - names of columns


async def merge(
    uow: UnitOfWork, kind: str, lines: Mapping[bytes, Mapping[str, Any]], keep_until: datetime
) -> dict[bytes, dict[str, Any]]:
    """Adds what is to be remembered of many things, by digest, to what is, locks them, and returns what is now."""
    rows = [(subject, orjson.dumps(lines[subject]).decode()) for subject in sorted(lines)]
    values = [uow.tenant_id, kind, keep_until, *columns(rows, len(_LINES))]
    return dict(await uow.fetch_all(_PUT_MANY, values)) if rows else {}


async def known_many(uow: UnitOfWork, kind: str, subjects: Sequence[bytes]) -> dict[bytes, dict[str, Any]]:
    """Returns what is remembered of many things, by digest, without a lock."""
    rows = await uow.fetch_all(
        "SELECT subject, data FROM notification_memory WHERE tenant_id = %s AND kind = %s AND subject = ANY(%b::bytea[])",
        (uow.tenant_id, kind, list(subjects)),
    )
    return dict(rows)


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes what nobody needs any more, or is just noting down again; a step of the cleanup (GEN-47)."""
    return await uow.execute(
        "DELETE FROM notification_memory WHERE (tenant_id, kind, subject) IN (SELECT tenant_id, kind, subject"
        " FROM notification_memory WHERE keep_until < %s ORDER BY keep_until LIMIT %s FOR UPDATE SKIP LOCKED)",
        (now, limit),
    )
