"""What messages said when they were sent."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0019"
down_revision = "0018"

SENT = """
CREATE TABLE delivery.sent_frame (
    tenant_id uuid NOT NULL,
    frame_id uuid NOT NULL,
    sealed bytea NOT NULL,
    used_at timestamptz NOT NULL,
    CONSTRAINT pk_sent_frame PRIMARY KEY (tenant_id, frame_id)
);
CREATE INDEX ix_sent_frame_used_at ON delivery.sent_frame (used_at);
CREATE TABLE delivery.sent_content (
    tenant_id uuid NOT NULL,
    content_id uuid NOT NULL,
    handover_id uuid NOT NULL,
    frame_id uuid NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT pk_sent_content PRIMARY KEY (tenant_id, content_id, handover_id)
) PARTITION BY RANGE (content_id);
ALTER TABLE delivery.sent_content ALTER COLUMN sealed SET STORAGE EXTERNAL
"""


def upgrade() -> None:
    for statement in SENT.split(";\n"):
        op.execute(statement)
    op.execute("SELECT delivery.add_month_partitions('sent_content', now() - interval '1 month', 3)")
    for table in ("sent_frame", "sent_content"):
        enable_rls(op, "delivery", table)
