"""Messages, their contents, the queue of blocks, hand-overs, limits, lanes and provider accounts.

`message` is narrow and has no index on a column that sending changes, not even in a predicate, so that recording an
outcome stays within its page; rows that wait for an instant of their own are listed in `message_wait` instead.
References between these tables are not foreign keys: partitions of different months would have to agree, and each
check would cost as much as the row.
"""

from alembic import op

from services.common.db.common_schema import create_common_tables
from services.common.db.rls import enable_rls, system_role

revision = "0001"
down_revision = None

SCHEMA = "delivery"
PARTITIONED = ("message", "content", "message_content", "attempt", "message_log", "handover")
PLAIN = (
    "dispatch_block", "message_wait", "dead_letter", "message_hold", "lane_control", "send_slot", "tenant_volume",
    "tenant_limit", "provider_account", "tenant_cancel",
)  # fmt: skip

MESSAGES = """
CREATE TABLE delivery.message (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    content_id uuid NOT NULL,
    contact_id uuid,
    campaign_id uuid,
    created_at timestamptz NOT NULL,
    position smallint NOT NULL,
    channel smallint NOT NULL,
    category smallint NOT NULL,
    lane smallint NOT NULL,
    state smallint NOT NULL CONSTRAINT ck_message_state CHECK (state BETWEEN 1 AND 15),
    attempt_count smallint NOT NULL DEFAULT 0 CONSTRAINT ck_message_attempt_count CHECK (attempt_count >= 0),
    segments smallint NOT NULL DEFAULT 1 CONSTRAINT ck_message_segments CHECK (segments >= 0),
    reason text,
    failure_code text,
    wake_at timestamptz,
    last_attempt_at timestamptz,
    account_id uuid,
    provider text,
    provider_message_id text,
    sent_at timestamptz,
    delivered_at timestamptz,
    read_at timestamptz,
    bounced_at timestamptz,
    failed_at timestamptz,
    stopped_at timestamptz,
    opened_at timestamptz,
    clicked_at timestamptz,
    complained_at timestamptz,
    unsubscribed_at timestamptz,
    open_count integer NOT NULL DEFAULT 0 CONSTRAINT ck_message_open_count CHECK (open_count >= 0),
    click_count integer NOT NULL DEFAULT 0 CONSTRAINT ck_message_click_count CHECK (click_count >= 0),
    cost numeric(18,6),
    currency char(3),
    CONSTRAINT pk_message PRIMARY KEY (tenant_id, message_id)
) PARTITION BY RANGE (message_id);
CREATE INDEX ix_message_contact ON delivery.message (tenant_id, contact_id, message_id)
    WHERE contact_id IS NOT NULL;
CREATE INDEX ix_message_campaign ON delivery.message (tenant_id, campaign_id, message_id)
    WHERE campaign_id IS NOT NULL;

CREATE TABLE delivery.content (
    tenant_id uuid NOT NULL,
    content_id uuid NOT NULL,
    channel smallint NOT NULL,
    category smallint NOT NULL,
    message_class smallint NOT NULL,
    lane smallint NOT NULL,
    origin smallint NOT NULL,
    template_version_id uuid NOT NULL,
    template_name text NOT NULL,
    branch_id uuid,
    campaign_id uuid,
    run_id uuid,
    variant_key text NOT NULL,
    correlation_key text NOT NULL,
    correlation_id text NOT NULL,
    is_staff boolean NOT NULL,
    name text NOT NULL,
    sealed bytea,
    group_key uuid NOT NULL,
    due_at timestamptz NOT NULL,
    expire_at timestamptz NOT NULL,
    message_count smallint NOT NULL,
    first_id uuid NOT NULL,
    last_id uuid NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    cancel_reason text,
    CONSTRAINT pk_content PRIMARY KEY (tenant_id, content_id)
) PARTITION BY RANGE (content_id);
CREATE INDEX ix_content_run ON delivery.content (tenant_id, run_id) WHERE run_id IS NOT NULL;
CREATE INDEX ix_content_campaign ON delivery.content (tenant_id, campaign_id) WHERE campaign_id IS NOT NULL;
CREATE INDEX ix_content_correlation ON delivery.content (tenant_id, correlation_key) WHERE correlation_key <> '';

CREATE TABLE delivery.message_content (
    tenant_id uuid NOT NULL,
    content_id uuid NOT NULL,
    chunk smallint NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT pk_message_content PRIMARY KEY (tenant_id, content_id, chunk)
) PARTITION BY RANGE (content_id);

CREATE TABLE delivery.attempt (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    number smallint NOT NULL CONSTRAINT ck_attempt_number CHECK (number >= 1),
    provider text NOT NULL,
    account_id uuid,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    outcome smallint NOT NULL CONSTRAINT ck_attempt_outcome CHECK (outcome BETWEEN 1 AND 4),
    code text NOT NULL,
    detail text NOT NULL,
    provider_message_id text NOT NULL,
    CONSTRAINT pk_attempt PRIMARY KEY (tenant_id, message_id, number)
) PARTITION BY RANGE (message_id);

CREATE TABLE delivery.message_log (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    detail text NOT NULL,
    actor text NOT NULL,
    CONSTRAINT pk_message_log PRIMARY KEY (tenant_id, message_id, entry_id)
) PARTITION BY RANGE (message_id);

CREATE TABLE delivery.dead_letter (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    reason text NOT NULL,
    attempt_count smallint NOT NULL,
    last_error text NOT NULL,
    created_at timestamptz NOT NULL,
    resolution text CONSTRAINT ck_dead_letter_resolution CHECK (resolution IN ('retried', 'discarded')),
    resolved_by text,
    resolved_at timestamptz,
    CONSTRAINT pk_dead_letter PRIMARY KEY (tenant_id, message_id)
);
CREATE INDEX ix_dead_letter_open ON delivery.dead_letter (tenant_id, created_at) WHERE resolution IS NULL
"""

QUEUE = """
CREATE TABLE delivery.dispatch_block (
    tenant_id uuid NOT NULL,
    block_id uuid NOT NULL,
    group_key uuid NOT NULL,
    campaign_id uuid,
    run_id uuid,
    lane smallint NOT NULL CONSTRAINT ck_dispatch_block_lane CHECK (lane BETWEEN 1 AND 4),
    channel smallint NOT NULL,
    message_class smallint NOT NULL,
    status smallint NOT NULL CONSTRAINT ck_dispatch_block_status CHECK (status BETWEEN 0 AND 2),
    epoch integer NOT NULL DEFAULT 0,
    message_count smallint NOT NULL CONSTRAINT ck_dispatch_block_message_count CHECK (message_count >= 1),
    due_at timestamptz NOT NULL,
    expire_at timestamptz NOT NULL,
    waiting_since timestamptz NOT NULL,
    lease_owner uuid,
    lease_until timestamptz,
    message_ids uuid[] NOT NULL,
    CONSTRAINT pk_dispatch_block PRIMARY KEY (tenant_id, block_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX ix_dispatch_block_ready ON delivery.dispatch_block (lane, tenant_id, due_at) WHERE status = 1;
CREATE INDEX ix_dispatch_block_later ON delivery.dispatch_block (due_at) WHERE status = 0;
CREATE INDEX ix_dispatch_block_leased ON delivery.dispatch_block (lease_until) WHERE status = 2;

CREATE TABLE delivery.message_wait (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    state smallint NOT NULL CONSTRAINT ck_message_wait_state CHECK (state IN (3, 6, 15)),
    due_at timestamptz NOT NULL,
    account_id uuid,
    started_at timestamptz,
    CONSTRAINT pk_message_wait PRIMARY KEY (tenant_id, message_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX ix_message_wait_due ON delivery.message_wait (due_at);

CREATE TABLE delivery.handover (
    tenant_id uuid NOT NULL,
    handover_id uuid NOT NULL,
    lane smallint NOT NULL,
    channel smallint NOT NULL,
    account_id uuid NOT NULL,
    provider text NOT NULL,
    lease_owner uuid NOT NULL,
    message_ids uuid[] NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    accepted_count smallint NOT NULL DEFAULT 0,
    retryable_count smallint NOT NULL DEFAULT 0,
    failed_count smallint NOT NULL DEFAULT 0,
    unknown_count smallint NOT NULL DEFAULT 0,
    CONSTRAINT pk_handover PRIMARY KEY (tenant_id, handover_id)
) PARTITION BY RANGE (handover_id);
CREATE INDEX ix_handover_open ON delivery.handover (tenant_id) WHERE finished_at IS NULL;
CREATE INDEX ix_handover_finished ON delivery.handover USING brin (finished_at);

CREATE TABLE delivery.message_hold (
    tenant_id uuid NOT NULL,
    scope smallint NOT NULL CONSTRAINT ck_message_hold_scope CHECK (scope BETWEEN 1 AND 3),
    subject_id uuid NOT NULL,
    reason text NOT NULL,
    held_at timestamptz NOT NULL,
    CONSTRAINT pk_message_hold PRIMARY KEY (tenant_id, scope, subject_id)
);

CREATE TABLE delivery.tenant_cancel (
    tenant_id uuid NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT pk_tenant_cancel PRIMARY KEY (tenant_id)
);

CREATE TABLE delivery.lane_control (
    tenant_id uuid NOT NULL,
    lane smallint NOT NULL CONSTRAINT ck_lane_control_lane CHECK (lane BETWEEN 1 AND 4),
    reason text NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT pk_lane_control PRIMARY KEY (tenant_id, lane)
)
"""

LIMITS = """
CREATE TABLE delivery.send_slot (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    message_id uuid NOT NULL,
    channel smallint NOT NULL,
    is_marketing boolean NOT NULL,
    CONSTRAINT pk_send_slot PRIMARY KEY (tenant_id, contact_id, taken_at, message_id)
);
CREATE INDEX ix_send_slot_taken ON delivery.send_slot USING brin (taken_at);

CREATE TABLE delivery.tenant_volume (
    tenant_id uuid NOT NULL,
    channel smallint NOT NULL,
    period text NOT NULL,
    used integer NOT NULL CONSTRAINT ck_tenant_volume_used CHECK (used >= 0),
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_tenant_volume PRIMARY KEY (tenant_id, channel, period)
);

CREATE TABLE delivery.tenant_limit (
    tenant_id uuid NOT NULL,
    channel smallint NOT NULL,
    daily integer CONSTRAINT ck_tenant_limit_daily CHECK (daily >= 0),
    monthly integer CONSTRAINT ck_tenant_limit_monthly CHECK (monthly >= 0),
    time_zone text NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_tenant_limit PRIMARY KEY (tenant_id, channel)
)
"""

ACCOUNTS = """
CREATE TABLE delivery.provider_account (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    channel smallint NOT NULL,
    provider text NOT NULL,
    name text NOT NULL,
    credentials bytea,
    credentials_fingerprint text NOT NULL DEFAULT '',
    config jsonb NOT NULL,
    priority smallint NOT NULL DEFAULT 10 CONSTRAINT ck_provider_account_priority CHECK (priority BETWEEN 1 AND 100),
    message_classes smallint[],
    countries text[],
    rate_per_second integer NOT NULL DEFAULT 10
        CONSTRAINT ck_provider_account_rate_per_second CHECK (rate_per_second > 0),
    max_concurrency integer NOT NULL DEFAULT 10
        CONSTRAINT ck_provider_account_max_concurrency CHECK (max_concurrency > 0),
    timeout_ms integer NOT NULL DEFAULT 10000 CONSTRAINT ck_provider_account_timeout_ms CHECK (timeout_ms > 0),
    is_enabled boolean NOT NULL DEFAULT true,
    webhook_token bytea,
    webhook_token_hash bytea,
    circuit smallint NOT NULL DEFAULT 1 CONSTRAINT ck_provider_account_circuit CHECK (circuit BETWEEN 1 AND 3),
    consecutive_failures integer NOT NULL DEFAULT 0,
    success_count bigint NOT NULL DEFAULT 0,
    failure_count bigint NOT NULL DEFAULT 0,
    opened_at timestamptz,
    probe_at timestamptz,
    last_check_at timestamptz,
    last_error text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_provider_account PRIMARY KEY (tenant_id, account_id)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX uq_provider_account_webhook_token_hash ON delivery.provider_account (webhook_token_hash)
    WHERE webhook_token_hash IS NOT NULL
"""

# A partitioned table cannot have storage parameters; its partitions get them here. More than half of a page stays
# free: a recorded message is half as long again as an accepted one, and
# a whole block recorded in one transaction is to find room beside its old versions.
TUNE = """
CREATE FUNCTION delivery.tune_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
    tuned integer := 0;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relname = 'message' AND p.relkind = 'p' AND p.relnamespace = 'delivery'::regnamespace
          AND (c.reloptions IS NULL OR NOT ('fillfactor=40' = ANY (c.reloptions)))
    LOOP
        EXECUTE format('ALTER TABLE delivery.%I SET (fillfactor = 40)', name);
        tuned := tuned + 1;
    END LOOP;
    RETURN tuned;
END
$$
"""


def upgrade() -> None:
    create_common_tables(op, SCHEMA)
    for group in (MESSAGES, QUEUE, LIMITS, ACCOUNTS):
        for statement in group.split(";\n"):
            op.execute(statement)
    for table in PARTITIONED:
        op.execute(f"SELECT delivery.add_month_partitions('{table}', now() - interval '1 month', 3)")
    op.execute(TUNE)
    op.execute("REVOKE ALL ON FUNCTION delivery.tune_partitions() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION delivery.tune_partitions() TO {system_role(SCHEMA)}")
    op.execute("SELECT delivery.tune_partitions()")
    for table in (*PARTITIONED, *PLAIN):
        enable_rls(op, SCHEMA, table)
