"""Messages that wait for a digest (DEL-18)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.common.db.tables import instant, one_of, within
from services.delivery.schema import META

digest_item = Table(
    "digest_item",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("frequency", Text, nullable=False),
    instant("digest_at"),
    Column("state", SmallInteger, nullable=False, server_default=text("1")),
    Column("digest_id", Uuid),
    instant("created_at"),
    instant("settled_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "message_id"),
    within("channel", 0, 6),
    one_of("frequency", ("immediate", "daily", "weekly", "monthly")),
    CheckConstraint("(state >= 1) AND (state <= 3)", name="state"),
    Index("ix_digest_item_contact", "tenant_id", "contact_id"),
    Index("ix_digest_item_due", "digest_at", "tenant_id", "contact_id", postgresql_where=text("state = 1")),
    Index("ix_digest_item_settled", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
)
