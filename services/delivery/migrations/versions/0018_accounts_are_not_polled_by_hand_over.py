"""Which messages are asked for is kept with the messages, not with the account."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("ALTER TABLE delivery.provider_account DROP COLUMN polled_after")
