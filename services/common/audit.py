"""The audit trail: who changed what, appended in the transaction of the change (GEN-34)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.common.privacy import redact_text
from services.common.rpc.context import maybe_caller, request_id

MASK = "****"
PLATFORM = UUID(int=0)
"""Stands for the tenant in entries about the whole deployment."""

_SECRET = re.compile(
    r"(^|_)(secret|password|token|credential|credentials|key|api_key|private_key|signature|authorization|body|content)s?$"
)
_PERSONAL = re.compile(r"(^|_)(first_name|last_name|full_name|display_name|birthday|birth_date|address|ip)$")
_LONGEST = 500

_RECORD = """
INSERT INTO audit
    (tenant_id, audit_id, actor, roles, action, resource_type, resource_id, before, after, request_id, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

_LIST = """
SELECT audit_id, actor, roles, action, resource_type, resource_id, before, after, request_id, created_at
FROM audit WHERE {} ORDER BY audit_id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One recorded change."""

    audit_id: UUID
    actor: str
    roles: tuple[str, ...]
    action: str
    resource_type: str
    resource_id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    request_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to list; what is None is not asked for. The range is start-inclusive and end-exclusive."""

    actor: str | None = None
    action: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None


async def record(
    uow: UnitOfWork,
    *,
    action: str,
    resource_type: str,
    resource_id: object,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Writes one entry with the commit; the actor is the caller in hand, secrets and personal values are masked.

    Args:
        uow: The transaction of the change.
        action: What was done, for example `campaign.approve`.
        resource_type: Kind of the thing changed.
        resource_id: Id of the thing changed.
        before: Its state before; None for a creation.
        after: Its state after; None for a deletion.
    """
    caller = maybe_caller()
    uow.defer(
        _RECORD,
        (
            uow.tenant_id or (caller.tenant_id if caller else None) or PLATFORM,
            uuid7(),
            caller.subject if caller else "system",
            sorted(caller.roles) if caller else [],
            action,
            resource_type,
            str(resource_id),
            None if before is None else Jsonb(masked(before)),
            None if after is None else Jsonb(masked(after)),
            request_id(),
            uow.now(),
        ),
    )


async def list_entries(
    uow: UnitOfWork, wanted: AuditFilter, *, before: UUID | None = None, limit: int = 50
) -> list[AuditEntry]:
    """Returns entries newest first, after the last one of the page before."""
    conditions = ["true"]
    values: dict[str, Any] = {"limit": limit}
    columns = {
        "actor": wanted.actor,
        "action": wanted.action,
        "resource_type": wanted.resource_type,
        "resource_id": wanted.resource_id,
    }
    for column, value in columns.items():
        if value is not None:
            conditions.append(f"{column} = %({column})s")
            values[column] = value
    if uow.tenant_id is not None:
        conditions.append("tenant_id = %(tenant_id)s")
        values["tenant_id"] = uow.tenant_id
    if wanted.start is not None:
        conditions.append("created_at >= %(start)s")
        values["start"] = wanted.start
    if wanted.end is not None:
        conditions.append("created_at < %(end)s")
        values["end"] = wanted.end
    if before is not None:
        conditions.append("audit_id < %(before)s")
        values["before"] = before
    rows = await uow.fetch_all(_LIST.format(" AND ".join(conditions)), values)
    return [AuditEntry(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows]


def masked(state: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a state as JSON holds it: secrets gone, personal values and addresses masked, long texts cut."""
    return {key: _masked(key, value) for key, value in state.items()}


def _masked(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {str(inner): _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, (Sequence, set, frozenset)) and not isinstance(value, (str, bytes, bytearray)):
        return [_masked(key, item) for item in value]
    if isinstance(value, (bytes, bytearray)) or _SECRET.search(key) or _PERSONAL.search(key):
        return MASK
    if isinstance(value, Enum):
        return _masked(key, value.value)
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return redact_text(str(value))[:_LONGEST]
