"""Who bears a cost: the platform, the tenant, or the tenant's budget."""

from alembic import op

revision = "0006"
down_revision = "0005"

KEY = "tenant_id, billing_period, branch_id, channel, message_class, provider, campaign_id, currency, bearer"


def upgrade() -> None:
    """Takes what was told without it for the tenant's."""
    op.execute("ALTER TABLE analytics.message_fact ADD COLUMN cost_bearers SMALLINT[] DEFAULT '{}' NOT NULL")
    op.execute("ALTER TABLE analytics.spend_rollup ADD COLUMN bearer SMALLINT DEFAULT '1' NOT NULL")
    op.execute("ALTER TABLE analytics.spend_rollup ALTER COLUMN bearer DROP DEFAULT")
    op.execute("ALTER TABLE analytics.spend_rollup DROP CONSTRAINT pk_spend_rollup")
    op.execute(f"ALTER TABLE analytics.spend_rollup ADD CONSTRAINT pk_spend_rollup PRIMARY KEY ({KEY})")
