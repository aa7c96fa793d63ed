"""How providers call messages, for those that echo nothing of ours, and whose messages they are asked for later."""

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.common.db.tables import not_negative
from services.delivery.schema import META

provider_reference = Table(
    "provider_reference",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("provider_message_id", Text, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("tenant_id", "account_id", "provider_message_id"),
    Index("ix_provider_reference_account", "account_id", "provider_message_id"),
    Index("ix_provider_reference_created_at", "created_at"),
)

provider_poll = Table(
    "provider_poll",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("provider_message_id", Text, nullable=False),
    Column("campaign_id", Uuid),
    Column("attempt", SmallInteger, nullable=False),
    Column("cost_before", Numeric(18, 6), nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("poll_count", SmallInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("tenant_id", "message_id"),
    not_negative("attempt", "cost_before", "poll_count"),
    Index("ix_provider_poll_due_at", "due_at"),
    Index("ix_provider_poll_sent_at", "sent_at"),
)
