"""The terms a tenant prints on wallet passes."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE campaign.marketing_settings ADD COLUMN pass_terms text NOT NULL DEFAULT ''")
