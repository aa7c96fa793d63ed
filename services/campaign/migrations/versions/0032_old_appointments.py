"""Appointments are forgotten as visits are, and found by when something was told of them."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.execute("DROP INDEX campaign.ix_contact_fact_updated")
    op.execute(
        "CREATE INDEX ix_contact_fact_updated ON campaign.contact_fact (updated_at) WHERE kind IN (1, 7)"
    )
