"""Use cases of staff."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from services.campaign.staff import store
from services.campaign.staff.domain import Filter, StaffMember
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.rpc.context import current_caller

MOST_RESOLVED: Final = 1000


async def save(uow: UnitOfWork, member: StaffMember) -> StaffMember:
    """Creates or replaces a staff member."""
    known = await store.by_id(uow, member.staff_id)
    if known != member:
        await store.upsert(uow, member)
        await _record(uow, "staff.save", known, member)
    return member


async def remove(uow: UnitOfWork, staff_id: str) -> StaffMember:
    """Removes a staff member and returns who it was; NOT_FOUND when there is none."""
    removed = await store.delete(uow, staff_id)
    if removed is None:
        raise not_found("staff member", staff_id)
    await _record(uow, "staff.remove", removed, None)
    return removed


async def page(uow: UnitOfWork, wanted: Filter, *, after: str, limit: int) -> list[StaffMember]:
    """Returns staff members of the caller's branches, and of all, by id, after one."""
    own = current_caller().own_branches()
    return await store.page(uow, replace(wanted, within=own), after=after, limit=limit)


async def resolve(uow: UnitOfWork, staff_ids: Sequence[str], wanted: Filter) -> list[StaffMember]:
    """Returns those who work for the tenant now, by ids, else by role and branch."""
    if staff_ids:
        return list((await store.by_ids(uow, staff_ids)).values())
    return await store.page(uow, wanted, limit=MOST_RESOLVED)


async def _record(
    uow: UnitOfWork, action: str, before: StaffMember | None, after: StaffMember | None
) -> None:
    member = after or before
    assert member is not None  # noqa: S101 - one of them is there
    await audit.record(
        uow,
        action=action,
        resource_type="staff_member",
        resource_id=member.staff_id,
        before=_told(before),
        after=_told(after),
    )


def _told(member: StaffMember | None) -> dict[str, Any] | None:
    """Returns what the audit keeps of a staff member: rights, and no name or address."""
    if member is None:
        return None
    return {
        "roles": list(member.roles),
        "branch_ids": [str(one) for one in member.branch_ids],
        "is_email_verified": member.is_email_verified,
        "is_disabled": member.is_disabled,
    }
