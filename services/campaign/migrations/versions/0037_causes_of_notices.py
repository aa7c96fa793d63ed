"""Notices are found by what caused them, and one message of several that share a key can be cancelled."""

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_notice_event ON campaign.notice (tenant_id, event_id, notice_id) WHERE event_id IS NOT NULL"
    )
    op.execute("CREATE INDEX ix_notice_rule ON campaign.notice (tenant_id, rule, notice_id)")
    op.execute("ALTER TABLE campaign.notice_cancellation ADD COLUMN cancellation_id uuid")
    op.execute("UPDATE campaign.notice_cancellation SET cancellation_id = gen_random_uuid()")
    op.execute(
        "ALTER TABLE campaign.notice_cancellation ALTER COLUMN cancellation_id SET NOT NULL,"
        " ADD COLUMN message_id uuid,"
        " DROP CONSTRAINT pk_notice_cancellation,"
        " ADD CONSTRAINT pk_notice_cancellation PRIMARY KEY (tenant_id, cancellation_id),"
        " ADD CONSTRAINT ck_notice_cancellation_target"
        " CHECK ((correlation_key = \x27\x27::text) = (message_id IS NOT NULL))"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_notice_cancellation_key ON campaign.notice_cancellation (tenant_id, correlation_key)"
        " WHERE message_id IS NULL"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_notice_cancellation_message ON campaign.notice_cancellation (tenant_id, message_id)"
        " WHERE message_id IS NOT NULL"
    )
