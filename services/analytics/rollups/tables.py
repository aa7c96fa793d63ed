"""Tables of the rollups."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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

from services.analytics.rollups.counters import (
    COHORT_KEY,
    COLUMNS,
    DAILY_KEY,
    ENGAGEMENT_KEY,
    FINE_KEY,
    LINK_KEY,
    REASON_KEY,
    SPEND_KEY,
)
from services.analytics.schema import META
from services.common.db.tables import instant, one_of, within

_SMALL = {"bearer", "channel", "message_class", "category", "engagement_class"}


def _key(names: Sequence[str]) -> list[Column[object]]:
    return [_column(name) for name in names]


def _column(name: str) -> Column[object]:
    if name.endswith("_id"):
        return Column(name, Uuid, nullable=False)
    if name == "bucket":
        return instant(name)
    if name == "day":
        return Column(name, Date, nullable=False)
    return Column(name, SmallInteger if name in _SMALL else Text, nullable=False)


def _counters(names: Sequence[str] = COLUMNS) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False, server_default="0") for name in names]


def _what_was_sent() -> list[CheckConstraint]:
    """Returns what the columns that say what was sent can be."""
    return [within("channel", 0, 6), within("message_class", 0, 3), within("category", 0, 37)]


# 15 minutes, so that days of every zone, those at half and quarter hours included, can be summed exactly.
ROLLUP_FINE = Table(
    "rollup_fine",
    META,
    *_key(FINE_KEY),
    *_counters(),
    PrimaryKeyConstraint(*FINE_KEY),
    *_what_was_sent(),
)

# By the tenant's day; kept for ever.
ROLLUP_DAILY = Table(
    "rollup_daily",
    META,
    *_key(DAILY_KEY),
    *_counters(),
    PrimaryKeyConstraint(*DAILY_KEY),
    *_what_was_sent(),
)

# By the tenant's day of sending: the rates of a campaign or a template are those of a cohort.
COHORT_STAT = Table(
    "cohort_stat",
    META,
    *_key(COHORT_KEY),
    *_counters(),
    instant("first_sent_at", nullable=True),
    instant("last_sent_at", nullable=True),
    PrimaryKeyConstraint(*COHORT_KEY),
    *_what_was_sent(),
    Index("ix_cohort_stat_day", "tenant_id", "day"),
)

REASON_STAT = Table(
    "reason_stat",
    META,
    *_key(REASON_KEY),
    Column("messages", BigInteger, nullable=False),
    PrimaryKeyConstraint(*REASON_KEY),
    within("channel", 0, 6),
    one_of("kind", ("skipped", "failed", "bounced")),
    Index("ix_reason_stat_bucket", "tenant_id", "bucket"),
)

CAMPAIGN_ENGAGEMENT = Table(
    "campaign_engagement",
    META,
    *(
        Column(name, SmallInteger, nullable=False) if name == "kind" else _column(name)
        for name in ENGAGEMENT_KEY
    ),
    Column("messages", BigInteger, nullable=False),
    Column("hits", BigInteger, nullable=False),
    PrimaryKeyConstraint(*ENGAGEMENT_KEY),
    within("kind", 1, 2),
    within("engagement_class", 0, 4),
)

LINK_STAT = Table(
    "link_stat",
    META,
    *_key(LINK_KEY),
    Column("url", Text, nullable=False),
    Column("unique_clicks", BigInteger, nullable=False),
    Column("total_clicks", BigInteger, nullable=False),
    Column("machine_clicks", BigInteger, nullable=False),
    PrimaryKeyConstraint(*LINK_KEY),
    Index("ix_link_stat_template", "tenant_id", "template_name"),
)

SPEND_ROLLUP = Table(
    "spend_rollup",
    META,
    *_key(SPEND_KEY),
    Column("cost", Numeric(24, 6), nullable=False),
    Column("attempts", BigInteger, nullable=False),
    PrimaryKeyConstraint(*SPEND_KEY),
    within("channel", 0, 6),
    within("message_class", 0, 3),
    within("bearer", 0, 2),
    Index("ix_spend_rollup_campaign", "tenant_id", "campaign_id"),
)

# Tenants whose days are cut elsewhere since their zone changed.
DIRTY_TENANT = Table(
    "dirty_tenant",
    META,
    Column("tenant_id", Uuid, nullable=False),
    instant("marked_at"),
    PrimaryKeyConstraint("tenant_id"),
)

DIRTY_BUCKET = Table(
    "dirty_bucket",
    META,
    Column("tenant_id", Uuid, nullable=False),
    instant("bucket"),
    instant("marked_at"),
    PrimaryKeyConstraint("tenant_id", "bucket"),
)
