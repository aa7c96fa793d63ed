"""SQL of follow-ups, and of contacts that did not visit for some time."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.followups.domain import Followup, FollowupState
from services.common.db.uow import UnitOfWork

_KEPT: Final = tuple(field.name for field in fields(Followup))
_COLUMNS: Final = ", ".join(f"f.{name}" for name in _KEPT)
# Of callers limited to branches: about contacts of these branches, and of their own ones all.
_VISIBLE: Final = """(f.staff_id = %(caller)s OR cardinality(%(branches)s::uuid[]) = 0 OR EXISTS (
    SELECT FROM contact c WHERE c.tenant_id = f.tenant_id AND c.contact_id = f.contact_id
        AND c.branch_id = ANY (%(branches)s::uuid[])))"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which follow-ups are listed; empty means all."""

    staff_id: str
    state: int = 0
    since: date | None = None
    until: date | None = None
    contact_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """A contact that did not visit for some time."""

    contact_id: UUID
    name: str | None
    branch_id: UUID | None
    last_visit_at: datetime


async def insert(uow: UnitOfWork, followup: Followup) -> None:
    """Adds a follow-up."""
    values = ", ".join(f"%({name})s" for name in _KEPT)
    await uow.execute(
        f"INSERT INTO staff_followup (tenant_id, {', '.join(_KEPT)}, updated_at)"
        f" VALUES (%(tenant_id)s, {values}, %(now)s)",
        _values(uow, followup),
    )


async def save(uow: UnitOfWork, followup: Followup) -> None:
    """Writes a follow-up that is locked."""
    changes = ", ".join(f"{name} = %({name})s" for name in _KEPT if name != "followup_id")
    await uow.execute(
        f"UPDATE staff_followup SET {changes}, updated_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND followup_id = %(followup_id)s",
        _values(uow, followup),
    )


async def delete(uow: UnitOfWork, followup_id: UUID) -> None:
    """Removes a follow-up."""
    await uow.execute(
        "DELETE FROM staff_followup WHERE tenant_id = %s AND followup_id = %s", (uow.tenant_id, followup_id)
    )


async def by_id(
    uow: UnitOfWork, followup_id: UUID, caller: str, branch_ids: Sequence[UUID], *, lock: bool = False
) -> Followup | None:
    """Returns a follow-up that a caller sees, their own or one of their branches; None when there is none."""
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM staff_followup f WHERE f.tenant_id = %(tenant_id)s AND f.followup_id = %(id)s"
        f" AND {_VISIBLE}{' FOR UPDATE OF f' if lock else ''}",
        {"tenant_id": uow.tenant_id, "id": followup_id, "caller": caller, "branches": list(branch_ids)},
    )
    return None if row is None else _followup(row)


async def page(
    uow: UnitOfWork,
    wanted: Filter,
    *,
    caller: str,
    branch_ids: Sequence[UUID],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Followup]:
    """Returns follow-ups by when they are due, the earliest first."""
    at, last = after or (None, None)
    rows = await uow.fetch_all(
        f"""
        SELECT {_COLUMNS} FROM staff_followup f
        WHERE f.tenant_id = %(tenant_id)s AND f.staff_id = %(staff)s AND {_VISIBLE} AND %(state)s IN (0, f.state)
            AND (%(since)s::date IS NULL OR f.reminder_date >= %(since)s)
            AND (%(until)s::date IS NULL OR f.reminder_date <= %(until)s)
            AND (%(contact)s::uuid IS NULL OR f.contact_id = %(contact)s)
            AND (%(last)s::uuid IS NULL OR (f.due_at, f.followup_id) > (%(at)s::timestamptz, %(last)s::uuid))
        ORDER BY f.due_at, f.followup_id LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "staff": wanted.staff_id,
            "caller": caller,
            "branches": list(branch_ids),
            "state": wanted.state,
            "since": wanted.since,
            "until": wanted.until,
            "contact": wanted.contact_id,
            "at": at,
            "last": last,
            "limit": limit,
        },
    )
    return [_followup(row) for row in rows]


async def due(uow: UnitOfWork, since: datetime, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Returns tenants and follow-ups that are due and not told of; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, followup_id FROM staff_followup WHERE state = 1 AND notified_at IS NULL"
        " AND due_at > %s AND due_at <= %s ORDER BY due_at, followup_id LIMIT %s",
        (since, now, limit),
    )
    return [(tenant_id, followup_id) for tenant_id, followup_id in rows]


async def claim(
    uow: UnitOfWork, followup_ids: Sequence[UUID], since: datetime
) -> list[tuple[Followup, str | None]]:
    """Notes that staff is reminded now, of what still wants it, and returns it with the contact's name.

    What is about somebody who is no contact any more is left out, and not looked at again.
    """
    rows = await uow.fetch_all(
        "UPDATE staff_followup f SET notified_at = %(now)s, updated_at = %(now)s"
        " WHERE f.tenant_id = %(tenant_id)s AND f.followup_id = ANY (%(ids)s) AND f.state = 1"
        " AND f.notified_at IS NULL AND f.due_at > %(since)s AND f.due_at <= %(now)s"
        " RETURNING (SELECT c.state FROM contact c WHERE c.tenant_id = f.tenant_id AND c.contact_id = f.contact_id),"
        " (SELECT c.name FROM contact c WHERE c.tenant_id = f.tenant_id AND c.contact_id = f.contact_id),"
        f" {_COLUMNS}",
        {"tenant_id": uow.tenant_id, "ids": list(followup_ids), "since": since, "now": uow.now()},
    )
    return [(_followup(row), name) for state, name, *row in rows if state in (1, 2)]


async def absent(
    uow: UnitOfWork,
    staff_id: str,
    before: datetime,
    *,
    branch_ids: Sequence[UUID],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Absent]:
    """Returns contacts a staff member looks after whose last visit was before, the longest ago first."""
    at, last = after or (None, None)
    rows = await uow.fetch_all(
        """
        SELECT contact_id, name, branch_id, last_visit_at FROM contact
        WHERE tenant_id = %(tenant_id)s AND assigned_staff_id = %(staff)s AND state < 3 AND last_visit_at <= %(before)s
            AND (cardinality(%(branches)s::uuid[]) = 0 OR branch_id = ANY (%(branches)s::uuid[]))
            AND (%(last)s::uuid IS NULL OR (last_visit_at, contact_id) > (%(at)s::timestamptz, %(last)s::uuid))
        ORDER BY last_visit_at, contact_id LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "staff": staff_id,
            "before": before,
            "branches": list(branch_ids),
            "at": at,
            "last": last,
            "limit": limit,
        },
    )
    return [Absent(*row) for row in rows]


async def forget_closed(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes follow-ups that ended long ago; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM staff_followup WHERE (tenant_id, followup_id) IN (SELECT tenant_id, followup_id"
        " FROM staff_followup WHERE state > 1 AND updated_at < %s LIMIT %s)",
        (before, limit),
    )


async def forget_contact(uow: UnitOfWork, contact_id: UUID) -> int:
    """Removes what was noted about a contact."""
    return await uow.execute(
        "DELETE FROM staff_followup WHERE tenant_id = %s AND contact_id = %s", (uow.tenant_id, contact_id)
    )


async def told_about(uow: UnitOfWork, contact_id: UUID) -> list[Followup]:
    """Returns the follow-ups about a contact of which staff was told."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM staff_followup f WHERE f.tenant_id = %s AND f.contact_id = %s"
        " AND f.notified_at IS NOT NULL",
        (uow.tenant_id, contact_id),
    )
    return [_followup(row) for row in rows]


def _followup(row: Sequence[Any]) -> Followup:
    found = Followup(**dict(zip(_KEPT, row, strict=True)))
    return replace(found, state=FollowupState(found.state))


def _values(uow: UnitOfWork, followup: Followup) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(followup, name) for name in _KEPT}
    return values | {"state": int(followup.state), "tenant_id": uow.tenant_id, "now": uow.now()}
