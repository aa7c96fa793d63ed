"""Messages whose provider is asked later what became of them and what they cost: for three days, then no more."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0015"
down_revision = "0014"

POLLS = """
CREATE TABLE delivery.provider_poll (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    account_id uuid NOT NULL,
    provider text NOT NULL,
    provider_message_id text NOT NULL,
    campaign_id uuid,
    attempt smallint NOT NULL,
    cost_before numeric(18, 6) NOT NULL,
    sent_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    poll_count smallint NOT NULL DEFAULT 0,
    CONSTRAINT pk_provider_poll PRIMARY KEY (tenant_id, message_id)
);
CREATE INDEX ix_provider_poll_due_at ON delivery.provider_poll (due_at);
CREATE INDEX ix_provider_poll_sent_at ON delivery.provider_poll (sent_at)
"""


def upgrade() -> None:
    for statement in POLLS.split(";\n"):
        op.execute(statement)
    enable_rls(op, "delivery", "provider_poll")
