"""Who sees what of the figures: branches, and cost (ANA-75)."""

from uuid import UUID

from services.common.errors import denied
from services.common.rpc.context import current_caller
from services.common.security.permissions import permitted

NO_BRANCH = UUID(int=0)


def branches(wanted: str = "") -> tuple[UUID, ...] | None:
    """Returns the branches whose figures the caller asks for and may see; None means all, and what has none.

    PERMISSION_DENIED when the one asked for is not among the caller's.
    """
    own = current_caller().branch_ids
    if wanted:
        if own and wanted.lower() not in {one.lower() for one in own}:
            raise denied("caller may see figures of their own branches only")
        return (UUID(wanted),)
    return tuple(UUID(one) for one in sorted(own)) if own else None


def require_all_branches() -> None:
    """Denies what is the whole tenant's to callers who are limited to branches."""
    if current_caller().branch_ids:
        raise denied("this figure is the whole tenant's")


def sees_cost() -> bool:
    """Returns whether the caller may see what things cost."""
    return permitted(current_caller().roles, "analytics.spend")


def require(permission: str) -> None:
    """Denies what needs one more permission than the method."""
    if not permitted(current_caller().roles, permission):
        raise denied(f"this needs the permission {permission}")
