"""No count and no amount is below nothing, and no state is a number that means none: checked from here on.

What is in the tables is looked through by the next revision, under a lock that lets reads and writes pass.
"""

from alembic import op

revision = "0027"
down_revision = "0026"

CHECKS = {
    "attachment": {
        "not_negative": "number >= 0",
    },
    "batch": {
        "not_negative": "LEAST(total_count, accepted_count, rejected_count) >= 0",
    },
    "contact_inbox": {
        "not_negative": "last_change >= 0",
    },
    "content": {
        "channel": "channel BETWEEN 0 AND 6",
        "category": "category BETWEEN 0 AND 37",
        "message_class": "message_class BETWEEN 0 AND 3",
        "lane": "lane BETWEEN 1 AND 4",
        "origin": "origin BETWEEN 0 AND 7",
        "fallback_channel": "fallback_channel BETWEEN 0 AND 6",
        "fallback_from": "fallback_from BETWEEN 0 AND 6",
        "not_negative": "LEAST(message_count, attachment_count) >= 0",
    },
    "dead_letter": {
        "not_negative": "attempt_count >= 0",
    },
    "digest_item": {
        "channel": "channel BETWEEN 0 AND 6",
        "frequency": "frequency IN ('immediate', 'daily', 'weekly', 'monthly')",
    },
    "dispatch_block": {
        "channel": "channel BETWEEN 0 AND 6",
        "message_class": "message_class BETWEEN 0 AND 3",
        "not_negative": "epoch >= 0",
    },
    "engagement": {
        "not_negative": "rule_version >= 0",
    },
    "engagement_rules": {
        "not_negative": "version >= 0",
    },
    "handover": {
        "lane": "lane BETWEEN 1 AND 4",
        "channel": "channel BETWEEN 0 AND 6",
        "not_negative": "LEAST(accepted_count, retryable_count, failed_count, unknown_count) >= 0",
    },
    "inbox_item": {
        "category": "category BETWEEN 0 AND 37",
        "not_negative": "change >= 0",
    },
    "job_run": {
        "not_negative": "LEAST(seen, done, skipped, failed) >= 0",
    },
    "job_schedule": {
        "not_negative": "overlapped >= 0",
    },
    "media_asset": {
        "not_negative": "LEAST(width, height) >= 0",
    },
    "message": {
        "channel": "channel BETWEEN 0 AND 6",
        "category": "category BETWEEN 0 AND 37",
        "lane": "lane BETWEEN 1 AND 4",
        "not_negative": "LEAST(position, cost) >= 0",
    },
    "message_content": {
        "not_negative": "chunk >= 0",
    },
    "outbox": {
        "not_negative": "LEAST(id, position) >= 0",
    },
    "parked_event": {
        "not_negative": "position >= 0",
    },
    "provider_account": {
        "channel": "channel BETWEEN 0 AND 6",
        "not_negative": (
            "LEAST(consecutive_failures, success_count, failure_count, version, quota_remaining) >= 0"
        ),
    },
    "provider_poll": {
        "not_negative": "LEAST(attempt, cost_before, poll_count) >= 0",
    },
    "rate_card": {
        "channel": "channel BETWEEN 0 AND 6",
    },
    "rate_limit_reset": {
        "channel": "channel BETWEEN 0 AND 6",
        "scope": "scope BETWEEN 0 AND 3",
    },
    "rate_limit_rule": {
        "channel": "channel BETWEEN 0 AND 6",
    },
    "rate_memory": {
        "not_negative": "mark >= 0",
    },
    "receipt_batch": {
        "not_negative": "LEAST(receipt_count, failed_count) >= 0",
    },
    "relay_group": {
        "not_negative": "acknowledged >= 0",
    },
    "send_slot": {
        "channel": "channel BETWEEN 0 AND 6",
    },
    "tenant_cancel": {
        "not_negative": "sequence >= 0",
    },
    "tenant_circuit": {
        "not_negative": "LEAST(consecutive_failures, reopened_count) >= 0",
    },
    "tenant_limit": {
        "channel": "channel BETWEEN 0 AND 6",
    },
    "tenant_volume": {
        "channel": "channel BETWEEN 0 AND 6",
    },
    "wallet_pass": {
        "not_negative": "LEAST(version, issue) >= 0",
    },
    "webhook_delivery": {
        "not_negative": "LEAST(attempts, response_status, latency_ms) >= 0",
    },
    "webhook_subscription": {
        "not_negative": "version >= 0",
    },
}
"""By table and name: what holds for each of its rows."""


def upgrade() -> None:
    for table, checks in CHECKS.items():
        added = (
            f"ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID" for name, check in checks.items()
        )
        op.execute(f"ALTER TABLE delivery.{table} {', '.join(added)}")
