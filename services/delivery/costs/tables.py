"""Rate cards (DEL-6), and the zone a tenant is billed in (DEL-12)."""

from sqlalchemy import (
    CHAR,
    CheckConstraint,
    Column,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.common.db.tables import instant, within
from services.delivery.schema import META

rate_card = Table(
    "rate_card",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("rate_card_id", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("account_id", Uuid),
    Column("channel", SmallInteger, nullable=False),
    Column("country", Text),
    Column("unit", SmallInteger, nullable=False),
    Column("cost", Numeric(18, 6), nullable=False),
    Column("currency", CHAR(3), nullable=False),
    instant("valid_from"),
    Column("prefix", Text),
    Column("message_class", SmallInteger),
    PrimaryKeyConstraint("tenant_id", "rate_card_id"),
    within("channel", 0, 6),
    CheckConstraint("(unit >= 1) AND (unit <= 2)", name="unit"),
    CheckConstraint("cost >= (0)::numeric", name="cost"),
    CheckConstraint("(country IS NULL) OR (prefix IS NULL)", name="place"),
    CheckConstraint("(message_class >= 1) AND (message_class <= 3)", name="message_class"),
    Index("ix_rate_card_provider", "tenant_id", "provider", "channel", "valid_from"),
    Index(
        "uq_rate_card_place",
        "tenant_id",
        "provider",
        "channel",
        text("COALESCE(account_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
        text("COALESCE(country, ''::text)"),
        text("COALESCE(prefix, ''::text)"),
        text("COALESCE(message_class::integer, 0)"),
        "valid_from",
        unique=True,
    ),
)

billing_zone = Table(
    "billing_zone",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("time_zone", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id"),
)
