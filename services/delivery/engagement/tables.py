"""Short links of messages (DEL-11)."""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, Text, Uuid

from services.common.db.tables import instant
from services.delivery.schema import META

short_link = Table(
    "short_link",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("link_id", Uuid, nullable=False),
    instant("expires_at"),
    PrimaryKeyConstraint("tenant_id", "code"),
    Index("uq_short_link_code", "code", unique=True),
    Index("ix_short_link_expires_at", "expires_at"),
)
