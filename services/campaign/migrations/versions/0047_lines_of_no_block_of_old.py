"""Lines that were there before hold to it too."""

from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE campaign.campaign_recipient VALIDATE CONSTRAINT ck_campaign_recipient_not_negative"
    )
