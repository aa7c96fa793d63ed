"""Rules of limits, lanes that wait too long, warm-up, domains and tenants of accounts, and the places of rate cards."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0010"
down_revision = "0009"

LIMITS = """
CREATE TABLE delivery.rate_limit_rule (
    tenant_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    channel smallint NOT NULL,
    scope smallint NOT NULL CONSTRAINT ck_rate_limit_rule_scope CHECK (scope BETWEEN 1 AND 3),
    subject_id uuid NOT NULL,
    max_per_minute integer CONSTRAINT ck_rate_limit_rule_max_per_minute CHECK (max_per_minute > 0),
    max_per_hour integer CONSTRAINT ck_rate_limit_rule_max_per_hour CHECK (max_per_hour > 0),
    max_per_day integer CONSTRAINT ck_rate_limit_rule_max_per_day CHECK (max_per_day > 0),
    burst_limit integer CONSTRAINT ck_rate_limit_rule_burst_limit CHECK (burst_limit > 0),
    changed_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_rate_limit_rule PRIMARY KEY (tenant_id, rule_id),
    CONSTRAINT uq_rate_limit_rule_tenant_id_channel_scope_subject_id UNIQUE (tenant_id, channel, scope, subject_id)
);
CREATE TABLE delivery.rate_limit_reset (
    tenant_id uuid NOT NULL,
    channel smallint NOT NULL,
    scope smallint NOT NULL,
    reset_at timestamptz NOT NULL,
    CONSTRAINT pk_rate_limit_reset PRIMARY KEY (tenant_id, channel, scope)
);
ALTER TABLE delivery.send_slot ADD COLUMN is_forgiven boolean NOT NULL DEFAULT false
"""

LANES = """
CREATE TABLE delivery.lane_alert (
    tenant_id uuid NOT NULL,
    lane smallint NOT NULL CONSTRAINT ck_lane_alert_lane CHECK (lane BETWEEN 1 AND 4),
    alerted_at timestamptz NOT NULL,
    CONSTRAINT pk_lane_alert PRIMARY KEY (tenant_id, lane)
)
"""

ACCOUNTS = """
ALTER TABLE delivery.provider_account
    ADD COLUMN warm_up jsonb,
    ADD COLUMN domain_limits jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN quota_remaining bigint,
    ADD COLUMN old_webhook_token_hash bytea,
    ADD COLUMN old_webhook_token_until timestamptz,
    ADD COLUMN polled_after uuid;
CREATE TABLE delivery.account_day (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    day date NOT NULL,
    used integer NOT NULL CONSTRAINT ck_account_day_used CHECK (used >= 0),
    CONSTRAINT pk_account_day PRIMARY KEY (tenant_id, account_id, day)
);
CREATE TABLE delivery.account_domain (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    domain text NOT NULL,
    level smallint NOT NULL CONSTRAINT ck_account_domain_level CHECK (level >= 1),
    resume_at timestamptz NOT NULL,
    code text NOT NULL,
    CONSTRAINT pk_account_domain PRIMARY KEY (tenant_id, account_id, domain)
);
CREATE TABLE delivery.tenant_circuit (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    circuit smallint NOT NULL CONSTRAINT ck_tenant_circuit_circuit CHECK (circuit BETWEEN 1 AND 3),
    consecutive_failures integer NOT NULL,
    reopened_count smallint NOT NULL,
    opened_at timestamptz,
    probe_at timestamptz,
    last_error text NOT NULL,
    CONSTRAINT pk_tenant_circuit PRIMARY KEY (tenant_id, account_id)
)
"""

COSTS = """
ALTER TABLE delivery.rate_card ADD COLUMN prefix text;
ALTER TABLE delivery.rate_card ADD CONSTRAINT ck_rate_card_place CHECK (country IS NULL OR prefix IS NULL);
CREATE UNIQUE INDEX uq_rate_card_place ON delivery.rate_card (
    tenant_id, provider, channel, coalesce(account_id, '00000000-0000-0000-0000-000000000000'::uuid),
    coalesce(country, ''), coalesce(prefix, ''), valid_from);
CREATE TABLE delivery.billing_zone (
    tenant_id uuid NOT NULL,
    time_zone text NOT NULL,
    CONSTRAINT pk_billing_zone PRIMARY KEY (tenant_id)
)
"""

TABLES = (
    "rate_limit_rule", "rate_limit_reset", "lane_alert", "account_day", "account_domain", "tenant_circuit", "billing_zone",
)  # fmt: skip


def upgrade() -> None:
    for group in (LIMITS, LANES, ACCOUNTS, COSTS):
        for statement in group.split(";\n"):
            op.execute(statement)
    for table in TABLES:
        enable_rls(op, "delivery", table)
