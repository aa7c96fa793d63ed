"""Receipts, tracked links, engagement and rate cards.

The id of a receipt is made of its provider's own event key, and its time of the event's: the same event always has the
same id and falls into the same month, so one primary key is also what tells duplicates.
"""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0002"
down_revision = "0001"

SCHEMA = "delivery"
PARTITIONED = ("receipt", "engagement")
PLAIN = ("receipt_batch", "tracked_link", "engagement_hit", "rate_card")

RECEIPTS = """
CREATE TABLE delivery.receipt_batch (
    tenant_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    account_id uuid NOT NULL,
    message_id uuid,
    provider text NOT NULL,
    content_type text NOT NULL,
    body bytea NOT NULL,
    body_hash bytea NOT NULL,
    received_at timestamptz NOT NULL,
    state smallint NOT NULL CONSTRAINT ck_receipt_batch_state CHECK (state BETWEEN 1 AND 3),
    attempt_count smallint NOT NULL DEFAULT 0 CONSTRAINT ck_receipt_batch_attempt_count CHECK (attempt_count >= 0),
    next_at timestamptz NOT NULL,
    receipt_count integer NOT NULL DEFAULT 0,
    failed_count integer NOT NULL DEFAULT 0,
    error text NOT NULL DEFAULT '',
    applied_at timestamptz,
    CONSTRAINT pk_receipt_batch PRIMARY KEY (tenant_id, batch_id)
);
ALTER TABLE delivery.receipt_batch ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX uq_receipt_batch_body_hash ON delivery.receipt_batch (tenant_id, account_id, body_hash);
CREATE INDEX ix_receipt_batch_waiting ON delivery.receipt_batch (next_at) WHERE state = 1;
CREATE INDEX ix_receipt_batch_received_at ON delivery.receipt_batch USING brin (received_at);

CREATE TABLE delivery.receipt (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    receipt_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    account_id uuid NOT NULL,
    provider_event_id text NOT NULL,
    provider_message_id text NOT NULL,
    kind smallint NOT NULL CONSTRAINT ck_receipt_kind CHECK (kind BETWEEN 1 AND 11),
    bounce_type smallint NOT NULL CONSTRAINT ck_receipt_bounce_type CHECK (bounce_type BETWEEN 0 AND 3),
    code text NOT NULL,
    reason text NOT NULL,
    suppression text NOT NULL,
    link_url text NOT NULL,
    is_machine boolean NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    state smallint NOT NULL CONSTRAINT ck_receipt_state CHECK (state BETWEEN 1 AND 3),
    CONSTRAINT pk_receipt PRIMARY KEY (tenant_id, message_id, receipt_id)
) PARTITION BY RANGE (receipt_id);
CREATE INDEX ix_receipt_waiting ON delivery.receipt (received_at) WHERE state = 2
"""

ENGAGEMENT = """
CREATE TABLE delivery.tracked_link (
    tenant_id uuid NOT NULL,
    link_id uuid NOT NULL,
    url_hash bytea NOT NULL,
    url text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    CONSTRAINT pk_tracked_link PRIMARY KEY (tenant_id, link_id)
);
CREATE UNIQUE INDEX uq_tracked_link_url_hash ON delivery.tracked_link (tenant_id, url_hash);

CREATE TABLE delivery.engagement_hit (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    hit_id uuid NOT NULL,
    link_id uuid,
    kind smallint NOT NULL CONSTRAINT ck_engagement_hit_kind CHECK (kind BETWEEN 1 AND 2),
    is_head boolean NOT NULL,
    user_agent text NOT NULL,
    truncated_ip text NOT NULL,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT pk_engagement_hit PRIMARY KEY (tenant_id, message_id, hit_id)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX ix_engagement_hit_due ON delivery.engagement_hit (tenant_id, hit_id);

CREATE TABLE delivery.engagement (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    engagement_id uuid NOT NULL,
    link_id uuid,
    kind smallint NOT NULL CONSTRAINT ck_engagement_kind CHECK (kind BETWEEN 1 AND 2),
    class smallint NOT NULL CONSTRAINT ck_engagement_class CHECK (class BETWEEN 1 AND 4),
    class_reason text NOT NULL,
    rule_version smallint NOT NULL,
    is_head boolean NOT NULL,
    user_agent text NOT NULL,
    user_agent_family text NOT NULL,
    truncated_ip text NOT NULL,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT pk_engagement PRIMARY KEY (tenant_id, message_id, engagement_id)
) PARTITION BY RANGE (engagement_id);

CREATE TABLE delivery.engagement_rules (
    only_row boolean NOT NULL DEFAULT true CONSTRAINT ck_engagement_rules_only_row CHECK (only_row),
    version smallint NOT NULL,
    CONSTRAINT pk_engagement_rules PRIMARY KEY (only_row)
);
INSERT INTO delivery.engagement_rules (version) VALUES (1)
"""

# The first rates, of the platform: every tenant may use them, and put own ones over them.
COSTS = """
CREATE TABLE delivery.rate_card (
    tenant_id uuid NOT NULL,
    rate_card_id uuid NOT NULL,
    provider text NOT NULL,
    account_id uuid,
    channel smallint NOT NULL,
    country text,
    unit smallint NOT NULL CONSTRAINT ck_rate_card_unit CHECK (unit BETWEEN 1 AND 2),
    cost numeric(18,6) NOT NULL CONSTRAINT ck_rate_card_cost CHECK (cost >= 0),
    currency char(3) NOT NULL,
    valid_from timestamptz NOT NULL,
    CONSTRAINT pk_rate_card PRIMARY KEY (tenant_id, rate_card_id)
);
CREATE INDEX ix_rate_card_provider ON delivery.rate_card (tenant_id, provider, channel, valid_from);
INSERT INTO delivery.rate_card (
    tenant_id, rate_card_id, provider, channel, country, unit, cost, currency, valid_from)
VALUES
    ('00000000-0000-0000-0000-000000000000', '019a0000-0000-7000-8000-000000000001', 'sendgrid', 1, NULL, 1, 0.000100,
     'USD', '2026-01-01T00:00Z'),
    ('00000000-0000-0000-0000-000000000000', '019a0000-0000-7000-8000-000000000002', 'ses', 1, NULL, 1, 0.000100,
     'USD', '2026-01-01T00:00Z'),
    ('00000000-0000-0000-0000-000000000000', '019a0000-0000-7000-8000-000000000003', 'twilio', 2, NULL, 2, 0.007900,
     'USD', '2026-01-01T00:00Z'),
    ('00000000-0000-0000-0000-000000000000', '019a0000-0000-7000-8000-000000000004', 'aws_sns', 2, 'US', 2, 0.006450,
     'USD', '2026-01-01T00:00Z')
"""

CIRCUITS = """
ALTER TABLE delivery.provider_account ADD COLUMN reopened_count smallint NOT NULL DEFAULT 0
    CONSTRAINT ck_provider_account_reopened_count CHECK (reopened_count >= 0);
CREATE INDEX ix_provider_account_circuit ON delivery.provider_account (probe_at) WHERE circuit <> 1
"""


def upgrade() -> None:
    for group in (RECEIPTS, ENGAGEMENT, COSTS, CIRCUITS):
        for statement in group.split(";\n"):
            op.execute(statement)
    for table in PARTITIONED:
        op.execute(f"SELECT delivery.add_month_partitions('{table}', now() - interval '1 month', 3)")
    for table in (*PARTITIONED, *PLAIN):
        enable_rls(op, SCHEMA, table)
