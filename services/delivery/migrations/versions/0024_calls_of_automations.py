"""Calls of addresses that automations name: their subscriptions, whom they are about, their headers."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    for statement in _STATEMENTS.strip().split(";\n"):
        op.execute(statement)


_STATEMENTS = """
ALTER TABLE delivery.webhook_subscription ADD COLUMN is_called boolean DEFAULT false NOT NULL;
CREATE UNIQUE INDEX uq_webhook_subscription_called ON delivery.webhook_subscription (tenant_id, url)
    WHERE is_called AND (deleted_at IS NULL);
ALTER TABLE delivery.webhook_event ADD COLUMN contact_id uuid;
ALTER TABLE delivery.webhook_event ADD COLUMN headers bytea
"""
