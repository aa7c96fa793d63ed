"""Layouts, MJML, rich content, translations, and what WhatsApp approved (CAM-11, CAM-12, CAM-94)."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0015"
down_revision = "0014"

STATEMENTS = """
ALTER TABLE campaign.template
    DROP CONSTRAINT ck_template_template_type,
    ADD CONSTRAINT ck_template_template_type CHECK (template_type BETWEEN 1 AND 4);

ALTER TABLE campaign.template_content
    ADD COLUMN body_mjml text NOT NULL DEFAULT '',
    ADD COLUMN rich_content jsonb,
    ADD COLUMN rich_html text NOT NULL DEFAULT '',
    ADD COLUMN rich_text text NOT NULL DEFAULT '',
    ADD COLUMN media_urls text[] NOT NULL DEFAULT '{}',
    ADD COLUMN whatsapp_template_name text NOT NULL DEFAULT '',
    ADD COLUMN variable_order text[] NOT NULL DEFAULT '{}',
    ADD COLUMN composed_html text NOT NULL DEFAULT '',
    ADD COLUMN composed_text text NOT NULL DEFAULT '',
    ADD COLUMN translations jsonb NOT NULL DEFAULT '{}';

CREATE TABLE campaign.translation (
    tenant_id UUID NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    language_code TEXT COLLATE "C" NOT NULL,
    value TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_translation PRIMARY KEY (tenant_id, key, language_code),
    CONSTRAINT ck_translation_key CHECK (char_length(key) BETWEEN 1 AND 200)
);

CREATE TABLE campaign.whatsapp_approval (
    tenant_id UUID NOT NULL,
    template_version_id UUID NOT NULL,
    language_code TEXT NOT NULL,
    business_account TEXT NOT NULL,
    provider_account_id UUID NOT NULL,
    whatsapp_template_name TEXT NOT NULL,
    whatsapp_template_id TEXT NOT NULL,
    state SMALLINT NOT NULL,
    reason TEXT NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_whatsapp_approval PRIMARY KEY (tenant_id, template_version_id, language_code, business_account),
    CONSTRAINT fk_whatsapp_approval_tenant_id_template_version_id FOREIGN KEY(tenant_id, template_version_id)
        REFERENCES campaign.template_version (tenant_id, template_version_id) ON DELETE CASCADE,
    CONSTRAINT ck_whatsapp_approval_state CHECK (state BETWEEN 1 AND 5)
);

CREATE INDEX ix_whatsapp_approval_name ON campaign.whatsapp_approval (whatsapp_template_name, provider_account_id);

CREATE INDEX ix_whatsapp_approval_pending ON campaign.whatsapp_approval (provider_account_id) WHERE state = 1;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in ("translation", "whatsapp_approval"):
        enable_rls(op, "campaign", table)
