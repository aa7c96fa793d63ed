"""Table of order references (CAM-18)."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
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
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant

ORDER_REFERENCE = Table(
    "order_reference",
    META,
    Column("tenant_id", Uuid, nullable=False),
    # Invoices are kept like orders, under ids of their own.
    Column("kind", SmallInteger, nullable=False),
    Column("order_ref", Text, nullable=False),
    Column("contact_id", Uuid),
    Column("branch_id", Uuid),
    Column("event_ref", Text),
    Column("order_number", Text),
    Column("amount_minor", BigInteger),
    Column("currency_code", Text),
    Column("status", Text),
    Column("coupon_codes", ARRAY(Text), nullable=False),
    Column("message_id", Uuid),
    Column("campaign_id", Uuid),
    instant("paid_at", nullable=True),
    Column("refunded_minor", BigInteger, nullable=False),
    # What events said, each value with who said it and when; the columns above follow from it.
    Column("fold", JSONB, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "kind", "order_ref"),
    CheckConstraint("kind IN (1, 2)", name="kind"),
    CheckConstraint("amount_minor >= 0 AND refunded_minor >= 0", name="amounts"),
    CheckConstraint("currency_code ~ '^[A-Z]{3}$'", name="currency_code"),
    Index(
        "ix_order_reference_contact",
        "tenant_id",
        "contact_id",
        postgresql_where=text("contact_id IS NOT NULL"),
    ),
    # Who holds tickets of a venue event.
    Index(
        "ix_order_reference_event",
        "tenant_id",
        "event_ref",
        "contact_id",
        postgresql_where=text("event_ref IS NOT NULL AND contact_id IS NOT NULL"),
    ),
    Index("ix_order_reference_updated", "updated_at"),
)
