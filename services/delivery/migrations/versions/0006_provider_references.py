"""How providers call messages, for those that echo nothing of ours: kept for a month, looked at by their receipts."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0006"
down_revision = "0005"

REFERENCES = """
CREATE TABLE delivery.provider_reference (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    provider_message_id text NOT NULL,
    message_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_provider_reference PRIMARY KEY (tenant_id, account_id, provider_message_id)
);
CREATE INDEX ix_provider_reference_account ON delivery.provider_reference (account_id, provider_message_id);
CREATE INDEX ix_provider_reference_created_at ON delivery.provider_reference (created_at)
"""


def upgrade() -> None:
    for statement in REFERENCES.split(";\n"):
        op.execute(statement)
    enable_rls(op, "delivery", "provider_reference")
