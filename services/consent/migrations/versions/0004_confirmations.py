"""What double opt-in and stop words need: which withdrawal stands, whom to ask, which texts were read."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    enable_rls(op, "consent", "inbound_text")


_TABLES = """
ALTER TABLE consent.consent
    ADD COLUMN revoked_source TEXT,
    ADD COLUMN sealed_address BYTEA,
    ADD CONSTRAINT ck_consent_revoked_source CHECK (revoked_source IN ('web_form', 'staff', 'pos', 'import', 'api', 'sms_keyword', 'double_opt_in', 'preference_page', 'unsubscribe_link', 'complaint', 'migration')),
    ADD CONSTRAINT ck_consent_sealed_address CHECK (status = 'pending' OR sealed_address IS NULL),
    ADD CONSTRAINT ck_consent_revoked CHECK (status <> 'granted' OR revoked_source IS NULL);
UPDATE consent.consent SET revoked_source = source
    WHERE status = 'revoked' OR status = 'pending' AND revoked_at IS NOT NULL;

CREATE TABLE consent.inbound_text (
    tenant_id UUID NOT NULL,
    provider_account_id UUID NOT NULL,
    provider_message_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    action TEXT NOT NULL,
    language TEXT NOT NULL,
    contact_id UUID,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_inbound_text PRIMARY KEY (tenant_id, provider_account_id, provider_message_id),
    CONSTRAINT ck_inbound_text_channel CHECK (channel IN ('sms', 'whatsapp')),
    CONSTRAINT ck_inbound_text_action CHECK (action IN ('stopped', 'started', 'help', 'none')),
    CONSTRAINT ck_inbound_text_provider_message_id CHECK (length(provider_message_id) <= 255)
);
CREATE INDEX ix_inbound_text_created ON consent.inbound_text (created_at);
"""
