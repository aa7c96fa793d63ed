"""How much a tenant may send a day and a month; zero means no limit."""

from alembic import op

revision = "0010"
down_revision = "0009"

LIMITS = ("daily_email_limit", "daily_sms_limit", "monthly_email_limit", "monthly_sms_limit")


def upgrade() -> None:
    for name in LIMITS:
        op.execute(f"ALTER TABLE campaign.marketing_settings ADD COLUMN {name} integer NOT NULL DEFAULT 0")
