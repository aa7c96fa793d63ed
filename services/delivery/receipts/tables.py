"""How providers call messages, for those that echo nothing of ours."""

from sqlalchemy import Column, DateTime, Index, PrimaryKeyConstraint, Table, Text, Uuid, text

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
