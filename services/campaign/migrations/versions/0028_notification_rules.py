"""What tenants changed of notification rules, what rules remember, and what they look up."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0028"
down_revision = "0027"

TABLES = ("notification_override", "notification_memory")


def upgrade() -> None:
    for statement in filter(str.strip, _STATEMENTS.split(";\n")):
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, "campaign", table)


_STATEMENTS = """
CREATE TABLE campaign.notification_override (
    tenant_id UUID NOT NULL,
    rule TEXT NOT NULL,
    is_enabled BOOLEAN,
    template TEXT,
    delay_seconds INTEGER,
    channels SMALLINT[],
    mode SMALLINT,
    version INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_notification_override PRIMARY KEY (tenant_id, rule),
    CONSTRAINT ck_notification_override_says_something CHECK (num_nonnulls(is_enabled, template, delay_seconds, channels, mode) > 0),
    CONSTRAINT ck_notification_override_delay CHECK (delay_seconds >= 0),
    CONSTRAINT ck_notification_override_channels CHECK (cardinality(channels) > 0),
    CONSTRAINT ck_notification_override_mode CHECK (mode BETWEEN 1 AND 2)
);
CREATE TABLE campaign.notification_memory (
    tenant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    subject BYTEA NOT NULL,
    data JSONB NOT NULL,
    keep_until TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_notification_memory PRIMARY KEY (tenant_id, kind, subject),
    CONSTRAINT ck_notification_memory_subject CHECK (length(subject) = 16)
);
CREATE INDEX ix_notification_memory_keep_until ON campaign.notification_memory (keep_until);
CREATE INDEX ix_inbound_event_recalled ON campaign.inbound_event (tenant_id, fact) WHERE type IN ('group_payment.created', 'payment.succeeded');
CREATE INDEX ix_order_reference_event ON campaign.order_reference (tenant_id, event_ref, contact_id) WHERE event_ref IS NOT NULL AND contact_id IS NOT NULL
"""
