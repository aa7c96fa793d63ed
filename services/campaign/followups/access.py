"""Whose follow-ups a caller may look after: their own, and with followup.manage those of others (SEC-30)."""

from typing import Final

from services.campaign.staff import store as staff
from services.campaign.staff.domain import StaffMember
from services.common.db.uow import UnitOfWork
from services.common.errors import denied, not_found
from services.common.rpc.context import current_caller
from services.common.security.permissions import permitted

MANAGE: Final = "followup.manage"


def may_manage() -> bool:
    """Returns whether the caller looks after follow-ups of others too."""
    return permitted(current_caller().roles, MANAGE)


def whose(staff_id: str) -> str:
    """Returns whom a call is about, the caller unless it names somebody; PERMISSION_DENIED for others without the right."""
    own = current_caller().subject
    if staff_id and staff_id != own and not may_manage():
        raise denied("the follow-ups of others need followup.manage")
    return staff_id or own


async def member(uow: UnitOfWork, staff_id: str) -> StaffMember:
    """Returns somebody who works for the tenant now, in a branch of the caller's; NOT_FOUND otherwise."""
    found = (await staff.by_ids(uow, [staff_id])).get(staff_id)
    caller = current_caller()
    own = set(caller.own_branches())
    if found is None:
        raise not_found("staff member", staff_id)
    if staff_id != caller.subject and own and found.branch_ids and not own & set(found.branch_ids):
        raise not_found("staff member", staff_id)
    return found
