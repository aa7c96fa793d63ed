"""The trace in which a block was accepted: it goes on in the worker and in the receipts."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE delivery.content ADD COLUMN traceparent text")
