"""Which branch an entry of a timeline is of."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE analytics.timeline_entry ADD COLUMN branch_id uuid")
