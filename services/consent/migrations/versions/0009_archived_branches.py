"""Which branches are archived: nothing is sent for them (CAM-20)."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("ALTER TABLE consent.branch_policy ADD COLUMN is_archived BOOLEAN DEFAULT false NOT NULL")
