"""Push devices of contacts and staff, and what came of each of them in a try of a message (DEL-15, DEL-97)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from services.common.db.tables import instant
from services.delivery.schema import META

push_device = Table(
    "push_device",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("device_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("platform", SmallInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("language_code", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    instant("created_at"),
    instant("last_seen_at"),
    instant("disabled_at", nullable=True),
    Column("disabled_reason", Text, nullable=False),
    # Null for contacts; the person's id follows from it.
    Column("staff_id", Text),
    PrimaryKeyConstraint("tenant_id", "device_id"),
    CheckConstraint("(platform >= 1) AND (platform <= 3)", name="platform"),
    CheckConstraint("(kind >= 1) AND (kind <= 4)", name="kind"),
    Index("uq_push_device_token_hash", "tenant_id", "app_id", "token_hash", unique=True),
    Index("ix_push_device_contact", "tenant_id", "contact_id", "device_id"),
    Index("ix_push_device_last_seen_at", "last_seen_at"),
)

push_attempt = Table(
    "push_attempt",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("device_id", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("account_id", Uuid, nullable=False),
    instant("finished_at"),
    Column("outcome", SmallInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("provider_message_id", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "message_id", "number", "device_id"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("(outcome >= 1) AND (outcome <= 4)", name="outcome"),
    postgresql_partition_by="RANGE (message_id)",
)
