"""Events that still hold a token are found without looking through all (EVT-47)."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_inbound_event_secret ON campaign.inbound_event (received_at) WHERE has_secret"
    )
