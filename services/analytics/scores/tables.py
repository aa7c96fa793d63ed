"""Tables of the scores."""

from sqlalchemy import Column, Date, Integer, PrimaryKeyConstraint, SmallInteger, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.analytics.schema import META
from services.common.db.tables import instant, not_negative, within

HEALTH_SCORE = Table(
    "health_score",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    # Empty when there was nothing to judge by.
    Column("score", SmallInteger),
    Column("inputs", JSONB, nullable=False),
    Column("parts", JSONB, nullable=False),
    instant("computed_at"),
    PrimaryKeyConstraint("tenant_id", "day"),
    within("score", 0, 100),
)

CONTACT_ENGAGEMENT = Table(
    "contact_engagement",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    *(
        Column(name, Integer, nullable=False)
        for name in (
            "received",
            "delivered",
            "opened",
            "clicked",
            "unsubscribed",
            "trackable",
            "seen",
            "followed",
        )
    ),
    Column("score", SmallInteger, nullable=False),
    instant("computed_at"),
    PrimaryKeyConstraint("tenant_id", "contact_id"),
    within("score", 0, 100),
    not_negative(
        "received", "delivered", "opened", "clicked", "unsubscribed", "trackable", "seen", "followed"
    ),
)

# How far the scoring of a tenant's contacts came; a run that is cut short goes on there.
SCORING = Table(
    "scoring",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("after_contact_id", Uuid),
    instant("finished_at", nullable=True),
    PrimaryKeyConstraint("tenant_id"),
)
