"""Short links of messages."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0017"
down_revision = "0016"

LINKS = """
CREATE TABLE delivery.short_link (
    tenant_id uuid NOT NULL,
    code text NOT NULL,
    message_id uuid NOT NULL,
    link_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_short_link PRIMARY KEY (tenant_id, code)
);
CREATE UNIQUE INDEX uq_short_link_code ON delivery.short_link (code);
CREATE INDEX ix_short_link_expires_at ON delivery.short_link (expires_at)
"""


def upgrade() -> None:
    for statement in LINKS.split(";\n"):
        op.execute(statement)
    enable_rls(op, "delivery", "short_link")
