"""Tables of the rollups."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from services.analytics.rollups.counters import CAMPAIGN_COUNTERS, FINE_COUNTERS
from services.analytics.schema import META
from services.common.db.tables import instant


def _counters(names: tuple[str, ...]) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False, server_default="0") for name in names]


# 15 minutes, so that days of every zone, those at half and quarter hours included, can be summed exactly.
ROLLUP_FINE = Table(
    "rollup_fine",
    META,
    Column("tenant_id", Uuid, nullable=False),
    instant("bucket"),
    Column("branch_id", Uuid, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("message_class", SmallInteger, nullable=False),
    Column("category", SmallInteger, nullable=False),
    Column("template_name", Text, nullable=False),
    Column("provider", Text, nullable=False),
    *_counters(FINE_COUNTERS),
    PrimaryKeyConstraint(
        "tenant_id",
        "bucket",
        "branch_id",
        "channel",
        "message_class",
        "category",
        "template_name",
        "provider",
    ),
)

# By the tenant's day of sending: a campaign's rates are those of a cohort.
CAMPAIGN_STAT = Table(
    "campaign_stat",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("variant_key", Text, nullable=False),
    Column("day", Date, nullable=False),
    *_counters(CAMPAIGN_COUNTERS),
    PrimaryKeyConstraint("tenant_id", "campaign_id", "run_id", "variant_key", "day"),
)

CAMPAIGN_REASON = Table(
    "campaign_reason",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("messages", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "campaign_id", "run_id", "kind", "reason"),
)

CAMPAIGN_ENGAGEMENT = Table(
    "campaign_engagement",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("engagement_class", SmallInteger, nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("hits", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "campaign_id", "run_id", "kind", "engagement_class"),
)

LINK_STAT = Table(
    "link_stat",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("link_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("unique_clicks", BigInteger, nullable=False),
    Column("total_clicks", BigInteger, nullable=False),
    Column("machine_clicks", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "campaign_id", "link_id"),
)

SPEND_ROLLUP = Table(
    "spend_rollup",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("billing_period", Text, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("message_class", SmallInteger, nullable=False),
    Column("provider", Text, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("currency", Text, nullable=False),
    Column("cost", Numeric(24, 6), nullable=False),
    Column("attempts", BigInteger, nullable=False),
    PrimaryKeyConstraint(
        "tenant_id",
        "billing_period",
        "branch_id",
        "channel",
        "message_class",
        "provider",
        "campaign_id",
        "currency",
    ),
    Index("ix_spend_rollup_campaign", "tenant_id", "campaign_id"),
)

DIRTY_CAMPAIGN = Table(
    "dirty_campaign",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    instant("marked_at"),
    PrimaryKeyConstraint("tenant_id", "campaign_id"),
)

DIRTY_BUCKET = Table(
    "dirty_bucket",
    META,
    Column("tenant_id", Uuid, nullable=False),
    instant("bucket"),
    instant("marked_at"),
    PrimaryKeyConstraint("tenant_id", "bucket"),
)
