"""Events of neighbours, the rows in which they wait, and the keys that sign them (CAM-17)."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0019"
down_revision = "0018"

TABLES = ("inbound_event", "inbound_aggregate", "intake_key", "intake_nonce")


def upgrade() -> None:
    for statement in filter(str.strip, _STATEMENTS.split(";\n")):
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, "campaign", table)


_STATEMENTS = """
CREATE TABLE campaign.inbound_event (
    tenant_id UUID NOT NULL,
    event_id UUID NOT NULL,
    type TEXT NOT NULL,
    named_type TEXT NOT NULL,
    is_known BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    version SMALLINT NOT NULL,
    branch_ref TEXT NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    sequence BIGINT,
    correlation_id TEXT NOT NULL,
    causation_id TEXT NOT NULL,
    fact TEXT NOT NULL,
    payload BYTEA,
    has_secret BOOLEAN NOT NULL,
    people BYTEA[] NOT NULL,
    state SMALLINT NOT NULL,
    attempts SMALLINT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    steps TEXT[] NOT NULL,
    error TEXT NOT NULL,
    key_id TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_inbound_event PRIMARY KEY (tenant_id, event_id),
    CONSTRAINT ck_inbound_event_state CHECK (state BETWEEN 1 AND 5),
    CONSTRAINT ck_inbound_event_finished CHECK ((state <= 2) = (finished_at IS NULL)),
    CONSTRAINT ck_inbound_event_due CHECK ((state <= 2) = (due_at IS NOT NULL))
);
CREATE INDEX ix_inbound_event_open ON campaign.inbound_event (tenant_id, aggregate_type, aggregate_id) WHERE state <= 2;
CREATE INDEX ix_inbound_event_people ON campaign.inbound_event USING gin (people);
CREATE INDEX ix_inbound_event_received ON campaign.inbound_event (tenant_id, received_at, event_id);
CREATE INDEX ix_inbound_event_received_at ON campaign.inbound_event (received_at);
CREATE INDEX ix_inbound_event_sequence ON campaign.inbound_event (tenant_id, aggregate_type, aggregate_id, sequence) WHERE sequence IS NOT NULL AND state > 2;
CREATE TABLE campaign.inbound_aggregate (
    tenant_id UUID NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lease_id UUID,
    leased_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_inbound_aggregate PRIMARY KEY (tenant_id, aggregate_type, aggregate_id)
);
CREATE INDEX ix_inbound_aggregate_due_at ON campaign.inbound_aggregate (due_at);
CREATE TABLE campaign.intake_key (
    tenant_id UUID NOT NULL,
    key_id TEXT NOT NULL,
    source TEXT NOT NULL,
    types TEXT[] NOT NULL,
    secret BYTEA,
    previous_secret BYTEA,
    previous_until TIMESTAMP WITH TIME ZONE,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    rotated_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_intake_key PRIMARY KEY (tenant_id, key_id),
    CONSTRAINT ck_intake_key_secret CHECK ((secret IS NULL) = (revoked_at IS NOT NULL)),
    CONSTRAINT ck_intake_key_previous CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
);
CREATE UNIQUE INDEX uq_intake_key_key_id ON campaign.intake_key (key_id);
CREATE TABLE campaign.intake_nonce (
    tenant_id UUID NOT NULL,
    key_id TEXT NOT NULL,
    nonce UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_intake_nonce PRIMARY KEY (tenant_id, key_id, nonce)
);
CREATE INDEX ix_intake_nonce_expires_at ON campaign.intake_nonce (expires_at);
"""
