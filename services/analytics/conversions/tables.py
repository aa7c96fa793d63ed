"""Tables of the conversions."""

from sqlalchemy import (
    Column,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from services.analytics.schema import META
from services.common.db.tables import instant, not_negative, within

CONVERSION = Table(
    "conversion",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("conversion_id", Uuid, nullable=False),
    Column("contact_id", Uuid),
    Column("conversion_type", SmallInteger, nullable=False),
    Column("order_ref", Text, nullable=False),
    # Empty until it is known: a refund may be told of before what it takes back.
    instant("occurred_at", nullable=True),
    Column("value", Numeric(18, 6)),
    Column("reversed_value", Numeric(18, 6), nullable=False, server_default="0"),
    Column("currency", Text, nullable=False),
    Column("coupon_code", Text, nullable=False),
    Column("message_id", Uuid),
    Column("campaign_id", Uuid),
    Column("run_id", Uuid),
    Column("variant_key", Text, nullable=False),
    Column("branch_id", Uuid),
    Column("attribution", SmallInteger, nullable=False),
    Column("rating", SmallInteger),
    PrimaryKeyConstraint("tenant_id", "conversion_id"),
    within("conversion_type", 1, 6),
    within("attribution", 0, 4),
    within("rating", 0, 5),
    not_negative("value", "reversed_value"),
    UniqueConstraint("tenant_id", "conversion_type", "order_ref"),
    Index("ix_conversion_contact", "tenant_id", "contact_id"),
    Index(
        "ix_conversion_campaign", "tenant_id", "campaign_id", postgresql_where=text("campaign_id IS NOT NULL")
    ),
    Index("ix_conversion_occurred", "tenant_id", "occurred_at"),
)

# A refund is applied once, whoever tells of it and however often.
CONVERSION_REVERSAL = Table(
    "conversion_reversal",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("conversion_type", SmallInteger, nullable=False),
    Column("order_ref", Text, nullable=False),
    Column("reversal_ref", Text, nullable=False),
    Column("value", Numeric(18, 6)),
    Column("currency", Text, nullable=False),
    instant("occurred_at"),
    PrimaryKeyConstraint("tenant_id", "conversion_type", "order_ref", "reversal_ref"),
    within("conversion_type", 1, 6),
    not_negative("value"),
)
