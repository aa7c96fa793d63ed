"""Devices of staff beside those of contacts."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("ALTER TABLE delivery.push_device ADD COLUMN staff_id TEXT")
