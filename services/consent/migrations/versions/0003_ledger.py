"""The trail becomes a chain per person, with sealed heads, and consents say wording and law.

Three roles meet at the trail: the service appends and reads; retention, in the role across tenants, removes; erasure,
in a role of its own, replaces the person and clears what is personal. Nobody can change anything else.
"""

from alembic import op

from services.common.db.rls import enable_rls, login_role, system_role

revision = "0003"
down_revision = "0002"

ERASURE = "angarium_consent_erasure"
PERSONAL = "contact_id, address_hash, ip_address, user_agent, evidence, change_reason, salt"


def upgrade() -> None:
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    enable_rls(op, "consent", "consent_chain")
    login, system = login_role("consent"), system_role("consent")
    op.execute(f"REVOKE DELETE, TRUNCATE ON consent.consent_chain FROM {login}")
    op.execute(f"REVOKE INSERT, UPDATE, TRUNCATE ON consent.consent_chain FROM {system}")
    # Roles belong to the whole server, so another database's runner may be first.
    op.execute(
        f"DO $$ BEGIN CREATE ROLE {ERASURE} NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
        " NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute(f"GRANT {ERASURE} TO {login}")
    op.execute(f"GRANT USAGE ON SCHEMA consent TO {ERASURE}")
    op.execute(f"GRANT SELECT, UPDATE ({PERSONAL}) ON consent.consent_audit TO {ERASURE}")
    op.execute(f"GRANT SELECT, UPDATE ON consent.consent_chain TO {ERASURE}")
    for table in ("consent_audit", "consent_chain"):
        op.execute(f"ALTER POLICY tenant ON consent.{table} TO {login}, {ERASURE}")


_TABLES = """
ALTER TABLE consent.consent
    ADD COLUMN wording_version TEXT,
    ADD COLUMN jurisdiction TEXT,
    ADD CONSTRAINT ck_consent_wording_version CHECK (length(wording_version) <= 100),
    ADD CONSTRAINT ck_consent_jurisdiction CHECK (jurisdiction ~ '^[A-Z]{2}(-[A-Z0-9]{1,3})?$');

ALTER TABLE consent.consent_audit
    ADD COLUMN source TEXT,
    ADD COLUMN wording_version TEXT,
    ADD COLUMN jurisdiction TEXT,
    ADD COLUMN evidence JSONB,
    ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN occurred_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN chain_id UUID,
    ADD COLUMN sequence BIGINT,
    ADD COLUMN previous_hash BYTEA,
    ADD COLUMN entry_hash BYTEA,
    ADD COLUMN commitment BYTEA,
    ADD COLUMN salt BYTEA,
    ADD CONSTRAINT ck_consent_audit_source CHECK (source IN ('web_form', 'staff', 'pos', 'import', 'api', 'sms_keyword', 'double_opt_in', 'preference_page', 'unsubscribe_link', 'complaint', 'migration')),
    ADD CONSTRAINT ck_consent_audit_wording_version CHECK (length(wording_version) <= 100),
    ADD CONSTRAINT ck_consent_audit_jurisdiction CHECK (jurisdiction ~ '^[A-Z]{2}(-[A-Z0-9]{1,3})?$');
CREATE INDEX ix_consent_audit_address ON consent.consent_audit (tenant_id, address_hash) WHERE address_hash IS NOT NULL;
CREATE INDEX ix_consent_audit_chain ON consent.consent_audit (tenant_id, chain_id, sequence);

CREATE TABLE consent.consent_chain (
    tenant_id UUID NOT NULL,
    chain_id UUID NOT NULL,
    contact_id UUID,
    address_hash BYTEA,
    last_sequence BIGINT NOT NULL,
    last_hash BYTEA NOT NULL,
    mac BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_consent_chain PRIMARY KEY (tenant_id, chain_id),
    CONSTRAINT ck_consent_chain_subject CHECK (num_nonnulls(contact_id, address_hash) = 1),
    CONSTRAINT ck_consent_chain_last_sequence CHECK (last_sequence > 0),
    CONSTRAINT ck_consent_chain_address_hash CHECK (octet_length(address_hash) = 32),
    CONSTRAINT ck_consent_chain_last_hash CHECK (octet_length(last_hash) = 32),
    CONSTRAINT ck_consent_chain_mac CHECK (octet_length(mac) = 32)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX uq_consent_chain_contact ON consent.consent_chain (tenant_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE UNIQUE INDEX uq_consent_chain_address ON consent.consent_chain (tenant_id, address_hash) WHERE address_hash IS NOT NULL;
CREATE INDEX ix_consent_chain_erased ON consent.consent_chain (erased_at) WHERE erased_at IS NOT NULL
"""
