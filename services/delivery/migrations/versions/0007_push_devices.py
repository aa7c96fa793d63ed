"""Push devices of contacts, and what came of each of them in a try of a message."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0007"
down_revision = "0006"

DEVICES = """
CREATE TABLE delivery.push_device (
    tenant_id uuid NOT NULL,
    device_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    platform smallint NOT NULL CONSTRAINT ck_push_device_platform CHECK (platform BETWEEN 1 AND 3),
    kind smallint NOT NULL CONSTRAINT ck_push_device_kind CHECK (kind BETWEEN 1 AND 4),
    app_id text NOT NULL,
    token_hash bytea NOT NULL,
    sealed bytea NOT NULL,
    language_code text NOT NULL,
    time_zone text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    disabled_at timestamptz,
    disabled_reason text NOT NULL,
    CONSTRAINT pk_push_device PRIMARY KEY (tenant_id, device_id)
);
CREATE UNIQUE INDEX uq_push_device_token_hash ON delivery.push_device (tenant_id, app_id, token_hash);
CREATE INDEX ix_push_device_contact ON delivery.push_device (tenant_id, contact_id, device_id);
CREATE INDEX ix_push_device_last_seen_at ON delivery.push_device (last_seen_at);
CREATE TABLE delivery.push_attempt (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    number smallint NOT NULL CONSTRAINT ck_push_attempt_number CHECK (number >= 1),
    device_id uuid NOT NULL,
    provider text NOT NULL,
    account_id uuid NOT NULL,
    finished_at timestamptz NOT NULL,
    outcome smallint NOT NULL CONSTRAINT ck_push_attempt_outcome CHECK (outcome BETWEEN 1 AND 4),
    code text NOT NULL,
    detail text NOT NULL,
    provider_message_id text NOT NULL,
    CONSTRAINT pk_push_attempt PRIMARY KEY (tenant_id, message_id, number, device_id)
) PARTITION BY RANGE (message_id)
"""


def upgrade() -> None:
    for statement in DEVICES.split(";\n"):
        op.execute(statement)
    op.execute("SELECT delivery.add_month_partitions('push_attempt', now() - interval '1 month', 3)")
    for table in ("push_device", "push_attempt"):
        enable_rls(op, "delivery", table)
