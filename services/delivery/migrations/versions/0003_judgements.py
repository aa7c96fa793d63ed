"""How often each hit was judged, so that whoever hears of its verdicts knows the last one."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE delivery.engagement ADD COLUMN judgement integer NOT NULL DEFAULT 1"
        " CONSTRAINT ck_engagement_judgement CHECK (judgement >= 1)"
    )
