"""Inboxes of contacts inside an app, and what lies in them."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0012"
down_revision = "0011"

INBOXES = """
CREATE TABLE delivery.contact_inbox (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    last_change bigint NOT NULL,
    CONSTRAINT pk_contact_inbox PRIMARY KEY (tenant_id, contact_id)
);
CREATE TABLE delivery.inbox_item (
    tenant_id uuid NOT NULL,
    item_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    change bigint NOT NULL,
    category smallint NOT NULL,
    group_key text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    read_at timestamptz,
    archived_at timestamptz,
    CONSTRAINT pk_inbox_item PRIMARY KEY (tenant_id, item_id)
);
CREATE INDEX ix_inbox_item_contact ON delivery.inbox_item (tenant_id, contact_id, item_id) WHERE archived_at IS NULL;
CREATE INDEX ix_inbox_item_change ON delivery.inbox_item (tenant_id, contact_id, change);
CREATE INDEX ix_inbox_item_expires_at ON delivery.inbox_item (expires_at)
"""


def upgrade() -> None:
    for statement in INBOXES.split(";\n"):
        op.execute(statement)
    for table in ("contact_inbox", "inbox_item"):
        enable_rls(op, "delivery", table)
