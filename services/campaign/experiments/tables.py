"""Tables of A/B tests: what recipients did while one is counted."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Uuid,
)

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative, within

# Opens and clicks of tested recipients, each with its newest verdict; removed with the decision.
TEST_HIT = Table(
    "test_hit",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("engagement_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("engagement_class", SmallInteger, nullable=False),
    Column("judgement", Integer, nullable=False),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "engagement_id"),
    ForeignKeyConstraint(
        ["tenant_id", "campaign_id"],
        ["campaign.campaign.tenant_id", "campaign.campaign.campaign_id"],
        ondelete="CASCADE",
    ),
    within("engagement_class", 0, 4),
    not_negative("judgement"),
    CheckConstraint("kind IN (1, 2)", name="kind"),
    Index("ix_test_hit_campaign", "tenant_id", "campaign_id"),
    Index("ix_test_hit_created", "created_at"),
)
