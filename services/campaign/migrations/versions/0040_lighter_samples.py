"""ANALYZE takes fewer rows of the tables that grow with each message."""

from alembic import op

from services.common.db.common_schema import sample_lightly

revision = "0040"
down_revision = "0039"

TABLES = ("campaign_recipient",)


def upgrade() -> None:
    sample_lightly(op, "campaign", TABLES)
