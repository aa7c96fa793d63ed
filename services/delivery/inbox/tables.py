"""Inboxes of contacts and staff, and what lies in them (DEL-14)."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.common.db.tables import instant, not_negative, within
from services.delivery.schema import META

# `contact_id` is the id of a contact, or the one of a staff member.
contact_inbox = Table(
    "contact_inbox",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("last_change", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "contact_id"),
    not_negative("last_change"),
)

inbox_item = Table(
    "inbox_item",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("item_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("change", BigInteger, nullable=False),
    Column("category", SmallInteger, nullable=False),
    Column("group_key", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    instant("created_at"),
    instant("expires_at"),
    instant("read_at", nullable=True),
    instant("archived_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "item_id"),
    within("category", 0, 37),
    not_negative("change"),
    Index(
        "ix_inbox_item_contact",
        "tenant_id",
        "contact_id",
        "item_id",
        postgresql_where=text("archived_at IS NULL"),
    ),
    Index("ix_inbox_item_change", "tenant_id", "contact_id", "change"),
    Index("ix_inbox_item_expires_at", "expires_at"),
)
