"""What becomes of messages that fail or wait for a digest, and why each message went or did not.

A message may have an expiry of its own, a fresh series of tries, a fallback, and a digest that took its place.
"""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0008"
down_revision = "0007"

MESSAGES = """
ALTER TABLE delivery.message ADD COLUMN series_start smallint
    CONSTRAINT ck_message_series_start CHECK (series_start >= 0);
ALTER TABLE delivery.message ADD COLUMN expire_at timestamptz;
ALTER TABLE delivery.message ADD COLUMN fallback_of uuid;
ALTER TABLE delivery.message ADD COLUMN fallback_message_id uuid;
ALTER TABLE delivery.message ADD COLUMN digest_id uuid;
ALTER TABLE delivery.content ADD COLUMN has_own_expiry boolean NOT NULL DEFAULT false;
ALTER TABLE delivery.content ADD COLUMN fallback_channel smallint;
ALTER TABLE delivery.content ADD COLUMN fallback_version_id uuid;
ALTER TABLE delivery.content ADD COLUMN fallback_template text;
ALTER TABLE delivery.content ADD COLUMN fallback_from smallint;
ALTER TABLE delivery.dead_letter ADD COLUMN note text NOT NULL DEFAULT '';
CREATE INDEX ix_dead_letter_created_at ON delivery.dead_letter (tenant_id, created_at, message_id)
"""

DIGESTS = """
CREATE TABLE delivery.digest_item (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    channel smallint NOT NULL,
    frequency text NOT NULL,
    digest_at timestamptz NOT NULL,
    state smallint NOT NULL DEFAULT 1 CONSTRAINT ck_digest_item_state CHECK (state BETWEEN 1 AND 3),
    digest_id uuid,
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    CONSTRAINT pk_digest_item PRIMARY KEY (tenant_id, message_id)
);
CREATE INDEX ix_digest_item_due ON delivery.digest_item (digest_at, tenant_id, contact_id) WHERE state = 1;
CREATE INDEX ix_digest_item_contact ON delivery.digest_item (tenant_id, contact_id);
CREATE INDEX ix_digest_item_settled ON delivery.digest_item (settled_at) WHERE settled_at IS NOT NULL
"""

# One row says what a pass saw of all messages of a content; it is read by whoever asks why.
GATES = """
CREATE TABLE delivery.gate_record (
    tenant_id uuid NOT NULL,
    content_id uuid NOT NULL,
    record_id uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    record bytea NOT NULL,
    CONSTRAINT pk_gate_record PRIMARY KEY (tenant_id, content_id, record_id)
) PARTITION BY RANGE (record_id);
CREATE TABLE delivery.alert_mark (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    CONSTRAINT pk_alert_mark PRIMARY KEY (tenant_id, kind, subject_id, hour)
)
"""


def upgrade() -> None:
    for group in (MESSAGES, DIGESTS, GATES):
        for statement in group.split(";\n"):
            op.execute(statement)
    op.execute("SELECT delivery.add_month_partitions('gate_record', now() - interval '1 month', 3)")
    for table in ("digest_item", "gate_record", "alert_mark"):
        enable_rls(op, "delivery", table)
