"""Automations with their versions, runs and steps; carts and view counters."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0027"
down_revision = "0026"

TABLES = (
    "automation",
    "automation_version",
    "automation_run",
    "automation_step",
    "automation_cause",
    "cart",
    "view_counter",
)


def upgrade() -> None:
    for statement in filter(str.strip, _STATEMENTS.split(";\n")):
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, "campaign", table)


_STATEMENTS = """
CREATE TABLE campaign.automation (
    tenant_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    name TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    starts_on TEXT NOT NULL,
    state SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    edition INTEGER NOT NULL,
    segment_id UUID,
    created_by TEXT NOT NULL,
    enabled_at TIMESTAMP WITH TIME ZONE,
    next_at TIMESTAMP WITH TIME ZONE,
    planned_at TIMESTAMP WITH TIME ZONE,
    filled_to UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_automation PRIMARY KEY (tenant_id, automation_id),
    CONSTRAINT ck_automation_kind CHECK (kind BETWEEN 1 AND 4),
    CONSTRAINT ck_automation_state CHECK (state BETWEEN 1 AND 3)
);
CREATE INDEX ix_automation_next_at ON campaign.automation (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX ix_automation_planned_at ON campaign.automation (planned_at) WHERE planned_at IS NOT NULL;
CREATE INDEX ix_automation_starts_on ON campaign.automation (tenant_id, starts_on) WHERE state = 1;
CREATE TABLE campaign.automation_version (
    tenant_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    version INTEGER NOT NULL,
    definition JSONB NOT NULL,
    events TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_automation_version PRIMARY KEY (tenant_id, automation_id, version),
    CONSTRAINT fk_automation_version_tenant_id_automation_id FOREIGN KEY(tenant_id, automation_id) REFERENCES campaign.automation (tenant_id, automation_id) ON DELETE CASCADE
);
CREATE TABLE campaign.automation_run (
    tenant_id UUID NOT NULL,
    run_id UUID NOT NULL,
    automation_id UUID NOT NULL,
    version INTEGER NOT NULL,
    contact_id UUID,
    trigger_key TEXT NOT NULL,
    state SMALLINT NOT NULL,
    current_step SMALLINT,
    due_at TIMESTAMP WITH TIME ZONE,
    listens TEXT[] NOT NULL,
    behaviour SMALLINT NOT NULL,
    reference TEXT NOT NULL,
    data BYTEA,
    event_id UUID,
    ancestry UUID[] NOT NULL,
    correlation_id TEXT NOT NULL,
    error TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_automation_run PRIMARY KEY (tenant_id, run_id),
    CONSTRAINT ck_automation_run_state CHECK (state BETWEEN 1 AND 6),
    CONSTRAINT ck_automation_run_finished CHECK ((state <= 2) = (finished_at IS NULL)),
    CONSTRAINT ck_automation_run_due CHECK (state <= 2 OR due_at IS NULL)
);
CREATE INDEX ix_automation_run_contact ON campaign.automation_run (tenant_id, contact_id, automation_id, started_at);
CREATE INDEX ix_automation_run_due ON campaign.automation_run (tenant_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_automation_run_finished ON campaign.automation_run (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX ix_automation_run_list ON campaign.automation_run (tenant_id, automation_id, run_id);
CREATE INDEX ix_automation_run_open ON campaign.automation_run (tenant_id, contact_id) WHERE state <= 2;
CREATE UNIQUE INDEX uq_automation_run_trigger ON campaign.automation_run (tenant_id, automation_id, trigger_key, contact_id);
CREATE TABLE campaign.automation_step (
    tenant_id UUID NOT NULL,
    run_id UUID NOT NULL,
    index SMALLINT NOT NULL,
    action TEXT NOT NULL,
    state SMALLINT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    attempts SMALLINT NOT NULL,
    result JSONB NOT NULL,
    message_ids UUID[] NOT NULL,
    call_id UUID,
    handed_at TIMESTAMP WITH TIME ZONE,
    error TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_automation_step PRIMARY KEY (tenant_id, run_id, index),
    CONSTRAINT fk_automation_step_tenant_id_run_id FOREIGN KEY(tenant_id, run_id) REFERENCES campaign.automation_run (tenant_id, run_id) ON DELETE CASCADE,
    CONSTRAINT ck_automation_step_state CHECK (state BETWEEN 1 AND 4)
);
CREATE INDEX ix_automation_step_call ON campaign.automation_step (tenant_id, call_id) WHERE call_id IS NOT NULL;
CREATE INDEX ix_automation_step_due ON campaign.automation_step (due_at) WHERE state = 1 AND call_id IS NOT NULL;
CREATE TABLE campaign.automation_cause (
    tenant_id UUID NOT NULL,
    cause_id TEXT NOT NULL,
    ancestry UUID[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_automation_cause PRIMARY KEY (tenant_id, cause_id)
);
CREATE INDEX ix_automation_cause_created_at ON campaign.automation_cause (created_at);
CREATE TABLE campaign.cart (
    tenant_id UUID NOT NULL,
    cart_ref TEXT NOT NULL,
    contact_id UUID,
    branch_id UUID,
    items JSONB NOT NULL,
    amount NUMERIC(18, 6),
    currency TEXT,
    state SMALLINT NOT NULL,
    last_activity_at TIMESTAMP WITH TIME ZONE NOT NULL,
    filled_at TIMESTAMP WITH TIME ZONE,
    state_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_cart PRIMARY KEY (tenant_id, cart_ref),
    CONSTRAINT ck_cart_state CHECK (state BETWEEN 1 AND 3)
);
CREATE INDEX ix_cart_contact ON campaign.cart (tenant_id, contact_id);
CREATE INDEX ix_cart_resting ON campaign.cart (tenant_id, last_activity_at) WHERE state = 1;
CREATE INDEX ix_cart_updated_at ON campaign.cart (updated_at);
CREATE TABLE campaign.view_counter (
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    subject_ref TEXT NOT NULL,
    views TIMESTAMP WITH TIME ZONE[] NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_view_counter PRIMARY KEY (tenant_id, contact_id, subject_ref)
);
CREATE INDEX ix_view_counter_updated_at ON campaign.view_counter (updated_at)
"""
