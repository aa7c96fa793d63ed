"""What the checks of a decision saw, kept once for all decisions of a month that saw the same."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE consent.verdict (tenant_id uuid NOT NULL, verdict_id uuid NOT NULL, facts text NOT NULL,"
        " jurisdictions text NOT NULL, CONSTRAINT pk_verdict PRIMARY KEY (tenant_id, verdict_id))"
        " PARTITION BY RANGE (verdict_id)"
    )
    op.execute("SELECT consent.add_month_partitions('verdict', now(), 2)")
    enable_rls(op, "consent", "verdict")
    op.execute("ALTER TABLE consent.decision ADD COLUMN verdict_id uuid")
