"""Slots of contacts, volumes of tenants, and rules of limits (DEL-7, DEL-8)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from services.common.db.tables import instant, not_negative, within
from services.delivery.schema import META

send_slot = Table(
    "send_slot",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    instant("taken_at"),
    Column("message_id", Uuid, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("is_marketing", Boolean, nullable=False),
    Column("is_forgiven", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("tenant_id", "contact_id", "taken_at", "message_id"),
    within("channel", 0, 6),
    Index("ix_send_slot_taken", "taken_at", postgresql_using="brin"),
)

tenant_volume = Table(
    "tenant_volume",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("period", Text, nullable=False),
    Column("used", Integer, nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "channel", "period"),
    within("channel", 0, 6),
    CheckConstraint("used >= 0", name="used"),
)

tenant_limit = Table(
    "tenant_limit",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("daily", Integer),
    Column("monthly", Integer),
    Column("time_zone", Text, nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "channel"),
    within("channel", 0, 6),
    CheckConstraint("daily >= 0", name="daily"),
    CheckConstraint("monthly >= 0", name="monthly"),
)

# The nil id stands for all tenants, for each subject, and for the subject of what is counted over all.
rate_limit_rule = Table(
    "rate_limit_rule",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("rule_id", Uuid, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("scope", SmallInteger, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("max_per_minute", Integer),
    Column("max_per_hour", Integer),
    Column("max_per_day", Integer),
    Column("burst_limit", Integer),
    Column("changed_by", Text, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "rule_id"),
    within("channel", 0, 6),
    UniqueConstraint("tenant_id", "channel", "scope", "subject_id"),
    CheckConstraint("(scope >= 1) AND (scope <= 3)", name="scope"),
    CheckConstraint("max_per_minute > 0", name="max_per_minute"),
    CheckConstraint("max_per_hour > 0", name="max_per_hour"),
    CheckConstraint("max_per_day > 0", name="max_per_day"),
    CheckConstraint("burst_limit > 0", name="burst_limit"),
)

rate_memory = Table(
    "rate_memory",
    META,
    # One row: since when Redis remembers what was counted when a window was filled last.
    Column("place", SmallInteger, nullable=False),
    Column("mark", BigInteger, nullable=False),
    PrimaryKeyConstraint("place"),
    not_negative("mark"),
    CheckConstraint("place = 1", name="place"),
)

rate_limit_reset = Table(
    "rate_limit_reset",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("scope", SmallInteger, nullable=False),
    instant("reset_at"),
    PrimaryKeyConstraint("tenant_id", "channel", "scope"),
    within("channel", 0, 6),
    within("scope", 0, 3),
)
