"""What was there before holds to the references too."""

from alembic import op

from services.common.db.common_schema import validate_constraints

revision = "0044"
down_revision = "0043"

LOOSE = (
    ("automation", "segment_id", "segment", "segment_id"),
    ("campaign", "template_version_id", "template_version", "template_version_id"),
    ("campaign", "coupon_id", "coupon", "coupon_id"),
    ("campaign_run", "source_run_id", "campaign_run", "run_id"),
    ("contact", "branch_id", "branch", "branch_id"),
    ("coupon", "segment_id", "segment", "segment_id"),
    ("coupon", "campaign_id", "campaign", "campaign_id"),
    ("feedback", "request_id", "feedback_request", "request_id"),
    ("referral", "referrer_coupon_id", "coupon", "coupon_id"),
    ("referral", "referred_coupon_id", "coupon", "coupon_id"),
    ("trigger_config", "campaign_id", "campaign", "campaign_id"),
)
"""References that may be empty: those to what is not there become so."""


def upgrade() -> None:
    for table, column, target, key in LOOSE:
        op.execute(
            f"UPDATE campaign.{table} AS t SET {column} = NULL WHERE {column} IS NOT NULL AND NOT EXISTS"  # noqa: S608
            f" (SELECT FROM campaign.{target} AS r WHERE r.tenant_id = t.tenant_id AND r.{key} = t.{column})"
        )
    validate_constraints(op, "campaign")
