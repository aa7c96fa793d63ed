"""Contacts that became part of others: by which ids a person is known."""

from alembic import op

from services.common.contact_data.tables import create_merged_contact

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_merged_contact(op, "analytics")
