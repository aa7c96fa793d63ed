"""Webhook subscriptions, what is told to them, and how far each telling is."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0011"
down_revision = "0010"

TABLES = """
CREATE TABLE delivery.webhook_subscription (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    events text[] NOT NULL,
    secret bytea,
    previous_secret bytea,
    previous_until timestamptz,
    public_key bytea NOT NULL,
    headers bytea,
    header_names text[] NOT NULL,
    is_enabled boolean NOT NULL,
    consecutive_failures integer NOT NULL
        CONSTRAINT ck_webhook_subscription_consecutive_failures CHECK (consecutive_failures >= 0),
    failing_since timestamptz,
    held_until timestamptz,
    succeeded_at timestamptz,
    disabled_at timestamptz,
    disabled_reason text NOT NULL,
    created_by text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_webhook_subscription PRIMARY KEY (tenant_id, subscription_id)
);
CREATE TABLE delivery.webhook_event (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    body bytea NOT NULL,
    message_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_webhook_event PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX ix_webhook_event_occurred_at ON delivery.webhook_event (tenant_id, occurred_at, event_id);
CREATE INDEX ix_webhook_event_created_at ON delivery.webhook_event (created_at);
CREATE TABLE delivery.webhook_delivery (
    tenant_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    state smallint NOT NULL CONSTRAINT ck_webhook_delivery_state CHECK (state BETWEEN 1 AND 4),
    attempts smallint NOT NULL,
    next_attempt_at timestamptz,
    response_status smallint NOT NULL,
    response_excerpt text NOT NULL,
    latency_ms integer NOT NULL,
    last_error text NOT NULL,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT pk_webhook_delivery PRIMARY KEY (tenant_id, delivery_id)
);
CREATE UNIQUE INDEX uq_webhook_delivery_event
    ON delivery.webhook_delivery (tenant_id, subscription_id, event_id);
CREATE INDEX ix_webhook_delivery_open
    ON delivery.webhook_delivery (tenant_id, subscription_id, next_attempt_at) WHERE state <= 2;
CREATE INDEX ix_webhook_delivery_subscription
    ON delivery.webhook_delivery (tenant_id, subscription_id, delivery_id);
CREATE INDEX ix_webhook_delivery_created_at ON delivery.webhook_delivery (created_at)
"""


def upgrade() -> None:
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    for table in ("webhook_subscription", "webhook_event", "webhook_delivery"):
        enable_rls(op, "delivery", table)
