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
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

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
    # Why an occurrence was not sent.
    Column("reason", Text, nullable=False, server_default=text("''")),
    # The run whose unreached recipients this one writes to, and the page of delivery's account it stands at.
    Column("source_run_id", Uuid),
    Column("source_token", Text, nullable=False, server_default=text("''")),
    # The A/B test: none, under way or decided; when counting ends; what it came to.
    Column("test_phase", SmallInteger, nullable=False, server_default=text("0")),
    instant("test_ends_at", nullable=True),
    Column("test_outcome", JSONB(none_as_null=True)),
    PrimaryKeyConstraint("tenant_id", "run_id"),
    ForeignKeyConstraint(
        ["tenant_id", "source_run_id"], ["campaign.campaign_run.tenant_id", "campaign.campaign_run.run_id"]
    ),
    not_negative("run_number", "audience_count", "next_block", "chunks", "order_attempts"),
    ForeignKeyConstraint(
        ["tenant_id", "campaign_id"], ["campaign.campaign.tenant_id", "campaign.campaign.campaign_id"]
    ),
    CheckConstraint("state BETWEEN 1 AND 5", name="state"),
    CheckConstraint("(state = 5) = (reason <> '')", name="reason"),
    CheckConstraint("test_phase BETWEEN 0 AND 2", name="test_phase"),
    CheckConstraint("phase IN (1, 2)", name="phase"),
    CheckConstraint("delivery_order BETWEEN 0 AND 3", name="delivery_order"),
    Index("uq_campaign_run_number", "tenant_id", "campaign_id", "run_number", unique=True),
    Index("uq_campaign_run_planned", "tenant_id", "campaign_id", "planned_at", unique=True),
    Index(
        "uq_campaign_run_source",
        "tenant_id",
        "source_run_id",
        unique=True,
        postgresql_where=text("source_run_id IS NOT NULL"),
    ),
    Index("ix_campaign_run_test", "started_at", postgresql_where=text("test_phase = 1")),
    Index("ix_campaign_run_running", "started_at", postgresql_where=text("state = 1")),
    Index("ix_campaign_run_order", "order_due_at", postgresql_where=text("delivery_order > 0")),
)

# Since when no provider account of a channel takes anything for a tenant.
CHANNEL_OUTAGE = Table(
    "channel_outage",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    instant("since"),
    PrimaryKeyConstraint("tenant_id", "channel"),
    CheckConstraint("channel BETWEEN 1 AND 6", name="channel"),
)
