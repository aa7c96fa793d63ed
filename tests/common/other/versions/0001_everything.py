"""The schema of a service that exists only in tests."""

from alembic import op

from services.common.db.common_schema import create_common_tables
from services.common.db.rls import enable_rls

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_common_tables(op, "other")
    op.execute(
        "CREATE TABLE other.thing (tenant_id uuid NOT NULL, thing_id uuid NOT NULL, name text NOT NULL,"
        " tags text[], created_at timestamptz NOT NULL, CONSTRAINT pk_thing PRIMARY KEY (tenant_id, thing_id))"
    )
    enable_rls(op, "other", "thing")
