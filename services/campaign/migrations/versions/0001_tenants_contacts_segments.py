"""Tenants, settings, contacts, staff, segments and budgets."""

from alembic import op

from services.common.db.common_schema import create_common_tables
from services.common.db.rls import enable_rls

revision = "0001"
down_revision = None

TABLES = (
    "budget_entry",
    "budget_period",
    "contact",
    "marketing_settings",
    "segment",
    "staff_member",
    "tenant",
)

STATEMENTS = """
CREATE TABLE campaign.budget_entry (
    tenant_id UUID NOT NULL,
    entry_id UUID NOT NULL,
    month TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount NUMERIC(18, 6) NOT NULL,
    campaign_id UUID,
    run_id UUID,
    source_event_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_budget_entry PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT ck_budget_entry_kind CHECK (kind IN ('reserve', 'release', 'spend')),
    CONSTRAINT ck_budget_entry_amount CHECK (amount >= 0)
);

CREATE INDEX ix_budget_entry_month ON campaign.budget_entry (tenant_id, month);

CREATE INDEX ix_budget_entry_run ON campaign.budget_entry (tenant_id, run_id) WHERE run_id IS NOT NULL;

CREATE TABLE campaign.budget_period (
    tenant_id UUID NOT NULL,
    month TEXT NOT NULL,
    reserved NUMERIC(18, 6) NOT NULL,
    spent NUMERIC(18, 6) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_budget_period PRIMARY KEY (tenant_id, month),
    CONSTRAINT ck_budget_period_reserved CHECK (reserved >= 0),
    CONSTRAINT ck_budget_period_spent CHECK (spent >= 0)
);

CREATE TABLE campaign.contact (
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    external_id TEXT,
    branch_id UUID,
    first_name TEXT,
    last_name TEXT,
    name TEXT,
    email TEXT,
    email_canonical TEXT,
    phone TEXT,
    language_code TEXT,
    time_zone TEXT,
    source TEXT,
    customer_type TEXT,
    tags TEXT[] NOT NULL,
    attributes JSONB NOT NULL,
    birth_month SMALLINT,
    birth_day SMALLINT,
    birth_year SMALLINT,
    anniversary_month SMALLINT,
    anniversary_day SMALLINT,
    anniversary_year SMALLINT,
    first_visit_at TIMESTAMP WITH TIME ZONE,
    last_visit_at TIMESTAMP WITH TIME ZONE,
    visit_count INTEGER NOT NULL,
    last_purchase_at TIMESTAMP WITH TIME ZONE,
    purchase_count INTEGER NOT NULL,
    total_spend_minor BIGINT NOT NULL,
    last_activity_at TIMESTAMP WITH TIME ZONE,
    membership_status TEXT,
    membership_expires_at TIMESTAMP WITH TIME ZONE,
    loyalty_points INTEGER NOT NULL,
    engagement_score SMALLINT,
    state SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_contact PRIMARY KEY (tenant_id, contact_id),
    CONSTRAINT ck_contact_state CHECK (state BETWEEN 1 AND 3),
    CONSTRAINT ck_contact_counts CHECK (visit_count >= 0 AND purchase_count >= 0 AND total_spend_minor >= 0),
    CONSTRAINT ck_contact_engagement_score CHECK (engagement_score BETWEEN 0 AND 100),
    CONSTRAINT ck_contact_membership_status CHECK (membership_status IN ('none', 'active', 'expired', 'cancelled')),
    CONSTRAINT ck_contact_tags CHECK (cardinality(tags) <= 100)
);

CREATE INDEX ix_contact_branch ON campaign.contact (tenant_id, branch_id);

CREATE INDEX ix_contact_email ON campaign.contact (tenant_id, email_canonical);

CREATE INDEX ix_contact_phone ON campaign.contact (tenant_id, phone);

CREATE INDEX ix_contact_tags ON campaign.contact USING gin (tags);

CREATE UNIQUE INDEX uq_contact_external_id ON campaign.contact (tenant_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE campaign.marketing_settings (
    tenant_id UUID NOT NULL,
    marketing_enabled BOOLEAN NOT NULL,
    enabled_channels SMALLINT[] NOT NULL,
    blocked_channels SMALLINT[] NOT NULL,
    email_from_address TEXT NOT NULL,
    email_from_name TEXT NOT NULL,
    reply_to_address TEXT NOT NULL,
    send_window_start TEXT NOT NULL,
    send_window_end TEXT NOT NULL,
    sms_window_start TEXT NOT NULL,
    sms_window_end TEXT NOT NULL,
    quiet_hours_start TEXT NOT NULL,
    quiet_hours_end TEXT NOT NULL,
    daily_message_limit_per_contact INTEGER NOT NULL,
    weekly_message_limit_per_contact INTEGER NOT NULL,
    monthly_budget_limit NUMERIC(18, 6),
    budget_alert_threshold_percent INTEGER NOT NULL,
    campaign_approval_required BOOLEAN NOT NULL,
    campaign_approval_threshold_recipients INTEGER NOT NULL,
    allow_self_approval BOOLEAN NOT NULL,
    double_opt_in_channels SMALLINT[] NOT NULL,
    consent_validity_days INTEGER NOT NULL,
    dnd_channels SMALLINT[] NOT NULL,
    dnd_registries TEXT[] NOT NULL,
    logo_url TEXT NOT NULL,
    primary_color TEXT NOT NULL,
    footer_text TEXT NOT NULL,
    postal_address TEXT NOT NULL,
    tracking_enabled BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_marketing_settings PRIMARY KEY (tenant_id),
    CONSTRAINT ck_marketing_settings_daily_limit CHECK (daily_message_limit_per_contact >= 0),
    CONSTRAINT ck_marketing_settings_weekly_limit CHECK (weekly_message_limit_per_contact >= 0),
    CONSTRAINT ck_marketing_settings_budget CHECK (monthly_budget_limit >= 0),
    CONSTRAINT ck_marketing_settings_alert_threshold CHECK (budget_alert_threshold_percent BETWEEN 1 AND 100),
    CONSTRAINT ck_marketing_settings_approval_threshold CHECK (campaign_approval_threshold_recipients >= 0),
    CONSTRAINT ck_marketing_settings_consent_validity CHECK (consent_validity_days >= 0)
);

CREATE TABLE campaign.segment (
    tenant_id UUID NOT NULL,
    segment_id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    rule JSONB NOT NULL,
    branch_ids UUID[] NOT NULL,
    kind SMALLINT NOT NULL,
    contact_count BIGINT NOT NULL,
    refreshed_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_segment PRIMARY KEY (tenant_id, segment_id),
    CONSTRAINT ck_segment_kind CHECK (kind IN (1, 2)),
    CONSTRAINT ck_segment_contact_count CHECK (contact_count >= 0)
);

CREATE UNIQUE INDEX uq_segment_name ON campaign.segment (tenant_id, name) WHERE archived_at IS NULL;

CREATE TABLE campaign.staff_member (
    tenant_id UUID NOT NULL,
    staff_id TEXT NOT NULL,
    name TEXT NOT NULL,
    roles TEXT[] NOT NULL,
    email TEXT NOT NULL,
    is_email_verified BOOLEAN NOT NULL,
    language_code TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_staff_member PRIMARY KEY (tenant_id, staff_id)
);

CREATE TABLE campaign.tenant (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    region_code TEXT NOT NULL,
    default_time_zone TEXT NOT NULL,
    default_language_code TEXT NOT NULL,
    state SMALLINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_tenant PRIMARY KEY (tenant_id),
    CONSTRAINT ck_tenant_state CHECK (state BETWEEN 1 AND 3)
)
"""


def upgrade() -> None:
    """Creates the tables of tenants, contacts, segments and budgets."""
    create_common_tables(op, "campaign")
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, "campaign", table)
