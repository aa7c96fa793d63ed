"""Templates, campaigns, runs and the send ledger."""

from alembic import op

from services.common.db.rls import enable_rls, system_role

revision = "0002"
down_revision = "0001"

TABLES = (
    "campaign",
    "campaign_block",
    "campaign_recipient",
    "campaign_run",
    "campaign_run_tally",
    "campaign_usage",
    "template",
    "template_content",
    "template_version",
    "test_usage",
)

STATEMENTS = """
CREATE TABLE campaign.template (
    tenant_id UUID NOT NULL,
    template_id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    channel SMALLINT NOT NULL,
    template_type SMALLINT NOT NULL,
    category SMALLINT NOT NULL,
    active_version INTEGER,
    active_version_id UUID,
    is_system BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_template PRIMARY KEY (tenant_id, template_id),
    CONSTRAINT ck_template_channel CHECK (channel BETWEEN 1 AND 6),
    CONSTRAINT ck_template_template_type CHECK (template_type BETWEEN 1 AND 3),
    CONSTRAINT ck_template_category CHECK (category BETWEEN 1 AND 37),
    CONSTRAINT ck_template_active_version CHECK ((active_version IS NULL) = (active_version_id IS NULL))
);

CREATE UNIQUE INDEX uq_template_name ON campaign.template (tenant_id, channel, name) WHERE archived_at IS NULL;

CREATE TABLE campaign.template_version (
    tenant_id UUID NOT NULL,
    template_version_id UUID NOT NULL,
    template_id UUID NOT NULL,
    number INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    fallback_language_code TEXT NOT NULL,
    variables JSONB NOT NULL,
    used TEXT[] NOT NULL,
    spam_score INTEGER NOT NULL,
    spam_flags TEXT[] NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_template_version PRIMARY KEY (tenant_id, template_version_id),
    CONSTRAINT fk_template_version_tenant_id_template_id FOREIGN KEY(tenant_id, template_id) REFERENCES campaign.template (tenant_id, template_id) ON DELETE CASCADE,
    CONSTRAINT ck_template_version_number CHECK (number >= 1),
    CONSTRAINT ck_template_version_state CHECK (state BETWEEN 1 AND 3)
);

CREATE UNIQUE INDEX uq_template_version_active ON campaign.template_version (tenant_id, template_id) WHERE state = 2;

CREATE UNIQUE INDEX uq_template_version_number ON campaign.template_version (tenant_id, template_id, number);

CREATE TABLE campaign.template_content (
    tenant_id UUID NOT NULL,
    template_version_id UUID NOT NULL,
    language_code TEXT NOT NULL,
    subject TEXT NOT NULL,
    preheader TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    CONSTRAINT pk_template_content PRIMARY KEY (tenant_id, template_version_id, language_code),
    CONSTRAINT fk_template_content_tenant_id_template_version_id FOREIGN KEY(tenant_id, template_version_id) REFERENCES campaign.template_version (tenant_id, template_version_id) ON DELETE CASCADE
);

CREATE TABLE campaign.campaign (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    channel SMALLINT NOT NULL,
    message_class SMALLINT NOT NULL,
    template_id UUID NOT NULL,
    template_version_id UUID,
    segment_id UUID,
    target_all_contacts BOOLEAN NOT NULL,
    branch_ids UUID[] NOT NULL,
    scheduled_at TIMESTAMP WITH TIME ZONE,
    variants JSONB NOT NULL,
    variables JSONB NOT NULL,
    daily_limit INTEGER NOT NULL,
    monthly_limit INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    requires_approval BOOLEAN NOT NULL,
    audience_count BIGINT NOT NULL,
    estimated_cost NUMERIC(18, 6) NOT NULL,
    submitted_by TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    rejection_reason TEXT NOT NULL,
    pause_reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_campaign PRIMARY KEY (tenant_id, campaign_id),
    CONSTRAINT fk_campaign_tenant_id_template_id FOREIGN KEY(tenant_id, template_id) REFERENCES campaign.template (tenant_id, template_id),
    CONSTRAINT fk_campaign_tenant_id_segment_id FOREIGN KEY(tenant_id, segment_id) REFERENCES campaign.segment (tenant_id, segment_id),
    CONSTRAINT ck_campaign_channel CHECK (channel BETWEEN 1 AND 5),
    CONSTRAINT ck_campaign_message_class CHECK (message_class IN (1, 2)),
    CONSTRAINT ck_campaign_state CHECK (state BETWEEN 1 AND 8),
    CONSTRAINT ck_campaign_audience CHECK ((segment_id IS NULL) = target_all_contacts),
    CONSTRAINT ck_campaign_limits CHECK (daily_limit >= 0 AND monthly_limit >= 0),
    CONSTRAINT ck_campaign_estimates CHECK (audience_count >= 0 AND estimated_cost >= 0)
);

CREATE INDEX ix_campaign_schedule ON campaign.campaign (state, scheduled_at);

CREATE INDEX ix_campaign_state ON campaign.campaign (tenant_id, state);

CREATE TABLE campaign.test_usage (
    tenant_id UUID NOT NULL,
    day DATE NOT NULL,
    messages INTEGER NOT NULL,
    CONSTRAINT pk_test_usage PRIMARY KEY (tenant_id, day),
    CONSTRAINT ck_test_usage_messages CHECK (messages >= 0)
);

CREATE TABLE campaign.campaign_run (
    tenant_id UUID NOT NULL,
    run_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    run_number INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    phase SMALLINT NOT NULL,
    planned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    audience_count BIGINT NOT NULL,
    after_contact_id UUID,
    next_block INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    delivery_order SMALLINT NOT NULL,
    order_due_at TIMESTAMP WITH TIME ZONE,
    order_attempts INTEGER NOT NULL,
    budget_month TEXT NOT NULL,
    CONSTRAINT pk_campaign_run PRIMARY KEY (tenant_id, run_id),
    CONSTRAINT fk_campaign_run_tenant_id_campaign_id FOREIGN KEY(tenant_id, campaign_id) REFERENCES campaign.campaign (tenant_id, campaign_id),
    CONSTRAINT ck_campaign_run_state CHECK (state BETWEEN 1 AND 4),
    CONSTRAINT ck_campaign_run_phase CHECK (phase IN (1, 2)),
    CONSTRAINT ck_campaign_run_delivery_order CHECK (delivery_order BETWEEN 0 AND 3)
);

CREATE INDEX ix_campaign_run_order ON campaign.campaign_run (order_due_at) WHERE delivery_order > 0;

CREATE INDEX ix_campaign_run_running ON campaign.campaign_run (started_at) WHERE state = 1;

CREATE UNIQUE INDEX uq_campaign_run_number ON campaign.campaign_run (tenant_id, campaign_id, run_number);

CREATE UNIQUE INDEX uq_campaign_run_planned ON campaign.campaign_run (tenant_id, campaign_id, planned_at);

CREATE TABLE campaign.campaign_run_tally (
    tenant_id UUID NOT NULL,
    run_id UUID NOT NULL,
    pending BIGINT NOT NULL,
    handed_over BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    read BIGINT NOT NULL,
    bounced BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    expired BIGINT NOT NULL,
    complaints BIGINT NOT NULL,
    actual_cost NUMERIC(18, 6) NOT NULL,
    paced_until TIMESTAMP WITH TIME ZONE,
    claimed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_campaign_run_tally PRIMARY KEY (tenant_id, run_id),
    CONSTRAINT fk_campaign_run_tally_tenant_id_run_id FOREIGN KEY(tenant_id, run_id) REFERENCES campaign.campaign_run (tenant_id, run_id),
    CONSTRAINT ck_campaign_run_tally_counts CHECK (LEAST(pending, handed_over, sent, delivered, read, bounced, failed, skipped, unknown, cancelled, expired, complaints) >= 0)
);

CREATE TABLE campaign.campaign_block (
    tenant_id UUID NOT NULL,
    run_id UUID NOT NULL,
    block_no INTEGER NOT NULL,
    variant SMALLINT NOT NULL,
    size INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    attempts INTEGER NOT NULL,
    spelling INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE,
    done_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_campaign_block PRIMARY KEY (tenant_id, run_id, block_no),
    CONSTRAINT fk_campaign_block_tenant_id_run_id FOREIGN KEY(tenant_id, run_id) REFERENCES campaign.campaign_run (tenant_id, run_id),
    CONSTRAINT ck_campaign_block_state CHECK (state BETWEEN 1 AND 3),
    CONSTRAINT ck_campaign_block_size CHECK (size BETWEEN 0 AND 1000)
);

CREATE INDEX ix_campaign_block_due ON campaign.campaign_block (tenant_id, run_id, due_at) WHERE state < 3;

CREATE TABLE campaign.campaign_recipient (
    tenant_id UUID NOT NULL,
    recipient_id UUID NOT NULL,
    run_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    delivered_at TIMESTAMP WITH TIME ZONE,
    block_no INTEGER NOT NULL,
    variant SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    cost_attempt SMALLINT NOT NULL,
    complained BOOLEAN NOT NULL,
    cost NUMERIC(18, 6),
    reason TEXT,
    CONSTRAINT pk_campaign_recipient PRIMARY KEY (tenant_id, recipient_id),
    CONSTRAINT ck_campaign_recipient_state CHECK (state BETWEEN 1 AND 11)
)
 PARTITION BY RANGE (recipient_id);

CREATE INDEX ix_campaign_recipient_block ON campaign.campaign_recipient (tenant_id, run_id, block_no);

CREATE TABLE campaign.campaign_usage (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    day DATE NOT NULL,
    messages INTEGER NOT NULL,
    CONSTRAINT pk_campaign_usage PRIMARY KEY (tenant_id, campaign_id, day),
    CONSTRAINT ck_campaign_usage_messages CHECK (messages >= 0)
)
"""

# A partitioned table cannot have storage parameters; its partitions get them here. Half of a page stays free, so
# that a whole block recorded in one transaction finds room beside its old versions.
TUNE = """
CREATE FUNCTION campaign.tune_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
    tuned integer := 0;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relname = 'campaign_recipient' AND p.relkind = 'p' AND p.relnamespace = 'campaign'::regnamespace
          AND (c.reloptions IS NULL OR NOT ('fillfactor=50' = ANY (c.reloptions)))
    LOOP
        EXECUTE format('ALTER TABLE campaign.%I SET (fillfactor = 50)', name);
        tuned := tuned + 1;
    END LOOP;
    RETURN tuned;
END
$$
"""


def upgrade() -> None:
    """Creates the tables of templates, campaigns and runs."""
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
    op.execute("SELECT campaign.add_month_partitions('campaign_recipient', now(), 2)")
    op.execute(TUNE)
    op.execute("REVOKE ALL ON FUNCTION campaign.tune_partitions() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION campaign.tune_partitions() TO {system_role('campaign')}")
    op.execute("SELECT campaign.tune_partitions()")
    # What changes with every block keeps its keys: room in the page keeps updates off the indexes.
    for table in ("campaign_run", "campaign_run_tally", "campaign_block"):
        op.execute(f"ALTER TABLE campaign.{table} SET (fillfactor = 50)")
    for table in TABLES:
        enable_rls(op, "campaign", table)
