"""A line that is not handed over is of no block: its block's number is below nothing, and says which chunk it came in."""

from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE campaign.campaign_recipient DROP CONSTRAINT ck_campaign_recipient_not_negative,"
        " ADD CONSTRAINT ck_campaign_recipient_not_negative CHECK (LEAST(variant, cost) >= 0) NOT VALID"
    )
