"""A holdout may be one of everybody, who are no segment."""

from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE campaign.segment_holdout DROP CONSTRAINT IF EXISTS fk_segment_holdout_tenant_id_segment_id"
    )
