"""What refers to a row of this service refers to one that is there, and the last numbers are checked: from here on.

What is in the tables is looked through by the next revision, under a lock that lets reads and writes pass.
"""

from alembic import op

revision = "0043"
down_revision = "0042"

REFERENCES = (
    ("automation", "segment_id", "segment", "segment_id", ""),
    ("automation_run", "automation_id", "automation", "automation_id", ""),
    ("campaign", "template_version_id", "template_version", "template_version_id", ""),
    ("campaign", "coupon_id", "coupon", "coupon_id", ""),
    ("campaign_run", "source_run_id", "campaign_run", "run_id", ""),
    ("campaign_usage", "campaign_id", "campaign", "campaign_id", "CASCADE"),
    ("contact", "branch_id", "branch", "branch_id", ""),
    ("coupon", "segment_id", "segment", "segment_id", ""),
    ("coupon", "campaign_id", "campaign", "campaign_id", "SET NULL (campaign_id)"),
    ("coupon_code", "coupon_id", "coupon", "coupon_id", ""),
    ("coupon_redemption", "coupon_id", "coupon", "coupon_id", ""),
    ("coupon_reservation", "coupon_id", "coupon", "coupon_id", ""),
    ("feedback", "request_id", "feedback_request", "request_id", "SET NULL (request_id)"),
    ("referral", "referrer_coupon_id", "coupon", "coupon_id", ""),
    ("referral", "referred_coupon_id", "coupon", "coupon_id", ""),
    ("template", "active_version_id", "template_version", "template_version_id", ""),
    ("test_hit", "campaign_id", "campaign", "campaign_id", "CASCADE"),
    ("trigger_config", "campaign_id", "campaign", "campaign_id", "SET NULL (campaign_id)"),
)
"""Table, column, the table and column referred to, and what becomes of the row when that goes (nothing lets it go)."""

CHECKS = (
    ("campaign", "recurrence_pattern", "recurrence_pattern BETWEEN 0 AND 3"),
    ("coupon", "max_total_uses", "max_total_uses >= 0"),
    ("coupon_redemption", "order_amount", "order_amount >= 0"),
    ("referral", "state_before", "state_before BETWEEN 1 AND 5"),
    ("referral_settings", "rewards", "LEAST(referrer_points, referrer_percentage, referred_percentage) >= 0"),
    ("trigger_config", "channels", "channel BETWEEN 0 AND 6 AND fallback_channel BETWEEN 0 AND 6"),
)


def upgrade() -> None:
    for table, name, check in CHECKS:
        op.execute(f"ALTER TABLE campaign.{table} ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID")
    for table, column, target, key, fate in REFERENCES:
        on_delete = f" ON DELETE {fate}" if fate else ""
        op.execute(
            f"ALTER TABLE campaign.{table} ADD CONSTRAINT fk_{table}_tenant_id_{column} FOREIGN KEY (tenant_id, {column})"
            f" REFERENCES campaign.{target} (tenant_id, {key}){on_delete} NOT VALID"
        )
