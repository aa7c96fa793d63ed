"""Tables of the directory."""

from sqlalchemy import ARRAY, Column, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid

from services.analytics.schema import META

TENANT_PROFILE = Table(
    "tenant_profile",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("currency_code", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id"),
)

CAMPAIGN_PROFILE = Table(
    "campaign_profile",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("variant_keys", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("tenant_id", "campaign_id"),
)
