"""Batches, files, what may be accepted once only, and where a message came from.

What one person may see once, such as a code, is kept beside its message and goes with its last step: a trigger does it,
so that no way of ending a message forgets it. Its condition is false for all other messages.
"""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0009"
down_revision = "0008"

MESSAGES = """
ALTER TABLE delivery.message ADD COLUMN due_at timestamptz;
ALTER TABLE delivery.content ADD COLUMN batch_id uuid;
ALTER TABLE delivery.content ADD COLUMN source text NOT NULL DEFAULT '';
ALTER TABLE delivery.content ADD COLUMN event_id text NOT NULL DEFAULT '';
ALTER TABLE delivery.content ADD COLUMN rule text NOT NULL DEFAULT '';
ALTER TABLE delivery.content ADD COLUMN trigger_type text NOT NULL DEFAULT '';
ALTER TABLE delivery.content ADD COLUMN automation_run_id uuid;
ALTER TABLE delivery.content ADD COLUMN attachment_count smallint NOT NULL DEFAULT 0;
CREATE INDEX ix_content_batch ON delivery.content (tenant_id, batch_id) WHERE batch_id IS NOT NULL
"""

ACCEPTING = """
CREATE TABLE delivery.batch (
    tenant_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    name text NOT NULL,
    total_count integer NOT NULL DEFAULT 0,
    accepted_count integer NOT NULL DEFAULT 0,
    rejected_count integer NOT NULL DEFAULT 0,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    added_at timestamptz NOT NULL,
    is_open boolean NOT NULL,
    cancelled_at timestamptz,
    cancel_reason text,
    CONSTRAINT pk_batch PRIMARY KEY (tenant_id, batch_id)
);
CREATE INDEX ix_batch_created_at ON delivery.batch (created_at);
CREATE TABLE delivery.attachment (
    tenant_id uuid NOT NULL,
    content_id uuid NOT NULL,
    number smallint NOT NULL,
    media_id uuid,
    sealed bytea NOT NULL,
    CONSTRAINT pk_attachment PRIMARY KEY (tenant_id, content_id, number)
) PARTITION BY RANGE (content_id);
CREATE TABLE delivery.message_mark (
    tenant_id uuid NOT NULL,
    mark_id uuid NOT NULL,
    kind smallint NOT NULL CONSTRAINT ck_message_mark_kind CHECK (kind IN (1, 2)),
    message_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_message_mark PRIMARY KEY (tenant_id, mark_id)
);
CREATE INDEX ix_message_mark_expires_at ON delivery.message_mark (expires_at);
CREATE TABLE delivery.hold_record (
    tenant_id uuid NOT NULL,
    hold_id uuid NOT NULL,
    scope smallint NOT NULL CONSTRAINT ck_hold_record_scope CHECK (scope BETWEEN 1 AND 3),
    subject_id uuid NOT NULL,
    reason text NOT NULL,
    held_at timestamptz NOT NULL,
    held_by text NOT NULL,
    released_at timestamptz,
    released_by text,
    CONSTRAINT pk_hold_record PRIMARY KEY (tenant_id, hold_id)
);
CREATE INDEX ix_hold_record_subject ON delivery.hold_record (tenant_id, scope, subject_id);
CREATE INDEX ix_hold_record_released_at ON delivery.hold_record (released_at) WHERE released_at IS NOT NULL
"""

SECRETS = """
CREATE TABLE delivery.message_secret (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT pk_message_secret PRIMARY KEY (tenant_id, message_id)
)
"""

# Category 19 is account_security; 7 to 14 are sent and every state after it, or instead of it.
FORGET = """
CREATE FUNCTION delivery.forget_secret() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM delivery.message_secret WHERE tenant_id = NEW.tenant_id AND message_id = NEW.message_id;
    RETURN NULL;
END
$$
"""

FORGETTING = """
CREATE TRIGGER forget_secret AFTER UPDATE OF state ON delivery.message
FOR EACH ROW WHEN (NEW.category = 19 AND NEW.state BETWEEN 7 AND 14) EXECUTE FUNCTION delivery.forget_secret()
"""


def upgrade() -> None:
    for group in (MESSAGES, ACCEPTING, SECRETS):
        for statement in group.split(";\n"):
            op.execute(statement)
    op.execute(FORGET)
    op.execute(FORGETTING)
    op.execute("SELECT delivery.add_month_partitions('attachment', now() - interval '1 month', 3)")
    for table in ("batch", "attachment", "message_mark", "hold_record", "message_secret"):
        enable_rls(op, "delivery", table)
