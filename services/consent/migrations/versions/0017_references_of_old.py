"""What was there before holds to the references too."""

from alembic import op

from services.common.db.common_schema import validate_constraints

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    validate_constraints(op, "consent")
