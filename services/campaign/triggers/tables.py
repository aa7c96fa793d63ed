"""Tables of triggers (LIF-1 to LIF-3)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

TRIGGER_CONFIG = Table(
    "trigger_config",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("trigger_type", SmallInteger, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("delay_minutes", Integer, nullable=False),
    Column("days_before", Integer),
    Column("days_after", Integer),
    # HH:MM in the contact's zone; empty means none.
    Column("send_time", Text, nullable=False),
    Column("template_id", Uuid),
    Column("channel", SmallInteger, nullable=False),
    # 0 means none.
    Column("fallback_channel", SmallInteger, nullable=False),
    Column("branch_ids", ARRAY(Uuid), nullable=False),
    Column("cooldown_days", Integer, nullable=False),
    Column("campaign_id", Uuid),
    instant("enabled_at", nullable=True),
    Column("updated_by", Text, nullable=False),
    Column("version", Integer, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "trigger_type"),
    CheckConstraint("channel BETWEEN 0 AND 6 AND fallback_channel BETWEEN 0 AND 6", name="channels"),
    ForeignKeyConstraint(
        ["tenant_id", "campaign_id"],
        ["campaign.campaign.tenant_id", "campaign.campaign.campaign_id"],
        ondelete="SET NULL (campaign_id)",
    ),
    not_negative("version"),
    CheckConstraint("trigger_type BETWEEN 1 AND 11", name="trigger_type"),
    CheckConstraint("is_enabled = (enabled_at IS NOT NULL)", name="enabled"),
    CheckConstraint("delay_minutes >= 0 AND days_before >= 0 AND days_after >= 0", name="timing"),
    CheckConstraint("cooldown_days >= 0", name="cooldown_days"),
    CheckConstraint("fallback_channel <> channel", name="fallback_channel"),
    Index("ix_trigger_config_enabled", "tenant_id", "is_enabled"),
    Index(
        "ix_trigger_config_template",
        "tenant_id",
        "template_id",
        postgresql_where=text("template_id IS NOT NULL"),
    ),
)

# What waits. One row for each thing it is about; when that has a new occurrence, the row waits again.
TRIGGER_ANCHOR = Table(
    "trigger_anchor",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("trigger_type", SmallInteger, nullable=False),
    Column("reference_id", Text, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("occurrence_key", Text, nullable=False),
    instant("anchor_at"),
    # The date, where it is one by itself.
    Column("anchor_on", Date),
    instant("due_at"),
    Column("branch_id", Uuid),
    Column("variables", JSONB, nullable=False),
    Column("state", SmallInteger, nullable=False, server_default=text("1")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "trigger_type", "reference_id", "contact_id"),
    not_negative("attempts"),
    CheckConstraint("trigger_type BETWEEN 1 AND 11", name="trigger_type"),
    CheckConstraint("state BETWEEN 1 AND 3", name="state"),
    Index("ix_trigger_anchor_due", "tenant_id", "due_at", postgresql_where=text("state = 1")),
    Index("ix_trigger_anchor_contact", "tenant_id", "contact_id", "trigger_type"),
    # Anchors whose time follows from when they happened are found by it when the timing changed.
    Index(
        "ix_trigger_anchor_at", "tenant_id", "trigger_type", "anchor_at", postgresql_where=text("state = 1")
    ),
    Index("ix_trigger_anchor_settled", "updated_at", postgresql_where=text("state > 1")),
)

TRIGGER_HISTORY = Table(
    "trigger_history",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("history_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("trigger_type", SmallInteger, nullable=False),
    Column("reference_id", Text, nullable=False),
    Column("occurrence_key", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("skip_reason", Text),
    Column("message_id", Uuid),
    Column("branch_id", Uuid),
    Column("campaign_id", Uuid),
    instant("triggered_at"),
    PrimaryKeyConstraint("tenant_id", "history_id"),
    CheckConstraint("trigger_type BETWEEN 1 AND 11", name="trigger_type"),
    CheckConstraint("state BETWEEN 1 AND 4", name="state"),
    CheckConstraint("length(skip_reason) <= 100", name="skip_reason"),
    Index(
        "uq_trigger_history_occurrence",
        "tenant_id",
        "contact_id",
        "trigger_type",
        "occurrence_key",
        unique=True,
    ),
    Index("ix_trigger_history_contact", "tenant_id", "contact_id", "trigger_type", "triggered_at"),
    Index(
        "ix_trigger_history_message",
        "tenant_id",
        "message_id",
        postgresql_where=text("message_id IS NOT NULL"),
    ),
    Index("ix_trigger_history_triggered", "triggered_at", postgresql_using="brin"),
)

# Up to which day of its own zone a tenant's anchors of dates are made; no day means: make them now.
TRIGGER_CALENDAR = Table(
    "trigger_calendar",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("made_on", Date),
    PrimaryKeyConstraint("tenant_id"),
)
