"""Tables of runs (CAM-15)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.campaign.schema import META
from services.common.db.tables import instant

CAMPAIGN_RUN = Table(
    "campaign_run",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("run_number", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("phase", SmallInteger, nullable=False),
    instant("planned_at"),
    instant("started_at"),
    instant("completed_at", nullable=True),
    Column("audience_count", BigInteger, nullable=False),
    # Where the expansion stands: the last contact that was written down, the next block, the chunks so far.
    Column("after_contact_id", Uuid),
    Column("next_block", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    # What delivery has still to be told, and since when.
    Column("delivery_order", SmallInteger, nullable=False),
    instant("order_due_at", nullable=True),
    Column("order_attempts", Integer, nullable=False),
    Column("budget_month", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "run_id"),
    ForeignKeyConstraint(
        ["tenant_id", "campaign_id"], ["campaign.campaign.tenant_id", "campaign.campaign.campaign_id"]
    ),
    CheckConstraint("state BETWEEN 1 AND 4", name="state"),
    CheckConstraint("phase IN (1, 2)", name="phase"),
    CheckConstraint("delivery_order BETWEEN 0 AND 3", name="delivery_order"),
    Index("uq_campaign_run_number", "tenant_id", "campaign_id", "run_number", unique=True),
    Index("uq_campaign_run_planned", "tenant_id", "campaign_id", "planned_at", unique=True),
    Index("ix_campaign_run_running", "started_at", postgresql_where=text("state = 1")),
    Index("ix_campaign_run_order", "order_due_at", postgresql_where=text("delivery_order > 0")),
)
