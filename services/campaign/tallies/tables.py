"""Tables of tallies."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

TALLIED = (
    "pending",
    "handed_over",
    "sent",
    "delivered",
    "read",
    "bounced",
    "failed",
    "skipped",
    "unknown",
    "cancelled",
    "expired",
)
"""Columns of the tally, in the order of the states' numbers."""

# Apart from the run: it changes with every block and every event, and the expansion holds the run's row for longer.
CAMPAIGN_RUN_TALLY = Table(
    "campaign_run_tally",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in TALLIED),
    Column("complaints", BigInteger, nullable=False),
    Column("actual_cost", Numeric(18, 6), nullable=False),
    # When the next block may leave, by the pace of hand-over; and when one last did.
    instant("paced_until", nullable=True),
    instant("claimed_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "run_id"),
    not_negative("actual_cost"),
    ForeignKeyConstraint(
        ["tenant_id", "run_id"], ["campaign.campaign_run.tenant_id", "campaign.campaign_run.run_id"]
    ),
    CheckConstraint(f"LEAST({', '.join(TALLIED)}, complaints) >= 0", name="counts"),
)
