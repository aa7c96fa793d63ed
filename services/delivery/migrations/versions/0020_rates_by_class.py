"""Rates that hold for one class of messages."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE delivery.rate_card ADD COLUMN message_class smallint"
        " CONSTRAINT ck_rate_card_message_class CHECK (message_class BETWEEN 1 AND 3)"
    )
    op.execute("DROP INDEX delivery.uq_rate_card_place")
    op.execute(
        "CREATE UNIQUE INDEX uq_rate_card_place ON delivery.rate_card (tenant_id, provider, channel,"
        " coalesce(account_id, '00000000-0000-0000-0000-000000000000'::uuid), coalesce(country, ''), coalesce(prefix, ''),"
        " coalesce(message_class, 0), valid_from)"
    )
