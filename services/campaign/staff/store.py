"""SQL of staff."""

from collections.abc import Sequence
from typing import Any

from services.campaign.staff.domain import Filter, StaffMember
from services.common.db.uow import UnitOfWork

_COLUMNS = "staff_id, name, roles, email, is_email_verified, language_code, time_zone, branch_ids, phone, is_disabled"

_UPSERT = f"""
INSERT INTO staff_member (tenant_id, {_COLUMNS}, created_at, updated_at)
VALUES (%s, %s, %s, %s::text[], %s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s)
ON CONFLICT (tenant_id, staff_id) DO UPDATE SET ({_COLUMNS}, updated_at) =
    ROW ({", ".join(f"EXCLUDED.{name}" for name in _COLUMNS.split(", "))}, EXCLUDED.updated_at)
"""


async def upsert(uow: UnitOfWork, member: StaffMember) -> None:
    """Adds or replaces a staff member."""
    now = uow.now()
    await uow.execute(
        _UPSERT,
        (
            uow.tenant_id,
            member.staff_id,
            member.name,
            list(member.roles),
            member.email,
            member.is_email_verified,
            member.language_code,
            member.time_zone,
            list(member.branch_ids),
            member.phone,
            member.is_disabled,
            now,
            now,
        ),
    )


async def delete(uow: UnitOfWork, staff_id: str) -> StaffMember | None:
    """Removes a staff member and returns who it was, or None."""
    row = await uow.fetch_one(
        f"DELETE FROM staff_member WHERE tenant_id = %s AND staff_id = %s RETURNING {_COLUMNS}",
        (uow.tenant_id, staff_id),
    )
    return None if row is None else _member(row)


async def by_ids(uow: UnitOfWork, staff_ids: Sequence[str]) -> dict[str, StaffMember]:
    """Returns those who work for the tenant now by their ids; others are left out."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM staff_member WHERE tenant_id = %s AND staff_id = ANY(%s::text[])"
        " AND NOT is_disabled ORDER BY staff_id",
        (uow.tenant_id, list(staff_ids)),
    )
    return {row[0]: _member(row) for row in rows}


async def by_addresses(uow: UnitOfWork, addresses: Sequence[str]) -> dict[str, StaffMember]:
    """Returns whose verified addresses these are, by the address in lower case; others are left out."""
    rows = await uow.fetch_all(
        f"SELECT DISTINCT ON (lower(email)) lower(email), {_COLUMNS} FROM staff_member WHERE tenant_id = %s"
        " AND lower(email) = ANY(%s::text[]) AND is_email_verified AND NOT is_disabled"
        " ORDER BY lower(email), staff_id",
        (uow.tenant_id, [one.lower() for one in addresses]),
    )
    return {address: _member(row) for address, *row in rows}


async def by_id(uow: UnitOfWork, staff_id: str) -> StaffMember | None:
    """Returns a staff member, disabled or not, or None."""
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM staff_member WHERE tenant_id = %s AND staff_id = %s",
        (uow.tenant_id, staff_id),
    )
    return None if row is None else _member(row)


async def page(uow: UnitOfWork, wanted: Filter, *, after: str = "", limit: int = 200) -> list[StaffMember]:
    """Returns staff members by id, after one; with a branch, also those who work for all."""
    rows = await uow.fetch_all(
        f"""
        SELECT {_COLUMNS} FROM staff_member
        WHERE tenant_id = %(tenant_id)s AND staff_id > %(after)s AND (%(role)s = '' OR %(role)s = ANY (roles))
            AND (%(branch)s::uuid IS NULL OR branch_ids = '{{}}' OR %(branch)s::uuid = ANY (branch_ids))
            AND (%(within)s::uuid[] = '{{}}' OR branch_ids = '{{}}' OR branch_ids && %(within)s::uuid[])
            AND NOT (%(active)s AND is_disabled)
        ORDER BY staff_id LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "after": after,
            "role": wanted.role,
            "branch": wanted.branch_id,
            "within": list(wanted.within),
            "active": wanted.active_only,
            "limit": limit,
        },
    )
    return [_member(row) for row in rows]


def _member(row: Sequence[Any]) -> StaffMember:
    staff_id, name, roles, email, verified, language, time_zone, branches, phone, disabled = row
    return StaffMember(
        staff_id, name, tuple(roles), email, verified, language, time_zone, tuple(branches), phone, disabled
    )
