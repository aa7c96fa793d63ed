"""Recurring and trigger campaigns, delivery in recipients' zones, A/B tests that decide, and runs sent again."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    enable_rls(op, "campaign", "test_hit")
    enable_rls(op, "campaign", "channel_outage")


_TABLES = """
ALTER TABLE campaign.campaign
    ADD COLUMN kind SMALLINT DEFAULT 1 NOT NULL,
    ADD COLUMN recurrence_pattern SMALLINT DEFAULT 0 NOT NULL,
    ADD COLUMN recurrence_day SMALLINT DEFAULT 0 NOT NULL,
    ADD COLUMN recurrence_time TEXT DEFAULT '' NOT NULL,
    ADD COLUMN recurrence_end_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN next_run_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN due_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN schedule_zone SMALLINT DEFAULT 1 NOT NULL,
    ADD COLUMN passed_time SMALLINT DEFAULT 1 NOT NULL,
    ADD COLUMN ab_test JSONB,
    ADD COLUMN coupon_id UUID,
    ADD COLUMN submitted_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN approved_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN rejected_by TEXT DEFAULT '' NOT NULL,
    ADD COLUMN rejected_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN paused_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN cancelled_by TEXT DEFAULT '' NOT NULL,
    ADD COLUMN cancelled_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_campaign_kind CHECK (kind BETWEEN 1 AND 3),
    ADD CONSTRAINT ck_campaign_recurrence CHECK ((kind = 2) = (recurrence_pattern BETWEEN 1 AND 3)),
    ADD CONSTRAINT ck_campaign_zones CHECK (schedule_zone IN (1, 2) AND passed_time IN (1, 2));
UPDATE campaign.campaign SET due_at = scheduled_at WHERE state = 4;
DROP INDEX campaign.ix_campaign_schedule;
CREATE INDEX ix_campaign_due ON campaign.campaign (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_campaign_next_run ON campaign.campaign (next_run_at) WHERE kind = 2;
ALTER TABLE campaign.campaign_run
    ADD COLUMN reason TEXT DEFAULT '' NOT NULL,
    ADD COLUMN source_run_id UUID,
    ADD COLUMN source_token TEXT DEFAULT '' NOT NULL,
    ADD COLUMN test_phase SMALLINT DEFAULT 0 NOT NULL,
    ADD COLUMN test_ends_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN test_outcome JSONB,
    DROP CONSTRAINT ck_campaign_run_state,
    ADD CONSTRAINT ck_campaign_run_state CHECK (state BETWEEN 1 AND 5),
    ADD CONSTRAINT ck_campaign_run_reason CHECK ((state = 5) = (reason <> '')),
    ADD CONSTRAINT ck_campaign_run_test_phase CHECK (test_phase BETWEEN 0 AND 2);
CREATE UNIQUE INDEX uq_campaign_run_source ON campaign.campaign_run (tenant_id, source_run_id)
    WHERE source_run_id IS NOT NULL;
CREATE INDEX ix_campaign_run_test ON campaign.campaign_run (started_at) WHERE test_phase = 1;
ALTER TABLE campaign.campaign_block ALTER COLUMN due_at DROP NOT NULL;
CREATE TABLE campaign.test_hit (
    tenant_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    message_id UUID NOT NULL,
    kind SMALLINT NOT NULL,
    engagement_class SMALLINT NOT NULL,
    judgement INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_test_hit PRIMARY KEY (tenant_id, engagement_id),
    CONSTRAINT ck_test_hit_kind CHECK (kind IN (1, 2))
);
CREATE INDEX ix_test_hit_campaign ON campaign.test_hit (tenant_id, campaign_id);
CREATE INDEX ix_test_hit_created ON campaign.test_hit (created_at);
CREATE TABLE campaign.channel_outage (
    tenant_id UUID NOT NULL,
    channel SMALLINT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_channel_outage PRIMARY KEY (tenant_id, channel),
    CONSTRAINT ck_channel_outage_channel CHECK (channel BETWEEN 1 AND 6)
);
"""
