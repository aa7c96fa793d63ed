"""Codes that went back remember whose they were, and are taken again last."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    for statement in _STATEMENTS.strip().split(";\n"):
        op.execute(statement)


_STATEMENTS = """
ALTER TABLE campaign.coupon_code ADD COLUMN last_message_id uuid;
ALTER TABLE campaign.coupon_code ADD COLUMN last_contact_id uuid;
CREATE INDEX ix_coupon_code_free ON campaign.coupon_code (tenant_id, coupon_id, updated_at, code) WHERE state = 'free';
CREATE INDEX ix_coupon_code_last_message ON campaign.coupon_code (tenant_id, last_message_id)
    WHERE last_message_id IS NOT NULL
"""
