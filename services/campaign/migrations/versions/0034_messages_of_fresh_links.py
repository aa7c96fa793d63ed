"""Messages that carry a fresh link somebody asked for, beside those that ask to confirm."""

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE campaign.confirmation ADD COLUMN request_id UUID, ALTER COLUMN consent_id DROP NOT NULL,"
        " ADD CONSTRAINT ck_confirmation_cause CHECK (num_nonnulls(consent_id, request_id) = 1)"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_confirmation_request ON campaign.confirmation (tenant_id, request_id)"
        " WHERE request_id IS NOT NULL"
    )
