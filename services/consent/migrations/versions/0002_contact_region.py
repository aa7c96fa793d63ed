"""Where a contact is: it decides which law a message keeps."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE consent.contact ADD COLUMN region_code text")
