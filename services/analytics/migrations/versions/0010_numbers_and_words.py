"""No count and no amount is below nothing, and no state is a number that means none: checked from here on.

What is in the tables is looked through by the next revision, under a lock that lets reads and writes pass.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

CHECKS = {
    "campaign_engagement": {
        "kind": "kind BETWEEN 1 AND 2",
        "engagement_class": "engagement_class BETWEEN 0 AND 4",
    },
    "campaign_profile": {
        "channel": "channel BETWEEN 0 AND 6",
        "state": "state BETWEEN 0 AND 8",
    },
    "cohort_stat": {
        "channel": "channel BETWEEN 0 AND 6",
        "message_class": "message_class BETWEEN 0 AND 3",
        "category": "category BETWEEN 0 AND 37",
    },
    "compliance_count": {
        "kind": "kind IN ('consent', 'opt_out', 'suppression_added', 'suppression_removed', 'deferral')",
        "not_negative": "count >= 0",
    },
    "contact_engagement": {
        "score": "score BETWEEN 0 AND 100",
        "not_negative": (
            "LEAST(received, delivered, opened, clicked, unsubscribed, trackable, seen, followed) >= 0"
        ),
    },
    "conversion": {
        "conversion_type": "conversion_type BETWEEN 1 AND 6",
        "attribution": "attribution BETWEEN 0 AND 4",
        "rating": "rating BETWEEN 0 AND 5",
        "not_negative": "LEAST(value, reversed_value) >= 0",
    },
    "conversion_reversal": {
        "conversion_type": "conversion_type BETWEEN 1 AND 6",
        "not_negative": "value >= 0",
    },
    "engagement_event": {
        "not_negative": "LEAST(rule_version, judgement) >= 0",
    },
    "health_score": {
        "score": "score BETWEEN 0 AND 100",
    },
    "job_run": {
        "not_negative": "LEAST(seen, done, skipped, failed) >= 0",
    },
    "job_schedule": {
        "not_negative": "overlapped >= 0",
    },
    "message_fact": {
        "message_class": "message_class BETWEEN 0 AND 3",
        "category": "category BETWEEN 0 AND 37",
        "origin": "origin BETWEEN 0 AND 7",
        "priority": "priority BETWEEN 0 AND 4",
        "bounce_type": "bounce_type BETWEEN 0 AND 3",
        "not_negative": (
            "LEAST(open_classes, click_classes, opens, machine_opens, clicks, machine_clicks, "
            "retry_attempts, conversions, cost_micros) >= 0"
        ),
    },
    "outbox": {
        "not_negative": "LEAST(id, position) >= 0",
    },
    "parked_event": {
        "not_negative": "position >= 0",
    },
    "privacy_request": {
        "kind": "kind IN ('export', 'erasure')",
    },
    "reason_stat": {
        "channel": "channel BETWEEN 0 AND 6",
        "kind": "kind IN ('skipped', 'failed', 'bounced')",
    },
    "relay_group": {
        "not_negative": "acknowledged >= 0",
    },
    "rollup_daily": {
        "channel": "channel BETWEEN 0 AND 6",
        "message_class": "message_class BETWEEN 0 AND 3",
        "category": "category BETWEEN 0 AND 37",
    },
    "rollup_fine": {
        "channel": "channel BETWEEN 0 AND 6",
        "message_class": "message_class BETWEEN 0 AND 3",
        "category": "category BETWEEN 0 AND 37",
    },
    "spend_check": {
        "not_negative": "LEAST(spend, facts, ledger) >= 0",
    },
    "spend_rollup": {
        "channel": "channel BETWEEN 0 AND 6",
        "message_class": "message_class BETWEEN 0 AND 3",
        "bearer": "bearer BETWEEN 0 AND 2",
    },
    "tenant_profile": {
        "not_negative": "monthly_limit >= 0",
    },
    "timeline_entry": {
        "type": "type BETWEEN 1 AND 9",
        "channel": "channel BETWEEN 0 AND 6",
    },
}
"""By table and name: what holds for each of its rows."""


def upgrade() -> None:
    for table, checks in CHECKS.items():
        added = (
            f"ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID" for name, check in checks.items()
        )
        op.execute(f"ALTER TABLE analytics.{table} {', '.join(added)}")
