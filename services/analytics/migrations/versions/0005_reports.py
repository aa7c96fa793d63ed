"""Facts of tries, prices, machines and conversions; rollups by day and by cohort; scores, timeline, compliance."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0005"
down_revision = "0004"

GONE = (
    "campaign_stat",
    "campaign_reason",
    "campaign_engagement",
    "link_stat",
    "rollup_fine",
    "dirty_campaign",
    "engaged_link",
)
TABLES = (
    "campaign_engagement",
    "cohort_stat",
    "compliance_count",
    "contact_engagement",
    "conversion",
    "conversion_reversal",
    "dirty_tenant",
    "health_score",
    "link_stat",
    "privacy_request",
    "reason_stat",
    "rollup_daily",
    "rollup_fine",
    "scoring",
    "spend_check",
    "timeline_entry",
)

FACTS = """
ALTER TABLE analytics.message_fact
    ADD COLUMN rule TEXT DEFAULT '' NOT NULL,
    ADD COLUMN trigger_type TEXT DEFAULT '' NOT NULL,
    ADD COLUMN automation_run_id UUID,
    ADD COLUMN first_machine_open_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN first_machine_click_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN opens INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN machine_opens INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN clicks INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN machine_clicks INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN retried_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN retry_attempts SMALLINT DEFAULT '0' NOT NULL,
    ADD COLUMN first_conversion_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN conversions INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN cost_providers TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN cost_periods TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN cost_micros BIGINT DEFAULT '0' NOT NULL;
UPDATE analytics.message_fact SET
    cost_providers = array_fill(provider, ARRAY[cardinality(costs)], ARRAY[array_lower(costs, 1)]),
    cost_periods = array_fill(to_char(COALESCE(sent_at, accepted_at, delivered_at, failed_at), 'YYYY-MM'),
        ARRAY[cardinality(costs)], ARRAY[array_lower(costs, 1)]),
    cost_micros = (SELECT sum(price) * 1000000 FROM unnest(costs) AS price)
WHERE cardinality(costs) > 0;
UPDATE analytics.message_fact AS f SET
    first_machine_open_at = e.machine_open, first_machine_click_at = e.machine_click,
    opens = e.opens, machine_opens = e.machine_opens, clicks = e.clicks, machine_clicks = e.machine_clicks
FROM (
    SELECT tenant_id, message_id,
        min(occurred_at) FILTER (WHERE kind = 1 AND engagement_class <> 1) AS machine_open,
        min(occurred_at) FILTER (WHERE kind = 2 AND engagement_class <> 1) AS machine_click,
        count(*) FILTER (WHERE kind = 1 AND engagement_class = 1) AS opens,
        count(*) FILTER (WHERE kind = 1 AND engagement_class <> 1) AS machine_opens,
        count(*) FILTER (WHERE kind = 2 AND engagement_class = 1) AS clicks,
        count(*) FILTER (WHERE kind = 2 AND engagement_class <> 1) AS machine_clicks
    FROM analytics.engagement_event GROUP BY 1, 2
) AS e WHERE f.tenant_id = e.tenant_id AND f.message_id = e.message_id;
CREATE INDEX ix_message_fact_contact ON analytics.message_fact (tenant_id, contact_id) WHERE contact_id IS NOT NULL;
ALTER TABLE analytics.tenant_profile ADD COLUMN monthly_limit NUMERIC(18, 6);
ALTER TABLE analytics.campaign_profile
    ADD COLUMN state SMALLINT DEFAULT '0' NOT NULL,
    ADD COLUMN started_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN completed_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN told_at TIMESTAMP WITH TIME ZONE;
"""

STATEMENTS = """
CREATE TABLE analytics.campaign_engagement (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    run_id UUID NOT NULL,
    variant_key TEXT NOT NULL,
    branch_id UUID NOT NULL,
    kind SMALLINT NOT NULL,
    engagement_class SMALLINT NOT NULL,
    messages BIGINT NOT NULL,
    hits BIGINT NOT NULL,
    CONSTRAINT pk_campaign_engagement PRIMARY KEY (tenant_id, campaign_id, run_id, variant_key, branch_id, kind, engagement_class)
);
CREATE TABLE analytics.cohort_stat (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    run_id UUID NOT NULL,
    variant_key TEXT NOT NULL,
    day DATE NOT NULL,
    branch_id UUID NOT NULL,
    channel SMALLINT NOT NULL,
    message_class SMALLINT NOT NULL,
    category SMALLINT NOT NULL,
    template_name TEXT NOT NULL,
    rule TEXT NOT NULL,
    currency TEXT NOT NULL,
    total_accepted BIGINT DEFAULT '0' NOT NULL,
    total_pending BIGINT DEFAULT '0' NOT NULL,
    total_sent BIGINT DEFAULT '0' NOT NULL,
    total_delivered BIGINT DEFAULT '0' NOT NULL,
    total_read BIGINT DEFAULT '0' NOT NULL,
    total_bounced BIGINT DEFAULT '0' NOT NULL,
    total_failed BIGINT DEFAULT '0' NOT NULL,
    total_failed_unsent BIGINT DEFAULT '0' NOT NULL,
    total_retried BIGINT DEFAULT '0' NOT NULL,
    total_retry_success BIGINT DEFAULT '0' NOT NULL,
    total_retry_failure BIGINT DEFAULT '0' NOT NULL,
    total_skipped BIGINT DEFAULT '0' NOT NULL,
    total_skipped_unaccepted BIGINT DEFAULT '0' NOT NULL,
    total_expired BIGINT DEFAULT '0' NOT NULL,
    total_cancelled BIGINT DEFAULT '0' NOT NULL,
    total_unknown BIGINT DEFAULT '0' NOT NULL,
    total_opened BIGINT DEFAULT '0' NOT NULL,
    total_clicked BIGINT DEFAULT '0' NOT NULL,
    total_any_opened BIGINT DEFAULT '0' NOT NULL,
    total_any_clicked BIGINT DEFAULT '0' NOT NULL,
    total_unsubscribed BIGINT DEFAULT '0' NOT NULL,
    total_complained BIGINT DEFAULT '0' NOT NULL,
    total_converted BIGINT DEFAULT '0' NOT NULL,
    opens BIGINT DEFAULT '0' NOT NULL,
    machine_opens BIGINT DEFAULT '0' NOT NULL,
    clicks BIGINT DEFAULT '0' NOT NULL,
    machine_clicks BIGINT DEFAULT '0' NOT NULL,
    delivery_time_sum_ms BIGINT DEFAULT '0' NOT NULL,
    delivery_time_count BIGINT DEFAULT '0' NOT NULL,
    cost_micros BIGINT DEFAULT '0' NOT NULL,
    first_sent_at TIMESTAMP WITH TIME ZONE,
    last_sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_cohort_stat PRIMARY KEY (tenant_id, campaign_id, run_id, variant_key, day, branch_id, channel, message_class, category, template_name, rule, currency)
);
CREATE INDEX ix_cohort_stat_day ON analytics.cohort_stat (tenant_id, day);
CREATE TABLE analytics.compliance_count (
    tenant_id UUID NOT NULL,
    bucket TIMESTAMP WITH TIME ZONE NOT NULL,
    branch_id UUID NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT pk_compliance_count PRIMARY KEY (tenant_id, bucket, branch_id, kind, detail)
);
CREATE TABLE analytics.contact_engagement (
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    received INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    clicked INTEGER NOT NULL,
    unsubscribed INTEGER NOT NULL,
    trackable INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    followed INTEGER NOT NULL,
    score SMALLINT NOT NULL,
    computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_contact_engagement PRIMARY KEY (tenant_id, contact_id)
);
CREATE TABLE analytics.conversion (
    tenant_id UUID NOT NULL,
    conversion_id UUID NOT NULL,
    contact_id UUID,
    conversion_type SMALLINT NOT NULL,
    order_ref TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE,
    value NUMERIC(18, 6),
    reversed_value NUMERIC(18, 6) DEFAULT '0' NOT NULL,
    currency TEXT NOT NULL,
    coupon_code TEXT NOT NULL,
    message_id UUID,
    campaign_id UUID,
    run_id UUID,
    variant_key TEXT NOT NULL,
    branch_id UUID,
    attribution SMALLINT NOT NULL,
    rating SMALLINT,
    CONSTRAINT pk_conversion PRIMARY KEY (tenant_id, conversion_id),
    CONSTRAINT uq_conversion_tenant_id_conversion_type_order_ref UNIQUE (tenant_id, conversion_type, order_ref)
);
CREATE INDEX ix_conversion_campaign ON analytics.conversion (tenant_id, campaign_id) WHERE campaign_id IS NOT NULL;
CREATE INDEX ix_conversion_contact ON analytics.conversion (tenant_id, contact_id);
CREATE INDEX ix_conversion_occurred ON analytics.conversion (tenant_id, occurred_at);
CREATE TABLE analytics.conversion_reversal (
    tenant_id UUID NOT NULL,
    conversion_type SMALLINT NOT NULL,
    order_ref TEXT NOT NULL,
    reversal_ref TEXT NOT NULL,
    value NUMERIC(18, 6),
    currency TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_conversion_reversal PRIMARY KEY (tenant_id, conversion_type, order_ref, reversal_ref)
);
CREATE TABLE analytics.dirty_tenant (
    tenant_id UUID NOT NULL,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_dirty_tenant PRIMARY KEY (tenant_id)
);
CREATE TABLE analytics.health_score (
    tenant_id UUID NOT NULL,
    day DATE NOT NULL,
    score SMALLINT,
    inputs JSONB NOT NULL,
    parts JSONB NOT NULL,
    computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_health_score PRIMARY KEY (tenant_id, day)
);
CREATE TABLE analytics.link_stat (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    template_name TEXT NOT NULL,
    branch_id UUID NOT NULL,
    link_id UUID NOT NULL,
    url TEXT NOT NULL,
    unique_clicks BIGINT NOT NULL,
    total_clicks BIGINT NOT NULL,
    machine_clicks BIGINT NOT NULL,
    CONSTRAINT pk_link_stat PRIMARY KEY (tenant_id, campaign_id, template_name, branch_id, link_id)
);
CREATE INDEX ix_link_stat_template ON analytics.link_stat (tenant_id, template_name);
CREATE TABLE analytics.privacy_request (
    tenant_id UUID NOT NULL,
    privacy_request_id UUID NOT NULL,
    kind TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_privacy_request PRIMARY KEY (tenant_id, privacy_request_id)
);
CREATE TABLE analytics.reason_stat (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    run_id UUID NOT NULL,
    bucket TIMESTAMP WITH TIME ZONE NOT NULL,
    branch_id UUID NOT NULL,
    channel SMALLINT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    messages BIGINT NOT NULL,
    CONSTRAINT pk_reason_stat PRIMARY KEY (tenant_id, campaign_id, run_id, bucket, branch_id, channel, kind, reason)
);
CREATE INDEX ix_reason_stat_bucket ON analytics.reason_stat (tenant_id, bucket);
CREATE TABLE analytics.rollup_daily (
    tenant_id UUID NOT NULL,
    day DATE NOT NULL,
    branch_id UUID NOT NULL,
    channel SMALLINT NOT NULL,
    message_class SMALLINT NOT NULL,
    category SMALLINT NOT NULL,
    template_name TEXT NOT NULL,
    provider TEXT NOT NULL,
    currency TEXT NOT NULL,
    total_accepted BIGINT DEFAULT '0' NOT NULL,
    total_pending BIGINT DEFAULT '0' NOT NULL,
    total_sent BIGINT DEFAULT '0' NOT NULL,
    total_delivered BIGINT DEFAULT '0' NOT NULL,
    total_read BIGINT DEFAULT '0' NOT NULL,
    total_bounced BIGINT DEFAULT '0' NOT NULL,
    total_failed BIGINT DEFAULT '0' NOT NULL,
    total_failed_unsent BIGINT DEFAULT '0' NOT NULL,
    total_retried BIGINT DEFAULT '0' NOT NULL,
    total_retry_success BIGINT DEFAULT '0' NOT NULL,
    total_retry_failure BIGINT DEFAULT '0' NOT NULL,
    total_skipped BIGINT DEFAULT '0' NOT NULL,
    total_skipped_unaccepted BIGINT DEFAULT '0' NOT NULL,
    total_expired BIGINT DEFAULT '0' NOT NULL,
    total_cancelled BIGINT DEFAULT '0' NOT NULL,
    total_unknown BIGINT DEFAULT '0' NOT NULL,
    total_opened BIGINT DEFAULT '0' NOT NULL,
    total_clicked BIGINT DEFAULT '0' NOT NULL,
    total_any_opened BIGINT DEFAULT '0' NOT NULL,
    total_any_clicked BIGINT DEFAULT '0' NOT NULL,
    total_unsubscribed BIGINT DEFAULT '0' NOT NULL,
    total_complained BIGINT DEFAULT '0' NOT NULL,
    total_converted BIGINT DEFAULT '0' NOT NULL,
    opens BIGINT DEFAULT '0' NOT NULL,
    machine_opens BIGINT DEFAULT '0' NOT NULL,
    clicks BIGINT DEFAULT '0' NOT NULL,
    machine_clicks BIGINT DEFAULT '0' NOT NULL,
    delivery_time_sum_ms BIGINT DEFAULT '0' NOT NULL,
    delivery_time_count BIGINT DEFAULT '0' NOT NULL,
    cost_micros BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_rollup_daily PRIMARY KEY (tenant_id, day, branch_id, channel, message_class, category, template_name, provider, currency)
);
CREATE TABLE analytics.rollup_fine (
    tenant_id UUID NOT NULL,
    bucket TIMESTAMP WITH TIME ZONE NOT NULL,
    branch_id UUID NOT NULL,
    channel SMALLINT NOT NULL,
    message_class SMALLINT NOT NULL,
    category SMALLINT NOT NULL,
    template_name TEXT NOT NULL,
    provider TEXT NOT NULL,
    currency TEXT NOT NULL,
    total_accepted BIGINT DEFAULT '0' NOT NULL,
    total_pending BIGINT DEFAULT '0' NOT NULL,
    total_sent BIGINT DEFAULT '0' NOT NULL,
    total_delivered BIGINT DEFAULT '0' NOT NULL,
    total_read BIGINT DEFAULT '0' NOT NULL,
    total_bounced BIGINT DEFAULT '0' NOT NULL,
    total_failed BIGINT DEFAULT '0' NOT NULL,
    total_failed_unsent BIGINT DEFAULT '0' NOT NULL,
    total_retried BIGINT DEFAULT '0' NOT NULL,
    total_retry_success BIGINT DEFAULT '0' NOT NULL,
    total_retry_failure BIGINT DEFAULT '0' NOT NULL,
    total_skipped BIGINT DEFAULT '0' NOT NULL,
    total_skipped_unaccepted BIGINT DEFAULT '0' NOT NULL,
    total_expired BIGINT DEFAULT '0' NOT NULL,
    total_cancelled BIGINT DEFAULT '0' NOT NULL,
    total_unknown BIGINT DEFAULT '0' NOT NULL,
    total_opened BIGINT DEFAULT '0' NOT NULL,
    total_clicked BIGINT DEFAULT '0' NOT NULL,
    total_any_opened BIGINT DEFAULT '0' NOT NULL,
    total_any_clicked BIGINT DEFAULT '0' NOT NULL,
    total_unsubscribed BIGINT DEFAULT '0' NOT NULL,
    total_complained BIGINT DEFAULT '0' NOT NULL,
    total_converted BIGINT DEFAULT '0' NOT NULL,
    opens BIGINT DEFAULT '0' NOT NULL,
    machine_opens BIGINT DEFAULT '0' NOT NULL,
    clicks BIGINT DEFAULT '0' NOT NULL,
    machine_clicks BIGINT DEFAULT '0' NOT NULL,
    delivery_time_sum_ms BIGINT DEFAULT '0' NOT NULL,
    delivery_time_count BIGINT DEFAULT '0' NOT NULL,
    cost_micros BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_rollup_fine PRIMARY KEY (tenant_id, bucket, branch_id, channel, message_class, category, template_name, provider, currency)
);
CREATE TABLE analytics.scoring (
    tenant_id UUID NOT NULL,
    day DATE NOT NULL,
    after_contact_id UUID,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_scoring PRIMARY KEY (tenant_id)
);
CREATE TABLE analytics.spend_check (
    tenant_id UUID NOT NULL,
    billing_period TEXT NOT NULL,
    currency TEXT NOT NULL,
    spend NUMERIC(24, 6) NOT NULL,
    facts NUMERIC(24, 6) NOT NULL,
    ledger NUMERIC(24, 6),
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    differs_since TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_spend_check PRIMARY KEY (tenant_id, billing_period, currency)
);
CREATE TABLE analytics.timeline_entry (
    tenant_id UUID NOT NULL,
    type SMALLINT NOT NULL,
    reference TEXT NOT NULL,
    contact_id UUID NOT NULL,
    date TIMESTAMP WITH TIME ZONE NOT NULL,
    channel SMALLINT NOT NULL,
    status TEXT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_timeline_entry PRIMARY KEY (tenant_id, type, reference)
);
CREATE INDEX ix_timeline_entry_contact ON analytics.timeline_entry (tenant_id, contact_id, date);
CREATE INDEX ix_timeline_entry_date ON analytics.timeline_entry (tenant_id, date);
"""

# What was counted before is counted anew from the facts by the job of the rollups.
RECOUNT = """
INSERT INTO analytics.dirty_tenant (tenant_id, marked_at) SELECT DISTINCT tenant_id, now() FROM analytics.message_fact;
"""


def upgrade() -> None:
    """Replaces the rollups by wider ones, which are counted anew from the facts."""
    for table in GONE:
        op.execute(f"DROP TABLE analytics.{table}")
    for statements in (FACTS, STATEMENTS):
        for statement in filter(str.strip, statements.split(";")):
            op.execute(statement)
    for table in TABLES:
        enable_rls(op, "analytics", table)
    op.execute(RECOUNT)
