"""ANALYZE takes fewer rows of the tables that grow with each message."""

from alembic import op

from services.common.db.common_schema import sample_lightly

revision = "0013"
down_revision = "0012"

TABLES = ("decision", "consent_audit", "consent_chain", "consent", "contact", "person_key")


def upgrade() -> None:
    sample_lightly(op, "consent", TABLES)
