"""Tables of notification rules: what tenants changed, and what has to be remembered between events (LIF-4)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

# What a tenant wants otherwise than the platform; what is null is as the platform says.
NOTIFICATION_OVERRIDE = Table(
    "notification_override",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("rule", Text, nullable=False),
    Column("is_enabled", Boolean),
    Column("template", Text),
    Column("delay_seconds", Integer),
    # In order of preference.
    Column("channels", ARRAY(SmallInteger)),
    Column("mode", SmallInteger),
    Column("version", Integer, nullable=False),
    Column("updated_by", Text, nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "rule"),
    not_negative("version"),
    CheckConstraint(
        "num_nonnulls(is_enabled, template, delay_seconds, channels, mode) > 0", name="says_something"
    ),
    CheckConstraint("delay_seconds >= 0", name="delay"),
    CheckConstraint("cardinality(channels) > 0", name="channels"),
    CheckConstraint("mode BETWEEN 1 AND 2", name="mode"),
)

# How often a rule spoke of something, what of it is over, when it is to be: never who, subjects are digests.
NOTIFICATION_MEMORY = Table(
    "notification_memory",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("data", JSONB, nullable=False),
    instant("keep_until"),
    PrimaryKeyConstraint("tenant_id", "kind", "subject"),
    CheckConstraint("length(subject) = 16", name="subject"),
    Index("ix_notification_memory_keep_until", "keep_until"),
)
