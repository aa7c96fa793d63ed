"""Passes of tickets."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0014"
down_revision = "0013"

PASSES = """
CREATE TABLE delivery.wallet_pass (
    tenant_id uuid NOT NULL,
    pass_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    ticket_ref text NOT NULL,
    kind smallint NOT NULL CONSTRAINT ck_wallet_pass_kind CHECK (kind BETWEEN 1 AND 2),
    state smallint NOT NULL CONSTRAINT ck_wallet_pass_state CHECK (state BETWEEN 1 AND 3),
    version integer NOT NULL,
    issue integer NOT NULL,
    sealed bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    download_expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_wallet_pass PRIMARY KEY (tenant_id, pass_id)
);
CREATE UNIQUE INDEX uq_wallet_pass_ticket_ref ON delivery.wallet_pass (tenant_id, kind, ticket_ref);
CREATE INDEX ix_wallet_pass_contact ON delivery.wallet_pass (tenant_id, contact_id);
CREATE INDEX ix_wallet_pass_expires_at ON delivery.wallet_pass (expires_at) WHERE state = 1
"""


def upgrade() -> None:
    for statement in PASSES.split(";\n"):
        op.execute(statement)
    enable_rls(op, "delivery", "wallet_pass")
