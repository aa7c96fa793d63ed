"""Triggers: how tenants use them, what waits, and what became of it; appointments that contacts have booked."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0026"
down_revision = "0025"

TABLES = ("trigger_config", "trigger_anchor", "trigger_history", "trigger_calendar")


def upgrade() -> None:
    for statement in filter(str.strip, _STATEMENTS.split(";\n")):
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, "campaign", table)


# Tenants that exist get the eleven triggers as new ones do: from now on, never for what happened earlier.
_STATEMENTS = """
ALTER TABLE campaign.contact_fact DROP CONSTRAINT ck_contact_fact_kind;
ALTER TABLE campaign.contact_fact ADD CONSTRAINT ck_contact_fact_kind CHECK (kind BETWEEN 1 AND 7) NOT VALID;
ALTER TABLE campaign.contact_fact VALIDATE CONSTRAINT ck_contact_fact_kind;
CREATE TABLE campaign.trigger_config (
    tenant_id UUID NOT NULL,
    trigger_type SMALLINT NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    delay_minutes INTEGER NOT NULL,
    days_before INTEGER,
    days_after INTEGER,
    send_time TEXT NOT NULL,
    template_id UUID,
    channel SMALLINT NOT NULL,
    fallback_channel SMALLINT NOT NULL,
    branch_ids UUID[] NOT NULL,
    cooldown_days INTEGER NOT NULL,
    campaign_id UUID,
    enabled_at TIMESTAMP WITH TIME ZONE,
    updated_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_trigger_config PRIMARY KEY (tenant_id, trigger_type),
    CONSTRAINT ck_trigger_config_trigger_type CHECK (trigger_type BETWEEN 1 AND 11),
    CONSTRAINT ck_trigger_config_enabled CHECK (is_enabled = (enabled_at IS NOT NULL)),
    CONSTRAINT ck_trigger_config_timing CHECK (delay_minutes >= 0 AND days_before >= 0 AND days_after >= 0),
    CONSTRAINT ck_trigger_config_cooldown_days CHECK (cooldown_days >= 0),
    CONSTRAINT ck_trigger_config_fallback_channel CHECK (fallback_channel <> channel)
);
CREATE INDEX ix_trigger_config_enabled ON campaign.trigger_config (tenant_id, is_enabled);
CREATE INDEX ix_trigger_config_template ON campaign.trigger_config (tenant_id, template_id) WHERE template_id IS NOT NULL;
CREATE TABLE campaign.trigger_anchor (
    tenant_id UUID NOT NULL,
    trigger_type SMALLINT NOT NULL,
    reference_id TEXT NOT NULL,
    contact_id UUID NOT NULL,
    occurrence_key TEXT NOT NULL,
    anchor_at TIMESTAMP WITH TIME ZONE NOT NULL,
    anchor_on DATE,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    branch_id UUID,
    variables JSONB NOT NULL,
    state SMALLINT DEFAULT 1 NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_trigger_anchor PRIMARY KEY (tenant_id, trigger_type, reference_id, contact_id),
    CONSTRAINT ck_trigger_anchor_trigger_type CHECK (trigger_type BETWEEN 1 AND 11),
    CONSTRAINT ck_trigger_anchor_state CHECK (state BETWEEN 1 AND 3)
);
CREATE INDEX ix_trigger_anchor_at ON campaign.trigger_anchor (tenant_id, trigger_type, anchor_at) WHERE state = 1;
CREATE INDEX ix_trigger_anchor_contact ON campaign.trigger_anchor (tenant_id, contact_id, trigger_type);
CREATE INDEX ix_trigger_anchor_due ON campaign.trigger_anchor (tenant_id, due_at) WHERE state = 1;
CREATE INDEX ix_trigger_anchor_settled ON campaign.trigger_anchor (updated_at) WHERE state > 1;
CREATE TABLE campaign.trigger_history (
    tenant_id UUID NOT NULL,
    history_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    trigger_type SMALLINT NOT NULL,
    reference_id TEXT NOT NULL,
    occurrence_key TEXT NOT NULL,
    state SMALLINT NOT NULL,
    skip_reason TEXT,
    message_id UUID,
    branch_id UUID,
    campaign_id UUID,
    triggered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_trigger_history PRIMARY KEY (tenant_id, history_id),
    CONSTRAINT ck_trigger_history_trigger_type CHECK (trigger_type BETWEEN 1 AND 11),
    CONSTRAINT ck_trigger_history_state CHECK (state BETWEEN 1 AND 4),
    CONSTRAINT ck_trigger_history_skip_reason CHECK (length(skip_reason) <= 100)
);
CREATE INDEX ix_trigger_history_contact ON campaign.trigger_history (tenant_id, contact_id, trigger_type, triggered_at);
CREATE INDEX ix_trigger_history_message ON campaign.trigger_history (tenant_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX ix_trigger_history_triggered ON campaign.trigger_history USING brin (triggered_at);
CREATE UNIQUE INDEX uq_trigger_history_occurrence ON campaign.trigger_history (tenant_id, contact_id, trigger_type, occurrence_key);
CREATE TABLE campaign.trigger_calendar (
    tenant_id UUID NOT NULL,
    made_on DATE,
    CONSTRAINT pk_trigger_calendar PRIMARY KEY (tenant_id)
);
INSERT INTO campaign.trigger_config (tenant_id, trigger_type, is_enabled, delay_minutes, days_before, days_after,
    send_time, channel, fallback_channel, branch_ids, cooldown_days, enabled_at, updated_by, version, created_at, updated_at)
SELECT tenant_id, d.trigger_type, d.is_enabled, d.delay_minutes, d.days_before, d.days_after, d.send_time, 3, 2, '{}',
    d.cooldown_days, CASE WHEN d.is_enabled THEN now() END, 'platform', 1, now(), now()
FROM campaign.tenant CROSS JOIN (VALUES
    (1, true, 120, NULL::int, NULL::int, '', 1),
    (2, true, 0, NULL, 30, '', 7),
    (3, true, 0, 0, NULL, '09:00', 365),
    (4, true, 60, NULL, NULL, '', 7),
    (5, true, 0, 7, NULL, '', 7),
    (6, false, 0, NULL, 60, '', 30),
    (7, false, 0, 7, NULL, '', 7),
    (8, false, 1440, NULL, NULL, '', 365),
    (9, false, 0, 0, NULL, '09:00', 365),
    (10, false, 5, NULL, NULL, '', 0),
    (11, false, 0, 7, NULL, '', 7)
) AS d (trigger_type, is_enabled, delay_minutes, days_before, days_after, send_time, cooldown_days)
"""
