"""Which event a draft came from; and aggregates found tenant by tenant (EVT-52, JOB-24)."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("ALTER TABLE campaign.campaign ADD COLUMN source_event_id UUID")
    op.execute("DROP INDEX campaign.ix_inbound_aggregate_due_at")
    op.execute("CREATE INDEX ix_inbound_aggregate_due ON campaign.inbound_aggregate (tenant_id, due_at)")
