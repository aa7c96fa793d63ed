"""Whether a tenant's e-mails may carry AMP documents."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE campaign.marketing_settings ADD COLUMN amp_enabled boolean NOT NULL DEFAULT false"
    )
