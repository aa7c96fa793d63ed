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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative, within

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
    # The inbound event it was drafted by.
    Column("source_event_id", Uuid),
    Column("kind", SmallInteger, nullable=False, server_default=text("1")),
    Column("recurrence_pattern", SmallInteger, nullable=False, server_default=text("0")),
    Column("recurrence_day", SmallInteger, nullable=False, server_default=text("0")),
    Column("recurrence_time", Text, nullable=False, server_default=text("''")),
    instant("recurrence_end_at", nullable=True),
    instant("next_run_at", nullable=True),
    # When the launcher looks at it: earlier than its time where each recipient's own zone decides.
    instant("due_at", nullable=True),
    Column("schedule_zone", SmallInteger, nullable=False, server_default=text("1")),
    Column("passed_time", SmallInteger, nullable=False, server_default=text("1")),
    Column("ab_test", JSONB(none_as_null=True)),
    Column("coupon_id", Uuid),
    instant("submitted_at", nullable=True),
    instant("approved_at", nullable=True),
    Column("rejected_by", Text, nullable=False, server_default=text("''")),
    instant("rejected_at", nullable=True),
    instant("paused_at", nullable=True),
    Column("cancelled_by", Text, nullable=False, server_default=text("''")),
    instant("cancelled_at", nullable=True),
    instant("started_at", nullable=True),
    instant("completed_at", nullable=True),
    Column("version", Integer, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "campaign_id"),
    within("recurrence_pattern", 0, 3),
    ForeignKeyConstraint(
        ["tenant_id", "coupon_id"], ["campaign.coupon.tenant_id", "campaign.coupon.coupon_id"]
    ),
    ForeignKeyConstraint(
        ["tenant_id", "template_version_id"],
        ["campaign.template_version.tenant_id", "campaign.template_version.template_version_id"],
    ),
    within("recurrence_day", 0, 31),
    not_negative("version"),
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
    CheckConstraint("kind BETWEEN 1 AND 3", name="kind"),
    CheckConstraint("(kind = 2) = (recurrence_pattern BETWEEN 1 AND 3)", name="recurrence"),
    CheckConstraint("schedule_zone IN (1, 2) AND passed_time IN (1, 2)", name="zones"),
    Index("ix_campaign_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("ix_campaign_next_run", "next_run_at", postgresql_where=text("kind = 2")),
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
