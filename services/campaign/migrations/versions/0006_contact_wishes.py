"""When language and zone of a contact changed: what the contact itself said later wins over them."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name in ("language_code_changed_at", "time_zone_changed_at"):
        op.execute(f"ALTER TABLE campaign.contact ADD COLUMN {name} timestamptz")
