"""AMP documents of e-mail contents."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("ALTER TABLE campaign.template_content ADD COLUMN body_amp text NOT NULL DEFAULT ''")
