"""Askings for fresh links by people whose link expired."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    enable_rls(op, "consent", "fresh_link")


_TABLES = """
CREATE TABLE consent.fresh_link (
    tenant_id UUID NOT NULL,
    request_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT,
    sealed_address BYTEA NOT NULL,
    language TEXT,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_fresh_link PRIMARY KEY (tenant_id, request_id),
    CONSTRAINT ck_fresh_link_purpose CHECK (purpose IN ('unsubscribe', 'preferences')),
    CONSTRAINT ck_fresh_link_channel CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    CONSTRAINT ck_fresh_link_language CHECK (length(language) = 2)
);
CREATE INDEX ix_fresh_link_expiring ON consent.fresh_link (expires_at);
"""
