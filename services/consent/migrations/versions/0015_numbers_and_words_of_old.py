"""What was there before holds to the checks of numbers and words too."""

from alembic import op

from services.common.db.common_schema import validate_constraints

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    validate_constraints(op, "consent")
