"""Passes know their event, and with which others they were offered."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    for statement in _STATEMENTS.strip().split(";\n"):
        op.execute(statement)


_STATEMENTS = """
ALTER TABLE delivery.wallet_pass ADD COLUMN event_ref text DEFAULT ''::text NOT NULL, ADD COLUMN offer_id uuid;
CREATE INDEX ix_wallet_pass_event ON delivery.wallet_pass (tenant_id, event_ref, pass_id) WHERE state = 1;
CREATE INDEX ix_wallet_pass_offer ON delivery.wallet_pass (tenant_id, offer_id) WHERE offer_id IS NOT NULL
"""
