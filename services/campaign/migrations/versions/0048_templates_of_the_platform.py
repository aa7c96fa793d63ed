"""A trigger may use, and a tenant have approved, a template of the platform, which is another tenant's row."""

from alembic import op

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    for table, column in (("trigger_config", "template_id"), ("whatsapp_approval", "template_version_id")):
        op.execute(f"ALTER TABLE campaign.{table} DROP CONSTRAINT IF EXISTS fk_{table}_tenant_id_{column}")
