"""Staff members. Standard library only."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works for the tenant; without branches, for all of them."""

    staff_id: str
    name: str
    roles: tuple[str, ...]
    email: str = ""
    is_email_verified: bool = False
    language_code: str = ""
    time_zone: str = ""
    branch_ids: tuple[UUID, ...] = ()
    phone: str = ""
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Which staff members a list shows; empty means all."""

    role: str = ""
    branch_id: UUID | None = None
    active_only: bool = False
    within: tuple[UUID, ...] = ()
    """Branches the caller is limited to; who works for others only is not there for them."""
