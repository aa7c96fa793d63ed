"""Messages that ask people to confirm a consent, on their way to delivery."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    enable_rls(op, "campaign", "confirmation")


_TABLES = """
CREATE TABLE campaign.confirmation (
    tenant_id UUID NOT NULL,
    message_id UUID NOT NULL,
    consent_id UUID NOT NULL,
    confirmation_count INTEGER NOT NULL,
    state TEXT DEFAULT 'waiting' NOT NULL,
    reason TEXT,
    attempts INTEGER DEFAULT 0 NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_confirmation PRIMARY KEY (tenant_id, message_id),
    CONSTRAINT ck_confirmation_state CHECK (state IN ('waiting', 'sent', 'dropped')),
    CONSTRAINT ck_confirmation_reason CHECK ((state = 'dropped') = (reason IS NOT NULL)),
    CONSTRAINT ck_confirmation_confirmation_count CHECK (confirmation_count > 0)
);
CREATE UNIQUE INDEX uq_confirmation_asking ON campaign.confirmation (tenant_id, consent_id, confirmation_count);
CREATE INDEX ix_confirmation_due ON campaign.confirmation (due_at) WHERE state = 'waiting';
CREATE INDEX ix_confirmation_created ON campaign.confirmation (created_at);
"""
