"""Who was erased, and the keys of people that seal what of messages is personal."""

from alembic import op

from services.common.contact_data.tables import create_erased_person, create_person_key

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_erased_person(op, "delivery")
    create_person_key(op, "delivery")
