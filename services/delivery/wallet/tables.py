"""Passes of tickets (DEL-17)."""

from sqlalchemy import (
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

from services.common.db.tables import instant, not_negative
from services.delivery.schema import META

wallet_pass = Table(
    "wallet_pass",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("pass_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("ticket_ref", Text, nullable=False),
    # Of the event that it shows; by it what happens to an event reaches its passes.
    Column("event_ref", Text, nullable=False, server_default=text("''::text")),
    # What it was offered with: tickets that were bought together.
    Column("offer_id", Uuid),
    Column("kind", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("issue", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    instant("expires_at"),
    instant("download_expires_at"),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "pass_id"),
    not_negative("version", "issue"),
    CheckConstraint("(kind >= 1) AND (kind <= 2)", name="kind"),
    CheckConstraint("(state >= 1) AND (state <= 3)", name="state"),
    Index("uq_wallet_pass_ticket_ref", "tenant_id", "kind", "ticket_ref", unique=True),
    Index("ix_wallet_pass_contact", "tenant_id", "contact_id"),
    Index("ix_wallet_pass_event", "tenant_id", "event_ref", "pass_id", postgresql_where=text("state = 1")),
    Index("ix_wallet_pass_offer", "tenant_id", "offer_id", postgresql_where=text("offer_id IS NOT NULL")),
    Index("ix_wallet_pass_expires_at", "expires_at", postgresql_where=text("state = 1")),
)
