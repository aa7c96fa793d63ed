"""Who was erased."""

from alembic import op

from services.common.contact_data.tables import create_erased_person

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_erased_person(op, "analytics")
