"""No count and no amount is below nothing, and no state is a number that means none: checked from here on.

What is in the tables is looked through by the next revision, under a lock that lets reads and writes pass.
"""

from alembic import op

revision = "0041"
down_revision = "0040"

CHECKS = {
    "automation": {
        "not_negative": "LEAST(version, edition) >= 0",
    },
    "automation_run": {
        "behaviour": "behaviour BETWEEN 0 AND 4",
        "not_negative": "LEAST(version, current_step) >= 0",
    },
    "automation_step": {
        "not_negative": "LEAST(index, attempts) >= 0",
    },
    "automation_version": {
        "not_negative": "version >= 0",
    },
    "branch": {
        "not_negative": "version >= 0",
    },
    "budget_period": {
        "not_negative": "limit_amount >= 0",
    },
    "campaign": {
        "recurrence_day": "recurrence_day BETWEEN 0 AND 31",
        "not_negative": "version >= 0",
    },
    "campaign_block": {
        "not_negative": "LEAST(block_no, variant, attempts, spelling) >= 0",
    },
    "campaign_recipient": {
        "not_negative": "LEAST(variant, cost) >= 0",
    },
    "campaign_run": {
        "not_negative": "LEAST(run_number, audience_count, next_block, chunks, order_attempts) >= 0",
    },
    "campaign_run_tally": {
        "not_negative": "actual_cost >= 0",
    },
    "cart": {
        "not_negative": "amount >= 0",
    },
    "confirmation": {
        "not_negative": "attempts >= 0",
    },
    "contact": {
        "birth_month": "birth_month BETWEEN 1 AND 12",
        "birth_day": "birth_day BETWEEN 1 AND 31",
        "anniversary_month": "anniversary_month BETWEEN 1 AND 12",
        "anniversary_day": "anniversary_day BETWEEN 1 AND 31",
        "not_negative": "LEAST(birth_year, anniversary_year, version) >= 0",
    },
    "contact_activity": {
        "not_negative": "judgement >= 0",
    },
    "coupon": {
        "code_kind": "code_kind BETWEEN 1 AND 3",
        "not_negative": "LEAST(max_uses_per_contact, min_order_amount, max_discount_amount, version) >= 0",
    },
    "coupon_reservation": {
        "not_negative": "discount >= 0",
    },
    "inbound_event": {
        "not_negative": "LEAST(version, sequence, attempts) >= 0",
    },
    "job_run": {
        "not_negative": "LEAST(seen, done, skipped, failed) >= 0",
    },
    "job_schedule": {
        "not_negative": "overlapped >= 0",
    },
    "marketing_settings": {
        "not_negative": (
            "LEAST(version, daily_email_limit, daily_sms_limit, monthly_email_limit, "
            "monthly_sms_limit, order_attempts) >= 0"
        ),
    },
    "notice": {
        "source": "source IN ('rule', 'trigger', 'automation', 'referral', 'follow_up')",
        "category": "category BETWEEN 0 AND 37",
        "fallback_channel": "fallback_channel BETWEEN 0 AND 6",
        "not_negative": "attempts >= 0",
    },
    "notice_cancellation": {
        "not_negative": "attempts >= 0",
    },
    "notification_override": {
        "not_negative": "version >= 0",
    },
    "outbox": {
        "not_negative": "LEAST(id, position) >= 0",
    },
    "parked_event": {
        "not_negative": "position >= 0",
    },
    "pass_order": {
        "not_negative": "LEAST(version, attempts) >= 0",
    },
    "referral": {
        "not_negative": (
            "LEAST(first_invoice_amount, referrer_points, referrer_percentage, credits, "
            "referred_percentage) >= 0"
        ),
    },
    "referral_settings": {
        "not_negative": "LEAST(max_referrals_per_month, expires_after_days, clawback_days, version) >= 0",
    },
    "relay_group": {
        "not_negative": "acknowledged >= 0",
    },
    "segment": {
        "not_negative": "version >= 0",
    },
    "staff_alert": {
        "not_negative": "attempts >= 0",
    },
    "staff_followup": {
        "not_negative": "version >= 0",
    },
    "template": {
        "not_negative": "version >= 0",
    },
    "template_version": {
        "not_negative": "spam_score >= 0",
    },
    "tenant": {
        "not_negative": "version >= 0",
    },
    "test_hit": {
        "engagement_class": "engagement_class BETWEEN 0 AND 4",
        "not_negative": "judgement >= 0",
    },
    "trigger_anchor": {
        "not_negative": "attempts >= 0",
    },
    "trigger_config": {
        "not_negative": "version >= 0",
    },
}
"""By table and name: what holds for each of its rows."""


def upgrade() -> None:
    for table, checks in CHECKS.items():
        added = (
            f"ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID" for name, check in checks.items()
        )
        op.execute(f"ALTER TABLE campaign.{table} {', '.join(added)}")
