"""Notices to bare addresses and old feedback are found without looking at all others."""

from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    # Under row-level security no index on the hashes themselves can be used.
    op.execute("DROP INDEX campaign.ix_notice_addresses")
    op.execute(
        "CREATE INDEX ix_notice_bare ON campaign.notice (tenant_id) WHERE address_hashes <> '{}'::bytea[]"
    )
    op.execute("CREATE INDEX ix_feedback_age ON campaign.feedback USING brin (created_at)")
