"""What delivery is to do with wallet passes, until it knows."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    for statement in _STATEMENTS.strip().split(";\n"):
        op.execute(statement)
    enable_rls(op, "campaign", "pass_order")


_STATEMENTS = """
CREATE TABLE campaign.pass_order (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    what smallint NOT NULL CONSTRAINT ck_pass_order_what CHECK (what BETWEEN 1 AND 3),
    key bytea NOT NULL CONSTRAINT ck_pass_order_key CHECK (length(key) = 32),
    ref text NOT NULL,
    contact_id uuid,
    ticket_refs text[] DEFAULT '{}'::text[] NOT NULL,
    changes jsonb DEFAULT '{}'::jsonb NOT NULL,
    reason text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_try_at timestamptz,
    occurred_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_pass_order PRIMARY KEY (tenant_id, order_id)
);
CREATE UNIQUE INDEX uq_pass_order_key ON campaign.pass_order (tenant_id, key);
CREATE INDEX ix_pass_order_next ON campaign.pass_order (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX ix_pass_order_ref ON campaign.pass_order (tenant_id, ref);
CREATE INDEX ix_pass_order_contact ON campaign.pass_order (tenant_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_pass_order_updated ON campaign.pass_order (updated_at) WHERE next_try_at IS NULL
"""
