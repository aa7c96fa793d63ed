"""Whether the texts of a version show short links."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE campaign.template_version ADD COLUMN shorten_links boolean NOT NULL DEFAULT false"
    )
