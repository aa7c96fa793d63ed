"""ANALYZE takes fewer rows of the tables that grow with each message."""

from alembic import op

from services.common.db.common_schema import sample_lightly

revision = "0026"
down_revision = "0025"

TABLES = ("message", "message_mark", "send_slot", "person_key", "message_content", "attempt", "message_log")


def upgrade() -> None:
    sample_lightly(op, "delivery", TABLES)
