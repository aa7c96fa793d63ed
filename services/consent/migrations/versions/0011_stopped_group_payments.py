"""Addresses that want no messages of group payments."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for table in ("suppression", "platform_suppression"):
        op.execute(f"ALTER TABLE consent.{table} DROP CONSTRAINT ck_{table}_scope")
        op.execute(
            f"ALTER TABLE consent.{table} ADD CONSTRAINT ck_{table}_scope"
            " CHECK (scope IN ('all', 'marketing', 'group_payment'))"
        )
