"""What was there before holds to the references too."""

from alembic import op

from services.common.db.common_schema import validate_constraints

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    validate_constraints(op, "delivery")
