"""Which verdict is stored of each hit, so that a later one replaces it and an older one does not."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the number of the verdict; verdicts told without one are the first."""
    op.execute("ALTER TABLE analytics.engagement_event ADD COLUMN judgement INTEGER DEFAULT '0' NOT NULL")
