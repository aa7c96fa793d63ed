"""Where a contact is: it decides which law a message keeps."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE campaign.contact ADD COLUMN region_code text")
