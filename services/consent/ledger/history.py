"""What stood at an instant, from the trail alone (W3): nothing here reads the current rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.common.db.arrays import hashes as hash_array
from services.common.db.uow import UnitOfWork
from services.consent.consents.store import AUDIT_COLUMNS, audit_rows
from services.consent.consents.trail import AuditRow
from services.consent.people import Subject

MAX_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked about."""

    channel: str
    message_class: str
    branch_id: UUID | None


def state_at(entry: AuditRow, at: datetime) -> str:
    """Returns the state an entry left, at an instant: it ends by itself when its time has passed."""
    if entry.new_value in ("granted", "pending") and entry.expires_at is not None and entry.expires_at <= at:
        return "expired"
    return entry.new_value or ""


_OF_CONSENT = f"""
SELECT {AUDIT_COLUMNS} FROM consent_audit
WHERE {{condition}} AND channel = %(channel)s AND message_class = %(message_class)s AND field_changed = %(field)s
    AND created_at <= %(at)s"""  # noqa: S608 - names are words of this module
_NEWEST = "ORDER BY created_at DESC, sequence DESC NULLS LAST LIMIT"
_ENTRIES = f"{_OF_CONSENT} {_NEWEST} {MAX_ENTRIES}"
_DECIDING = f"""
({_OF_CONSENT} AND branch_id = %(branch_id)s {_NEWEST} 1)
UNION ALL
({_OF_CONSENT} AND branch_id IS NULL {_NEWEST} 1)
"""
_OPTED_OUT = f"""
SELECT new_value FROM consent_audit
WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND field_changed = 'marketing_opted_out'
    AND created_at <= %(at)s
{_NEWEST} 1
"""  # noqa: S608 - names are words of this module


async def deciding(uow: UnitOfWork, subject: Subject, scope: Scope, at: datetime) -> AuditRow | None:
    """Returns the entry that decides: the newest of the branch, else the newest of the whole tenant (CON-56)."""
    condition, parameters = _about(uow, subject, scope, at)
    rows = await uow.fetch_all(
        _DECIDING.format(condition=condition),
        {**parameters, "branch_id": scope.branch_id},
    )
    found = {row.branch_id: row for row in await audit_rows(uow, rows)}
    return found.get(scope.branch_id) or found.get(None)


async def entries(uow: UnitOfWork, subject: Subject, scope: Scope, at: datetime) -> list[AuditRow]:
    """Returns the newest entries about a channel and class up to an instant, oldest first."""
    condition, parameters = _about(uow, subject, scope, at)
    rows = await uow.fetch_all(
        _ENTRIES.format(condition=condition),
        parameters,
    )
    return await audit_rows(uow, rows[::-1])


async def opted_out(uow: UnitOfWork, subject: Subject, at: datetime) -> bool:
    """Returns whether a contact had opted out of all marketing at an instant."""
    if subject.contact_id is None:
        return False
    found = await uow.fetch_value(
        _OPTED_OUT,
        {"tenant_id": uow.tenant_id, "contact_id": subject.contact_id, "at": at},
    )
    return bool(found == "true")


def _about(uow: UnitOfWork, subject: Subject, scope: Scope, at: datetime) -> tuple[str, dict[str, Any]]:
    parameters: dict[str, Any] = {
        "tenant_id": uow.tenant_id,
        "channel": scope.channel,
        "message_class": scope.message_class,
        "field": f"{scope.channel}_consent",
        "at": at,
    }
    if subject.contact_id is not None:
        return "tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s", {
            **parameters,
            "contact_id": subject.contact_id,
        }
    hashes = hash_array(all_hashes(subject))
    return "tenant_id = %(tenant_id)s AND address_hash = ANY(%(hashes)b::bytea[])", {
        **parameters,
        "hashes": hashes,
    }


def all_hashes(subject: Subject) -> Sequence[bytes]:
    """Returns every hash that rows about a bare address may be found under."""
    return [*subject.hashes.values(), *subject.older_hashes]
