"""Tables of blocks and of what limits count (CAM-100, CAM-101)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Uuid,
    text,
)

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

CAMPAIGN_BLOCK = Table(
    "campaign_block",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("block_no", Integer, nullable=False),
    Column("variant", SmallInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("spelling", Integer, nullable=False),
    # Null while it waits for the winner of an A/B test.
    instant("due_at", nullable=True),
    instant("leased_until", nullable=True),
    instant("expires_at", nullable=True),
    instant("done_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "run_id", "block_no"),
    not_negative("block_no", "variant", "attempts", "spelling"),
    ForeignKeyConstraint(
        ["tenant_id", "run_id"], ["campaign.campaign_run.tenant_id", "campaign.campaign_run.run_id"]
    ),
    CheckConstraint("state BETWEEN 1 AND 3", name="state"),
    CheckConstraint("size BETWEEN 0 AND 1000", name="size"),
    Index("ix_campaign_block_due", "tenant_id", "run_id", "due_at", postgresql_where=text("state < 3")),
)

CAMPAIGN_USAGE = Table(
    "campaign_usage",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("messages", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "campaign_id", "day"),
    ForeignKeyConstraint(
        ["tenant_id", "campaign_id"],
        ["campaign.campaign.tenant_id", "campaign.campaign.campaign_id"],
        ondelete="CASCADE",
    ),
    CheckConstraint("messages >= 0", name="messages"),
)
