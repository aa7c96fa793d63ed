"""Facts, rollups and the directory."""

from alembic import op

from services.common.db.common_schema import create_common_tables
from services.common.db.rls import enable_rls

revision = "0001"
down_revision = None

TABLES = (
    "campaign_engagement",
    "campaign_profile",
    "campaign_reason",
    "campaign_stat",
    "dirty_bucket",
    "dirty_campaign",
    "engaged_link",
    "engagement_event",
    "link_stat",
    "message_fact",
    "rollup_fine",
    "spend_rollup",
    "tenant_profile",
)
PARTITIONED = ("engaged_link", "engagement_event", "message_fact")

STATEMENTS = """
CREATE TABLE analytics.campaign_engagement (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    run_id UUID NOT NULL,
    kind SMALLINT NOT NULL,
    engagement_class SMALLINT NOT NULL,
    messages BIGINT NOT NULL,
    hits BIGINT NOT NULL,
    CONSTRAINT pk_campaign_engagement PRIMARY KEY (tenant_id, campaign_id, run_id, kind, engagement_class)
);

CREATE TABLE analytics.campaign_profile (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    name TEXT NOT NULL,
    channel SMALLINT NOT NULL,
    variant_keys TEXT[] NOT NULL,
    CONSTRAINT pk_campaign_profile PRIMARY KEY (tenant_id, campaign_id)
);

CREATE TABLE analytics.campaign_reason (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    run_id UUID NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    messages BIGINT NOT NULL,
    CONSTRAINT pk_campaign_reason PRIMARY KEY (tenant_id, campaign_id, run_id, kind, reason)
);

CREATE TABLE analytics.campaign_stat (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    run_id UUID NOT NULL,
    variant_key TEXT NOT NULL,
    day DATE NOT NULL,
    accepted BIGINT DEFAULT '0' NOT NULL,
    sent BIGINT DEFAULT '0' NOT NULL,
    delivered BIGINT DEFAULT '0' NOT NULL,
    read BIGINT DEFAULT '0' NOT NULL,
    bounced BIGINT DEFAULT '0' NOT NULL,
    failed BIGINT DEFAULT '0' NOT NULL,
    failed_unsent BIGINT DEFAULT '0' NOT NULL,
    skipped BIGINT DEFAULT '0' NOT NULL,
    skipped_unaccepted BIGINT DEFAULT '0' NOT NULL,
    expired BIGINT DEFAULT '0' NOT NULL,
    cancelled BIGINT DEFAULT '0' NOT NULL,
    unknown BIGINT DEFAULT '0' NOT NULL,
    opened BIGINT DEFAULT '0' NOT NULL,
    clicked BIGINT DEFAULT '0' NOT NULL,
    unsubscribed BIGINT DEFAULT '0' NOT NULL,
    complained BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_campaign_stat PRIMARY KEY (tenant_id, campaign_id, run_id, variant_key, day)
);

CREATE TABLE analytics.dirty_bucket (
    tenant_id UUID NOT NULL,
    bucket TIMESTAMP WITH TIME ZONE NOT NULL,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_dirty_bucket PRIMARY KEY (tenant_id, bucket)
);

CREATE TABLE analytics.dirty_campaign (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_dirty_campaign PRIMARY KEY (tenant_id, campaign_id)
);

CREATE TABLE analytics.engaged_link (
    tenant_id UUID NOT NULL,
    message_id UUID NOT NULL,
    link_id UUID NOT NULL,
    CONSTRAINT pk_engaged_link PRIMARY KEY (tenant_id, message_id, link_id)
)
 PARTITION BY RANGE (message_id);

CREATE TABLE analytics.engagement_event (
    tenant_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    message_id UUID NOT NULL,
    contact_id UUID,
    campaign_id UUID,
    kind SMALLINT NOT NULL,
    engagement_class SMALLINT NOT NULL,
    class_reason TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    link_id UUID,
    url TEXT NOT NULL,
    truncated_ip TEXT NOT NULL,
    user_agent_family TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_engagement_event PRIMARY KEY (tenant_id, engagement_id),
    CONSTRAINT ck_engagement_event_kind CHECK (kind IN (1, 2)),
    CONSTRAINT ck_engagement_event_engagement_class CHECK (engagement_class BETWEEN 0 AND 4)
)
 PARTITION BY RANGE (engagement_id);

CREATE INDEX ix_engagement_event_message ON analytics.engagement_event (tenant_id, message_id);

CREATE TABLE analytics.link_stat (
    tenant_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    link_id UUID NOT NULL,
    url TEXT NOT NULL,
    unique_clicks BIGINT NOT NULL,
    total_clicks BIGINT NOT NULL,
    machine_clicks BIGINT NOT NULL,
    CONSTRAINT pk_link_stat PRIMARY KEY (tenant_id, campaign_id, link_id)
);

CREATE TABLE analytics.message_fact (
    tenant_id UUID NOT NULL,
    message_id UUID NOT NULL,
    is_complete BOOLEAN NOT NULL,
    contact_id UUID,
    branch_id UUID,
    channel SMALLINT NOT NULL,
    message_class SMALLINT NOT NULL,
    category SMALLINT NOT NULL,
    origin SMALLINT NOT NULL,
    priority SMALLINT NOT NULL,
    is_counted BOOLEAN NOT NULL,
    template_version_id UUID,
    template_name TEXT NOT NULL,
    language TEXT NOT NULL,
    provider TEXT NOT NULL,
    provider_account_id UUID,
    campaign_id UUID,
    run_id UUID,
    variant_key TEXT NOT NULL,
    accepted_at TIMESTAMP WITH TIME ZONE,
    sent_at TIMESTAMP WITH TIME ZONE,
    delivered_at TIMESTAMP WITH TIME ZONE,
    read_at TIMESTAMP WITH TIME ZONE,
    bounced_at TIMESTAMP WITH TIME ZONE,
    failed_at TIMESTAMP WITH TIME ZONE,
    skipped_at TIMESTAMP WITH TIME ZONE,
    expired_at TIMESTAMP WITH TIME ZONE,
    cancelled_at TIMESTAMP WITH TIME ZONE,
    unknown_at TIMESTAMP WITH TIME ZONE,
    bounce_type SMALLINT NOT NULL,
    reason TEXT NOT NULL,
    code TEXT NOT NULL,
    first_open_at TIMESTAMP WITH TIME ZONE,
    first_click_at TIMESTAMP WITH TIME ZONE,
    open_classes SMALLINT NOT NULL,
    click_classes SMALLINT NOT NULL,
    unsubscribed_at TIMESTAMP WITH TIME ZONE,
    complained_at TIMESTAMP WITH TIME ZONE,
    costs NUMERIC(18, 6)[] NOT NULL,
    currency TEXT NOT NULL,
    CONSTRAINT pk_message_fact PRIMARY KEY (tenant_id, message_id),
    CONSTRAINT ck_message_fact_channel CHECK (channel BETWEEN 0 AND 6)
)
 PARTITION BY RANGE (message_id);

CREATE INDEX ix_message_fact_campaign ON analytics.message_fact (tenant_id, campaign_id) WHERE campaign_id IS NOT NULL;

CREATE INDEX ix_message_fact_sent ON analytics.message_fact (tenant_id, sent_at);

CREATE TABLE analytics.rollup_fine (
    tenant_id UUID NOT NULL,
    bucket TIMESTAMP WITH TIME ZONE NOT NULL,
    branch_id UUID NOT NULL,
    channel SMALLINT NOT NULL,
    message_class SMALLINT NOT NULL,
    category SMALLINT NOT NULL,
    template_name TEXT NOT NULL,
    provider TEXT NOT NULL,
    total_accepted BIGINT DEFAULT '0' NOT NULL,
    total_sent BIGINT DEFAULT '0' NOT NULL,
    total_delivered BIGINT DEFAULT '0' NOT NULL,
    total_read BIGINT DEFAULT '0' NOT NULL,
    total_bounced BIGINT DEFAULT '0' NOT NULL,
    total_failed BIGINT DEFAULT '0' NOT NULL,
    total_failed_unsent BIGINT DEFAULT '0' NOT NULL,
    total_skipped BIGINT DEFAULT '0' NOT NULL,
    total_skipped_unaccepted BIGINT DEFAULT '0' NOT NULL,
    total_expired BIGINT DEFAULT '0' NOT NULL,
    total_cancelled BIGINT DEFAULT '0' NOT NULL,
    total_unknown BIGINT DEFAULT '0' NOT NULL,
    total_opened BIGINT DEFAULT '0' NOT NULL,
    total_clicked BIGINT DEFAULT '0' NOT NULL,
    total_unsubscribed BIGINT DEFAULT '0' NOT NULL,
    total_complained BIGINT DEFAULT '0' NOT NULL,
    delivery_time_sum_ms BIGINT DEFAULT '0' NOT NULL,
    delivery_time_count BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_rollup_fine PRIMARY KEY (tenant_id, bucket, branch_id, channel, message_class, category, template_name, provider)
);

CREATE TABLE analytics.spend_rollup (
    tenant_id UUID NOT NULL,
    billing_period TEXT NOT NULL,
    branch_id UUID NOT NULL,
    channel SMALLINT NOT NULL,
    message_class SMALLINT NOT NULL,
    provider TEXT NOT NULL,
    campaign_id UUID NOT NULL,
    currency TEXT NOT NULL,
    cost NUMERIC(24, 6) NOT NULL,
    attempts BIGINT NOT NULL,
    CONSTRAINT pk_spend_rollup PRIMARY KEY (tenant_id, billing_period, branch_id, channel, message_class, provider, campaign_id, currency)
);

CREATE INDEX ix_spend_rollup_campaign ON analytics.spend_rollup (tenant_id, campaign_id);

CREATE TABLE analytics.tenant_profile (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    CONSTRAINT pk_tenant_profile PRIMARY KEY (tenant_id)
)
"""


def upgrade() -> None:
    """Creates the tables of analytics."""
    create_common_tables(op, "analytics")
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
    for table in PARTITIONED:
        op.execute(f"SELECT analytics.add_month_partitions('{table}', now(), 2)")
    # Counters and facts change often and keep their keys: room in the page keeps updates off the indexes.
    for table in ("rollup_fine", "campaign_stat", "campaign_engagement", "campaign_reason", "link_stat"):
        op.execute(f"ALTER TABLE analytics.{table} SET (fillfactor = 70)")
    for table in TABLES:
        enable_rls(op, "analytics", table)
