"""Tables of the budget ledger (CAM-4)."""

from sqlalchemy import CheckConstraint, Column, Index, Numeric, PrimaryKeyConstraint, Table, Text, Uuid, text

from services.campaign.schema import META
from services.common.db.tables import instant

BUDGET_PERIOD = Table(
    "budget_period",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("month", Text, nullable=False),
    Column("reserved", Numeric(18, 6), nullable=False),
    Column("spent", Numeric(18, 6), nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "month"),
    CheckConstraint("reserved >= 0", name="reserved"),
    CheckConstraint("spent >= 0", name="spent"),
)

BUDGET_ENTRY = Table(
    "budget_entry",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("entry_id", Uuid, nullable=False),
    Column("month", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", Numeric(18, 6), nullable=False),
    Column("campaign_id", Uuid),
    Column("run_id", Uuid),
    Column("source_event_id", Uuid),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "entry_id"),
    CheckConstraint("kind IN ('reserve', 'release', 'spend')", name="kind"),
    CheckConstraint("amount >= 0", name="amount"),
    Index("ix_budget_entry_run", "tenant_id", "run_id", postgresql_where=text("run_id IS NOT NULL")),
    Index("ix_budget_entry_month", "tenant_id", "month"),
)
