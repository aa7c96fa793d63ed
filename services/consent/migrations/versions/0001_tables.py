"""The tables of the consent service."""

from alembic import op

from services.common.db.common_schema import create_common_tables
from services.common.db.rls import append_only, enable_rls, login_role

revision = "0001"
down_revision = None

_TENANT_TABLES = (
    "consent",
    "consent_audit",
    "preference",
    "category_preference",
    "preference_history",
    "unsubscribe_action",
    "suppression",
    "soft_bounce",
    "contact",
    "tenant_policy",
    "branch_policy",
    "decision",
)
# Shared by all tenants: everybody reads them, only transactions across tenants write them.
_SHARED_TABLES = ("platform_suppression", "dnd_import", "dnd_entry")


def upgrade() -> None:
    create_common_tables(op, "consent")
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    for table in ("consent_audit", "decision"):
        op.execute(f"SELECT consent.add_month_partitions('{table}', now(), 2)")
    for table in _TENANT_TABLES:
        enable_rls(op, "consent", table)
    for table in _SHARED_TABLES:
        op.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON consent.{table} FROM {login_role('consent')}")
    append_only(op, "consent", "consent_audit")
    # Every statement of this service finds rows by key. A plan that was made while a table was small must not read it
    # whole, once per person of a block, after it has grown.
    op.execute(f"ALTER ROLE {login_role('consent')} SET enable_seqscan = off")


_TABLES = """
CREATE TABLE consent.consent (
    tenant_id UUID NOT NULL,
    consent_id UUID NOT NULL,
    contact_id UUID,
    address_hash BYTEA,
    branch_id UUID,
    channel TEXT NOT NULL,
    message_class TEXT NOT NULL,
    status TEXT NOT NULL,
    granted_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE,
    source TEXT NOT NULL,
    evidence JSONB,
    ip_address INET,
    user_agent TEXT,
    confirmation_sent_at TIMESTAMP WITH TIME ZONE,
    confirmation_expires_at TIMESTAMP WITH TIME ZONE,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    confirmation_count INTEGER DEFAULT 0 NOT NULL,
    recorded_by TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_consent PRIMARY KEY (tenant_id, consent_id),
    CONSTRAINT uq_consent_subject UNIQUE NULLS NOT DISTINCT (tenant_id, contact_id, channel, message_class, branch_id, address_hash),
    CONSTRAINT ck_consent_subject CHECK (num_nonnulls(contact_id, address_hash) = 1),
    CONSTRAINT ck_consent_address_hash CHECK (octet_length(address_hash) = 32),
    CONSTRAINT ck_consent_channel CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    CONSTRAINT ck_consent_message_class CHECK (message_class IN ('transactional', 'marketing', 'system')),
    CONSTRAINT ck_consent_status CHECK (status IN ('pending', 'granted', 'revoked', 'expired')),
    CONSTRAINT ck_consent_source CHECK (source IN ('web_form', 'staff', 'pos', 'import', 'api', 'sms_keyword', 'double_opt_in', 'preference_page', 'unsubscribe_link', 'complaint', 'migration')),
    CONSTRAINT ck_consent_expires_at CHECK (expires_at > granted_at),
    CONSTRAINT ck_consent_confirmation_count CHECK (confirmation_count BETWEEN 0 AND 3),
    CONSTRAINT ck_consent_user_agent CHECK (length(user_agent) <= 512)
);
CREATE INDEX ix_consent_address ON consent.consent (tenant_id, address_hash, channel, message_class) WHERE address_hash IS NOT NULL;
CREATE INDEX ix_consent_expiring ON consent.consent (expires_at) WHERE status = 'granted' AND expires_at IS NOT NULL;
CREATE INDEX ix_consent_unconfirmed ON consent.consent (confirmation_expires_at) WHERE status = 'pending';

CREATE TABLE consent.consent_audit (
    tenant_id UUID NOT NULL,
    consent_audit_id UUID NOT NULL,
    contact_id UUID,
    address_hash BYTEA,
    field_changed TEXT NOT NULL,
    old_value TEXT,
    new_value TEXT,
    channel TEXT,
    message_class TEXT,
    branch_id UUID,
    change_source TEXT NOT NULL,
    change_reason TEXT,
    ip_address INET,
    user_agent TEXT,
    created_by TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_consent_audit PRIMARY KEY (tenant_id, consent_audit_id),
    CONSTRAINT ck_consent_audit_subject CHECK (num_nonnulls(contact_id, address_hash) = 1),
    CONSTRAINT ck_consent_audit_address_hash CHECK (octet_length(address_hash) = 32),
    CONSTRAINT ck_consent_audit_channel CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    CONSTRAINT ck_consent_audit_message_class CHECK (message_class IN ('transactional', 'marketing', 'system')),
    CONSTRAINT ck_consent_audit_change_source CHECK (change_source IN ('customer', 'staff', 'system', 'unsubscribe', 'provider')),
    CONSTRAINT ck_consent_audit_field_changed CHECK (length(field_changed) <= 50)
)
 PARTITION BY RANGE (consent_audit_id);
CREATE INDEX ix_consent_audit_contact ON consent.consent_audit (tenant_id, contact_id, consent_audit_id);

CREATE TABLE consent.preference (
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    email_enabled BOOLEAN DEFAULT true NOT NULL,
    sms_enabled BOOLEAN DEFAULT true NOT NULL,
    push_enabled BOOLEAN DEFAULT true NOT NULL,
    whatsapp_enabled BOOLEAN DEFAULT true NOT NULL,
    in_app_enabled BOOLEAN DEFAULT true NOT NULL,
    email_frequency TEXT DEFAULT 'immediate' NOT NULL,
    sms_frequency TEXT DEFAULT 'immediate' NOT NULL,
    push_frequency TEXT DEFAULT 'immediate' NOT NULL,
    whatsapp_frequency TEXT DEFAULT 'immediate' NOT NULL,
    sms_critical_only BOOLEAN DEFAULT false NOT NULL,
    preferred_channel TEXT DEFAULT 'whatsapp' NOT NULL,
    language TEXT,
    time_zone TEXT,
    quiet_hours_enabled BOOLEAN DEFAULT false NOT NULL,
    quiet_hours_start TIME WITHOUT TIME ZONE DEFAULT '22:00' NOT NULL,
    quiet_hours_end TIME WITHOUT TIME ZONE DEFAULT '08:00' NOT NULL,
    digest_time TIME WITHOUT TIME ZONE DEFAULT '09:00' NOT NULL,
    max_emails_per_day INTEGER DEFAULT 10,
    max_sms_per_day INTEGER DEFAULT 5,
    marketing_opted_out BOOLEAN DEFAULT false NOT NULL,
    opted_out_at TIMESTAMP WITH TIME ZONE,
    opt_out_source TEXT,
    is_dnd BOOLEAN DEFAULT false NOT NULL,
    token_version INTEGER DEFAULT 1 NOT NULL,
    unsubscribed_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_preference PRIMARY KEY (tenant_id, contact_id),
    CONSTRAINT ck_preference_email_frequency CHECK (email_frequency IN ('immediate', 'daily', 'weekly', 'monthly')),
    CONSTRAINT ck_preference_sms_frequency CHECK (sms_frequency IN ('immediate', 'daily', 'weekly', 'monthly')),
    CONSTRAINT ck_preference_push_frequency CHECK (push_frequency IN ('immediate', 'daily', 'weekly', 'monthly')),
    CONSTRAINT ck_preference_whatsapp_frequency CHECK (whatsapp_frequency IN ('immediate', 'daily', 'weekly', 'monthly')),
    CONSTRAINT ck_preference_preferred_channel CHECK (preferred_channel IN ('email', 'sms', 'whatsapp', 'push', 'in_app', 'webhook')),
    CONSTRAINT ck_preference_opt_out_source CHECK (opt_out_source IN ('customer_request', 'unsubscribe_link', 'manual', 'sms_keyword', 'complaint', 'preference_page', 'import')),
    CONSTRAINT ck_preference_max_emails_per_day CHECK (max_emails_per_day BETWEEN 0 AND 1000),
    CONSTRAINT ck_preference_max_sms_per_day CHECK (max_sms_per_day BETWEEN 0 AND 1000),
    CONSTRAINT ck_preference_token_version CHECK (token_version > 0),
    CONSTRAINT ck_preference_opted_out_at CHECK (NOT marketing_opted_out OR opted_out_at IS NOT NULL)
);
CREATE INDEX ix_preference_opted_out ON consent.preference (tenant_id, contact_id) WHERE marketing_opted_out;
CREATE INDEX ix_preference_unsubscribed ON consent.preference (tenant_id, contact_id) WHERE unsubscribed_at IS NOT NULL;

CREATE TABLE consent.category_preference (
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    category_or_group TEXT NOT NULL,
    channel TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    frequency TEXT,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_category_preference PRIMARY KEY (tenant_id, contact_id, channel, category_or_group),
    CONSTRAINT ck_category_preference_channel CHECK (channel IN ('email', 'sms', 'whatsapp', 'push', 'in_app', 'webhook')),
    CONSTRAINT ck_category_preference_frequency CHECK (frequency IN ('immediate', 'daily', 'weekly', 'monthly'))
);

CREATE TABLE consent.preference_history (
    tenant_id UUID NOT NULL,
    preference_history_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    changed_by TEXT NOT NULL,
    changes JSONB NOT NULL,
    reason TEXT,
    source TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_preference_history PRIMARY KEY (tenant_id, preference_history_id)
);
CREATE INDEX ix_preference_history_contact ON consent.preference_history (tenant_id, contact_id, preference_history_id);

CREATE TABLE consent.unsubscribe_action (
    tenant_id UUID NOT NULL,
    unsubscribe_action_id UUID NOT NULL,
    contact_id UUID,
    channel TEXT,
    method TEXT NOT NULL,
    message_id UUID,
    campaign_id UUID,
    ip_address INET,
    user_agent TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_unsubscribe_action PRIMARY KEY (tenant_id, unsubscribe_action_id),
    CONSTRAINT ck_unsubscribe_action_channel CHECK (channel IN ('email', 'sms', 'whatsapp', 'push', 'in_app', 'webhook')),
    CONSTRAINT ck_unsubscribe_action_method CHECK (method IN ('one_click', 'page', 'preference_page', 'sms_keyword', 'staff', 'complaint')),
    CONSTRAINT ck_unsubscribe_action_user_agent CHECK (length(user_agent) <= 512)
);
CREATE INDEX ix_unsubscribe_action_contact ON consent.unsubscribe_action (tenant_id, contact_id, unsubscribe_action_id);

CREATE TABLE consent.suppression (
    tenant_id UUID NOT NULL,
    suppression_id UUID NOT NULL,
    channel TEXT NOT NULL,
    identifier_hash BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    identifier_hint TEXT DEFAULT '' NOT NULL,
    scope TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT,
    contact_id UUID,
    suppressed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    suppressed_by TEXT,
    expires_at TIMESTAMP WITH TIME ZONE,
    source_message_id UUID,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_suppression PRIMARY KEY (tenant_id, suppression_id),
    CONSTRAINT uq_suppression_identifier UNIQUE (tenant_id, identifier_hash, channel, scope),
    CONSTRAINT ck_suppression_channel CHECK (channel IN ('all', 'email', 'sms', 'whatsapp', 'push')),
    CONSTRAINT ck_suppression_identifier_hash CHECK (octet_length(identifier_hash) = 32),
    CONSTRAINT ck_suppression_scope CHECK (scope IN ('all', 'marketing')),
    CONSTRAINT ck_suppression_reason CHECK (reason IN ('hard_bounce', 'soft_bounce_limit', 'complaint', 'invalid_address', 'sms_stop', 'customer_unsubscribe', 'manual', 'legal', 'device_unregistered', 'provider_blocklist', 'erasure')),
    CONSTRAINT ck_suppression_identifier_hint CHECK (length(identifier_hint) <= 320),
    CONSTRAINT ck_suppression_detail CHECK (length(detail) <= 500)
);
CREATE INDEX ix_suppression_any_channel ON consent.suppression (tenant_id) WHERE channel = 'all';
CREATE INDEX ix_suppression_expiring ON consent.suppression (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE consent.platform_suppression (
    suppression_id UUID NOT NULL,
    channel TEXT NOT NULL,
    identifier_hash BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    identifier_hint TEXT DEFAULT '' NOT NULL,
    scope TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT,
    suppressed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    suppressed_by TEXT,
    expires_at TIMESTAMP WITH TIME ZONE,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_platform_suppression PRIMARY KEY (suppression_id),
    CONSTRAINT uq_platform_suppression_identifier UNIQUE (identifier_hash, channel, scope),
    CONSTRAINT ck_platform_suppression_channel CHECK (channel IN ('all', 'email', 'sms', 'whatsapp', 'push')),
    CONSTRAINT ck_platform_suppression_identifier_hash CHECK (octet_length(identifier_hash) = 32),
    CONSTRAINT ck_platform_suppression_scope CHECK (scope IN ('all', 'marketing')),
    CONSTRAINT ck_platform_suppression_reason CHECK (reason IN ('hard_bounce', 'soft_bounce_limit', 'complaint', 'invalid_address', 'sms_stop', 'customer_unsubscribe', 'manual', 'legal', 'device_unregistered', 'provider_blocklist', 'erasure')),
    CONSTRAINT ck_platform_suppression_detail CHECK (length(detail) <= 500)
);

CREATE TABLE consent.soft_bounce (
    tenant_id UUID NOT NULL,
    address_hash BYTEA NOT NULL,
    channel TEXT NOT NULL,
    message_id UUID NOT NULL,
    contact_id UUID,
    bounced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_soft_bounce PRIMARY KEY (tenant_id, address_hash, channel, message_id),
    CONSTRAINT ck_soft_bounce_channel CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    CONSTRAINT ck_soft_bounce_address_hash CHECK (octet_length(address_hash) = 32)
);
CREATE INDEX ix_soft_bounce_bounced_at ON consent.soft_bounce (bounced_at);

CREATE TABLE consent.dnd_import (
    dnd_import_id UUID NOT NULL,
    registry TEXT NOT NULL,
    file_name TEXT DEFAULT '' NOT NULL,
    checksum BYTEA NOT NULL,
    mode TEXT NOT NULL,
    rows_total INTEGER DEFAULT 0 NOT NULL,
    rows_added INTEGER DEFAULT 0 NOT NULL,
    rows_removed INTEGER DEFAULT 0 NOT NULL,
    rows_invalid INTEGER DEFAULT 0 NOT NULL,
    status TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    requested_by TEXT,
    error TEXT,
    CONSTRAINT pk_dnd_import PRIMARY KEY (dnd_import_id),
    CONSTRAINT ck_dnd_import_mode CHECK (mode IN ('full', 'delta')),
    CONSTRAINT ck_dnd_import_status CHECK (status IN ('running', 'completed', 'failed')),
    CONSTRAINT ck_dnd_import_rows CHECK (least(rows_total, rows_added, rows_removed, rows_invalid) >= 0)
);
CREATE UNIQUE INDEX uq_dnd_import_checksum ON consent.dnd_import (registry, checksum) WHERE status <> 'failed';

CREATE TABLE consent.dnd_entry (
    registry TEXT NOT NULL,
    phone_hash BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    country TEXT NOT NULL,
    categories TEXT[] DEFAULT '{}' NOT NULL,
    listed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_import_id UUID,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_dnd_entry PRIMARY KEY (phone_hash, registry),
    CONSTRAINT ck_dnd_entry_phone_hash CHECK (octet_length(phone_hash) = 32)
);

CREATE TABLE consent.contact (
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    state TEXT NOT NULL,
    branch_id UUID,
    language TEXT,
    time_zone TEXT,
    email_hash BYTEA,
    email_hint TEXT,
    sms_hash BYTEA,
    whatsapp_hash BYTEA,
    phone_hint TEXT,
    hash_key_id TEXT,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_contact PRIMARY KEY (tenant_id, contact_id),
    CONSTRAINT ck_contact_state CHECK (state IN ('active', 'blocked', 'erased')),
    CONSTRAINT ck_contact_email_hash CHECK (octet_length(email_hash) = 32),
    CONSTRAINT ck_contact_sms_hash CHECK (octet_length(sms_hash) = 32),
    CONSTRAINT ck_contact_whatsapp_hash CHECK (octet_length(whatsapp_hash) = 32)
);
CREATE INDEX ix_contact_email ON consent.contact (tenant_id, email_hash) WHERE email_hash IS NOT NULL;
CREATE INDEX ix_contact_sms ON consent.contact (tenant_id, sms_hash) WHERE sms_hash IS NOT NULL;

CREATE TABLE consent.tenant_policy (
    tenant_id UUID NOT NULL,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    region_code TEXT NOT NULL,
    default_time_zone TEXT NOT NULL,
    default_language TEXT NOT NULL,
    tenant_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    marketing_enabled BOOLEAN,
    enabled_channels TEXT[],
    blocked_channels TEXT[],
    send_window_start TIME WITHOUT TIME ZONE,
    send_window_end TIME WITHOUT TIME ZONE,
    sms_window_start TIME WITHOUT TIME ZONE,
    sms_window_end TIME WITHOUT TIME ZONE,
    quiet_hours_start TIME WITHOUT TIME ZONE,
    quiet_hours_end TIME WITHOUT TIME ZONE,
    daily_message_limit INTEGER,
    weekly_message_limit INTEGER,
    dnd_channels TEXT[],
    dnd_registries TEXT[],
    double_opt_in_channels TEXT[],
    consent_validity_days INTEGER,
    logo_url TEXT,
    primary_color TEXT,
    footer_text TEXT,
    settings_seen_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_tenant_policy PRIMARY KEY (tenant_id),
    CONSTRAINT ck_tenant_policy_state CHECK (state IN ('active', 'suspended', 'closed')),
    CONSTRAINT ck_tenant_policy_daily_message_limit CHECK (daily_message_limit >= 0),
    CONSTRAINT ck_tenant_policy_weekly_message_limit CHECK (weekly_message_limit >= 0),
    CONSTRAINT ck_tenant_policy_consent_validity_days CHECK (consent_validity_days > 0),
    CONSTRAINT ck_tenant_policy_settings_seen_at CHECK ((settings_seen_at IS NULL) = (marketing_enabled IS NULL))
);

CREATE TABLE consent.branch_policy (
    tenant_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    marketing_enabled BOOLEAN NOT NULL,
    time_zone TEXT,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_branch_policy PRIMARY KEY (tenant_id, branch_id)
);

CREATE TABLE consent.decision (
    tenant_id UUID NOT NULL,
    decision_id UUID NOT NULL,
    contact_id UUID,
    address_hash BYTEA,
    message_id UUID,
    branch_id UUID,
    channel TEXT NOT NULL,
    category TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    defer_until TIMESTAMP WITH TIME ZONE,
    checks BYTEA NOT NULL,
    detail TEXT,
    time_zone TEXT NOT NULL,
    evaluated_for TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_decision PRIMARY KEY (tenant_id, decision_id),
    CONSTRAINT ck_decision_address_hash CHECK (octet_length(address_hash) = 32),
    CONSTRAINT ck_decision_channel CHECK (channel IN ('email', 'sms', 'whatsapp', 'push', 'in_app', 'webhook')),
    CONSTRAINT ck_decision_outcome CHECK (outcome IN ('allow', 'deny', 'defer')),
    CONSTRAINT ck_decision_reason CHECK ((outcome = 'allow') = (reason IS NULL)),
    CONSTRAINT ck_decision_defer_until CHECK ((outcome = 'defer') = (defer_until IS NOT NULL))
)
 PARTITION BY RANGE (decision_id);
CREATE INDEX ix_decision_contact ON consent.decision (tenant_id, contact_id, decision_id);
CREATE INDEX ix_decision_message ON consent.decision (tenant_id, message_id);
"""
