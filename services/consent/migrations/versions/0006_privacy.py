"""Privacy requests, their steps and archives; who was erased."""

from alembic import op

from services.common.contact_data.tables import create_erased_person
from services.common.db.rls import enable_rls

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    create_erased_person(op, "consent")
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    for table in ("privacy_request", "privacy_step", "privacy_piece"):
        enable_rls(op, "consent", table)


_TABLES = """
CREATE TABLE consent.privacy_request (
    tenant_id UUID NOT NULL,
    privacy_request_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    tombstone_id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    format TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    verified_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    result_expires_at TIMESTAMP WITH TIME ZONE,
    result_size BIGINT DEFAULT 0 NOT NULL,
    failure_reason TEXT DEFAULT '' NOT NULL,
    archive_master_id TEXT,
    archive_key BYTEA,
    receipt BYTEA,
    receipt_signature TEXT,
    receipt_key_id TEXT,
    aftercare SMALLINT DEFAULT 0 NOT NULL,
    aftercare_at TIMESTAMP WITH TIME ZONE,
    suppression_ids JSONB DEFAULT '[]' NOT NULL,
    CONSTRAINT pk_privacy_request PRIMARY KEY (tenant_id, privacy_request_id),
    CONSTRAINT ck_privacy_request_kind CHECK (kind IN ('export', 'erasure')),
    CONSTRAINT ck_privacy_request_state CHECK (state IN ('received', 'running', 'completed', 'failed', 'rejected')),
    CONSTRAINT ck_privacy_request_format CHECK (format IN ('json', 'csv')),
    CONSTRAINT ck_privacy_request_verified_by CHECK (length(verified_by) <= 200),
    CONSTRAINT ck_privacy_request_reason CHECK (length(reason) <= 500)
);
CREATE INDEX ix_privacy_request_aftercare ON consent.privacy_request (aftercare_at) WHERE aftercare_at IS NOT NULL;
CREATE INDEX ix_privacy_request_contact ON consent.privacy_request (tenant_id, contact_id, privacy_request_id);
CREATE INDEX ix_privacy_request_expiring ON consent.privacy_request (result_expires_at) WHERE archive_key IS NOT NULL;
CREATE INDEX ix_privacy_request_next ON consent.privacy_request (next_at) WHERE state IN ('received', 'running');
CREATE UNIQUE INDEX uq_privacy_request_open ON consent.privacy_request (tenant_id, contact_id, kind) WHERE state IN ('received', 'running');

CREATE TABLE consent.privacy_step (
    tenant_id UUID NOT NULL,
    privacy_request_id UUID NOT NULL,
    number SMALLINT NOT NULL,
    service TEXT NOT NULL,
    action TEXT NOT NULL,
    is_done BOOLEAN DEFAULT false NOT NULL,
    rows BIGINT DEFAULT 0 NOT NULL,
    remaining BIGINT DEFAULT 0 NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    error TEXT DEFAULT '' NOT NULL,
    stores JSONB DEFAULT '[]' NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_privacy_step PRIMARY KEY (tenant_id, privacy_request_id, number)
);

CREATE TABLE consent.privacy_piece (
    tenant_id UUID NOT NULL,
    privacy_request_id UUID NOT NULL,
    part TEXT NOT NULL,
    number INTEGER NOT NULL,
    sealed BYTEA NOT NULL,
    CONSTRAINT pk_privacy_piece PRIMARY KEY (tenant_id, privacy_request_id, part, number),
    CONSTRAINT ck_privacy_piece_sealed CHECK (octet_length(sealed) <= 262208)
);
ALTER TABLE consent.privacy_piece ALTER COLUMN sealed SET STORAGE EXTERNAL
"""
