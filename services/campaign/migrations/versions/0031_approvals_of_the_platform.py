"""Templates of the platform stand in no table, and are approved by WhatsApp for each tenant all the same."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Lets an approval speak of a version that is part of the program."""
    op.execute(
        "ALTER TABLE campaign.whatsapp_approval DROP CONSTRAINT fk_whatsapp_approval_tenant_id_template_version_id"
    )
