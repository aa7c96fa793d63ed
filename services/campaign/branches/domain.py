"""Branches. Standard library only."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID


class BranchArchivedError(Exception):
    """An archived branch is not changed any more."""

    reason = "INVALID_CONFIGURATION"


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of a tenant, with what it may do for itself; empty texts and no budget mean the tenant's (CAM-3)."""

    branch_id: UUID
    name: str
    marketing_enabled: bool = True
    monthly_budget_limit: Decimal | None = None
    time_zone: str = ""
    region_code: str = ""
    archived_at: datetime | None = None
    version: int = field(default=1, compare=False)
    created_at: datetime | None = field(default=None, compare=False)

    @property
    def is_archived(self) -> bool:
        """Returns whether it sends nothing any more."""
        return self.archived_at is not None

    @property
    def may_market(self) -> bool:
        """Returns whether its marketing may go, as far as the branch goes."""
        return self.marketing_enabled and not self.is_archived
