"""Tables of branches (CAM-3)."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

# A branch without zone, country or budget of its own has the tenant's.
BRANCH = Table(
    "branch",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("marketing_enabled", Boolean, nullable=False),
    Column("monthly_budget_limit", Numeric(18, 6)),
    Column("time_zone", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    instant("archived_at", nullable=True),
    Column("version", Integer, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "branch_id"),
    not_negative("version"),
    CheckConstraint("monthly_budget_limit >= 0", name="budget"),
)
