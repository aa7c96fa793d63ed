"""Messages to one person at a time: what waits, what became of it, and what delivery is to cancel."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0023"
down_revision = "0022"

TABLES = ("notice", "notice_cancellation")


def upgrade() -> None:
    for statement in filter(str.strip, _STATEMENTS.split(";\n")):
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, "campaign", table)


_STATEMENTS = """
CREATE TABLE campaign.notice (
    tenant_id UUID NOT NULL,
    notice_id UUID NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    rule TEXT NOT NULL,
    state TEXT DEFAULT 'waiting' NOT NULL,
    reason TEXT DEFAULT ''::text NOT NULL,
    contact_id UUID,
    staff_id TEXT,
    address_hashes BYTEA[] DEFAULT '{}'::bytea[] NOT NULL,
    language_code TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    category SMALLINT NOT NULL,
    template TEXT NOT NULL,
    channels SMALLINT[] NOT NULL,
    mode SMALLINT NOT NULL,
    priority SMALLINT NOT NULL,
    fallback_channel SMALLINT DEFAULT 0 NOT NULL,
    sealed BYTEA,
    countdown_to TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    correlation_key TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    event_id UUID,
    branch_id UUID,
    campaign_id UUID,
    automation_run_id UUID,
    message_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_notice PRIMARY KEY (tenant_id, notice_id),
    CONSTRAINT ck_notice_state CHECK (state IN ('waiting', 'sent', 'skipped', 'failed', 'cancelled')),
    CONSTRAINT ck_notice_reason CHECK ((state IN ('skipped', 'failed', 'cancelled')) = (reason <> '')),
    CONSTRAINT ck_notice_sealed CHECK ((state = 'waiting') = (sealed IS NOT NULL)),
    CONSTRAINT ck_notice_numbers CHECK (mode BETWEEN 1 AND 2 AND priority BETWEEN 1 AND 4),
    CONSTRAINT ck_notice_expiry CHECK (due_at < expires_at)
);
CREATE UNIQUE INDEX uq_notice_key ON campaign.notice (tenant_id, source, key);
CREATE INDEX ix_notice_next ON campaign.notice (priority, next_try_at) WHERE state = 'waiting';
CREATE INDEX ix_notice_correlation ON campaign.notice (tenant_id, correlation_key) WHERE correlation_key <> ''::text;
CREATE INDEX ix_notice_contact ON campaign.notice (tenant_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_notice_addresses ON campaign.notice USING gin (address_hashes) WHERE address_hashes <> '{}'::bytea[];
CREATE INDEX ix_notice_created ON campaign.notice (created_at);
CREATE TABLE campaign.notice_cancellation (
    tenant_id UUID NOT NULL,
    correlation_key TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_notice_cancellation PRIMARY KEY (tenant_id, correlation_key)
);
CREATE INDEX ix_notice_cancellation_next ON campaign.notice_cancellation (next_try_at)
"""
