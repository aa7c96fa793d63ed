"""What delivery is to do with wallet passes, until it knows."""

from sqlalchemy import (
    ARRAY,
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

# Carried out, an order stays for a while: it tells what of a purchase must not be offered any more.
PASS_ORDER = Table(
    "pass_order",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("what", SmallInteger, nullable=False),
    # Digest of the fact that it follows from.
    Column("key", LargeBinary, nullable=False),
    # Of the ticket or the event.
    Column("ref", Text, nullable=False),
    # Whose passes; null means whoever holds them.
    Column("contact_id", Uuid),
    Column("ticket_refs", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("changes", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("reason", Text, nullable=False),
    # Rises when there is more to tell; what was told is the version that was read.
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # When delivery is told next; null once it knows.
    instant("next_try_at", nullable=True),
    instant("occurred_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "order_id"),
    not_negative("version", "attempts"),
    CheckConstraint("what BETWEEN 1 AND 3", name="what"),
    CheckConstraint("length(key) = 32", name="key"),
    Index("uq_pass_order_key", "tenant_id", "key", unique=True),
    Index("ix_pass_order_next", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
    Index("ix_pass_order_ref", "tenant_id", "ref"),
    Index(
        "ix_pass_order_contact", "tenant_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")
    ),
    Index("ix_pass_order_updated", "updated_at", postgresql_where=text("next_try_at IS NULL")),
)
