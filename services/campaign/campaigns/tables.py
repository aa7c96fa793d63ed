"""Tables of campaigns (CAM-13, CAM-14)."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant

CAMPAIGN = Table(
    "campaign",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("message_class", SmallInteger, nullable=False),
    Column("template_id", Uuid, nullable=False),
    Column("template_version_id", Uuid),
    Column("segment_id", Uuid),
    Column("target_all_contacts", Boolean, nullable=False),
    Column("branch_ids", ARRAY(Uuid), nullable=False),
    instant("scheduled_at", nullable=True),
    Column("variants", JSONB, nullable=False),
    Column("variables", JSONB, nullable=False),
    Column("daily_limit", Integer, nullable=False),
    Column("monthly_limit", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("requires_approval", Boolean, nullable=False),
    Column("audience_count", BigInteger, nullable=False),
    Column("estimated_cost", Numeric(18, 6), nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("rejection_reason", Text, nullable=False),
    Column("pause_reason", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    instant("started_at", nullable=True),
    instant("completed_at", nullable=True),
    Column("version", Integer, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "campaign_id"),
    ForeignKeyConstraint(
        ["tenant_id", "template_id"], ["campaign.template.tenant_id", "campaign.template.template_id"]
    ),
    ForeignKeyConstraint(
        ["tenant_id", "segment_id"], ["campaign.segment.tenant_id", "campaign.segment.segment_id"]
    ),
    CheckConstraint("channel BETWEEN 1 AND 5", name="channel"),
    CheckConstraint("message_class IN (1, 2)", name="message_class"),
    CheckConstraint("state BETWEEN 1 AND 8", name="state"),
    CheckConstraint("(segment_id IS NULL) = target_all_contacts", name="audience"),
    CheckConstraint("daily_limit >= 0 AND monthly_limit >= 0", name="limits"),
    CheckConstraint("audience_count >= 0 AND estimated_cost >= 0", name="estimates"),
    Index("ix_campaign_state", "tenant_id", "state"),
    Index("ix_campaign_schedule", "state", "scheduled_at"),
)

TEST_USAGE = Table(
    "test_usage",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("messages", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "day"),
    CheckConstraint("messages >= 0", name="messages"),
)
