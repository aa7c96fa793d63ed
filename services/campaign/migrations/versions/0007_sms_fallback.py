"""Whether a text message may take the place of a WhatsApp message that failed for good."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE campaign.marketing_settings ADD COLUMN sms_fallback_enabled boolean NOT NULL DEFAULT true"
    )
