"""What each attempt of a message cost, so that prices may come in any order; a run's month is that of what it reserved."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Takes what is known of earlier attempts together, as one before the newest."""
    for statement in _STATEMENTS.strip().split(";\n"):
        op.execute(statement)


_STATEMENTS = """
ALTER TABLE campaign.campaign_recipient ADD COLUMN costs numeric(18, 6)[];
UPDATE campaign.campaign_recipient SET costs = array_fill(cost, ARRAY[1], ARRAY[cost_attempt::int]) WHERE cost IS NOT NULL;
ALTER TABLE campaign.campaign_recipient DROP COLUMN cost_attempt;
ALTER TABLE campaign.budget_entry ADD COLUMN costs numeric(18, 6)[];
UPDATE campaign.budget_entry SET costs = CASE WHEN attempt > 1
        THEN array_fill(earlier, ARRAY[1], ARRAY[attempt - 1]) || (amount - earlier)
        ELSE array_fill(amount, ARRAY[1], ARRAY[attempt::int]) END
    WHERE kind = 'spend';
ALTER TABLE campaign.budget_entry DROP COLUMN attempt, DROP COLUMN earlier;
ALTER TABLE campaign.campaign_run DROP COLUMN budget_month
"""
