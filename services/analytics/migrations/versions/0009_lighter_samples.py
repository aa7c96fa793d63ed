"""ANALYZE takes fewer rows of the tables that grow with each message."""

from alembic import op

from services.common.db.common_schema import sample_lightly

revision = "0009"
down_revision = "0008"

TABLES = ("message_fact", "timeline_entry", "engagement_event")


def upgrade() -> None:
    sample_lightly(op, "analytics", TABLES)
