"""Requests for feedback know the message that asked."""

from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.execute("ALTER TABLE campaign.feedback_request ADD COLUMN message_id uuid")
