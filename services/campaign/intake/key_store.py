"""The SQL of keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.campaign.intake.domain import IntakeKey
from services.common.db.uow import UnitOfWork

_COLUMNS: Final = (
    "tenant_id, key_id, source, types, secret, previous_secret, previous_until, created_by, created_at, rotated_at,"
    " revoked_at, used_at"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM intake_key WHERE revoked_at IS NULL AND key_id = %(key_id)s"  # noqa: S608
_OWN: Final = f"{_SELECT} AND tenant_id = %(tenant_id)s"

_INSERT: Final = """
INSERT INTO intake_key (tenant_id, key_id, source, types, secret, created_by, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""

_SAVE: Final = """
UPDATE intake_key SET secret = %s, previous_secret = %s, previous_until = %s, rotated_at = %s, revoked_at = %s
WHERE tenant_id = %s AND key_id = %s
"""

_USED: Final = """
UPDATE intake_key SET used_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND key_id = %(key_id)s AND (used_at IS NULL OR used_at < %(before)s)
"""


async def count(uow: UnitOfWork) -> int:
    """Returns how many keys hold."""
    found: int = await uow.fetch_value(
        "SELECT count(*) FROM intake_key WHERE tenant_id = %s AND revoked_at IS NULL", (uow.tenant_id,)
    )
    return found


async def insert(uow: UnitOfWork, key: IntakeKey) -> None:
    """Adds a key."""
    await uow.execute(
        _INSERT,
        (
            key.tenant_id,
            key.key_id,
            key.source,
            list(key.types),
            key.secret,
            key.created_by,
            key.created_at,
        ),
    )


async def save(uow: UnitOfWork, key: IntakeKey) -> None:
    """Writes a key that is locked."""
    await uow.execute(
        _SAVE,
        (
            key.secret,
            key.previous_secret,
            key.previous_until,
            key.rotated_at,
            key.revoked_at,
            key.tenant_id,
            key.key_id,
        ),
    )


async def own(uow: UnitOfWork, key_id: str, *, lock: bool = False) -> IntakeKey | None:
    """Returns a key of the tenant that holds, or None."""
    row = await uow.fetch_one(
        f"{_OWN} FOR UPDATE" if lock else _OWN, {"tenant_id": uow.tenant_id, "key_id": key_id}
    )
    return _key(row) if row else None


async def anybodys(uow: UnitOfWork, key_id: str) -> IntakeKey | None:
    """Returns a key that holds, whoever's it is, or None; needs a unit of work across tenants."""
    row = await uow.fetch_one(_SELECT, {"key_id": key_id})
    return _key(row) if row else None


async def page(
    uow: UnitOfWork, *, with_revoked: bool, before: tuple[datetime, str] | None, limit: int
) -> list[IntakeKey]:
    """Returns keys, newest first, made before one."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM intake_key WHERE tenant_id = %(tenant_id)s"  # noqa: S608 - constants
        + ("" if with_revoked else " AND revoked_at IS NULL")
        + (" AND (created_at, key_id) < (%(at)s, %(id)s)" if before else "")
        + " ORDER BY created_at DESC, key_id DESC LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "limit": limit,
            "at": before and before[0],
            "id": before and before[1],
        },
    )
    return [_key(row) for row in rows]


def note_use(uow: UnitOfWork, key: IntakeKey, every: timedelta) -> None:
    """Notes with the commit that a key signed something, unless that was noted lately."""
    now = uow.now()
    if key.used_at is None or key.used_at < now - every:
        uow.defer(
            _USED,
            {"tenant_id": key.tenant_id, "key_id": key.key_id, "now": now, "before": now - every},
        )


def _key(row: Sequence[Any]) -> IntakeKey:
    tenant_id: UUID = row[0]
    return IntakeKey(tenant_id, row[1], row[2], tuple(row[3]), *row[4:])
