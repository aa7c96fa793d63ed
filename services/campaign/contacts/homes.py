"""The branches contacts belong to: there, archived or not, or the contact is refused (CAM-116)."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from services.campaign.branches import store as branches
from services.campaign.contacts.scope import FIELD
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, Violation, not_found

ABSENT: Final = Violation(FIELD, "is no branch of the tenant; create it first, or leave it out")


async def absent(uow: UnitOfWork, named: Iterable[UUID | None]) -> frozenset[UUID]:
    """Returns which of the branches that contacts name are not there; asked once for all of them."""
    wanted = {branch_id for branch_id in named if branch_id}
    if not wanted:
        return frozenset()
    return frozenset(wanted - (await branches.by_ids(uow, sorted(wanted))).keys())


async def ensure(uow: UnitOfWork, branch_id: UUID | None) -> None:
    """Returns unless a contact names a branch that is not there: NOT_FOUND, with the field that names it."""
    if await absent(uow, [branch_id]):
        missing = not_found("branch", branch_id)
        raise ServiceError(missing.reason, missing.message, metadata=missing.metadata, violations=[ABSENT])
