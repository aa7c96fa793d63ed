"""Tables of the directory."""

from sqlalchemy import ARRAY, Column, Numeric, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid

from services.analytics.schema import META
from services.common.db.tables import instant, not_negative, within

TENANT_PROFILE = Table(
    "tenant_profile",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("currency_code", Text, nullable=False),
    # What it may spend in a month, in its currency; empty means no limit.
    Column("monthly_limit", Numeric(18, 6)),
    PrimaryKeyConstraint("tenant_id"),
    not_negative("monthly_limit"),
)

CAMPAIGN_PROFILE = Table(
    "campaign_profile",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("variant_keys", ARRAY(Text), nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    instant("started_at", nullable=True),
    instant("completed_at", nullable=True),
    # When the newest event told of it; older ones change nothing.
    instant("told_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "campaign_id"),
    within("channel", 0, 6),
    within("state", 0, 8),
)
