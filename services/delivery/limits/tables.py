"""Slots of contacts and volumes of tenants (DEL-8)."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from services.common.db.tables import instant
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
    PrimaryKeyConstraint("tenant_id", "contact_id", "taken_at", "message_id"),
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
    CheckConstraint("daily >= 0", name="daily"),
    CheckConstraint("monthly >= 0", name="monthly"),
)
