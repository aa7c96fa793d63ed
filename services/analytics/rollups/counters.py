"""What is counted, defined once: the counter, the fact that feeds it, the instant it belongs to.

The same table makes the increments of the event path and the recount from facts, so the two cannot drift apart.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter of a message's life."""

    name: str
    """Column of the rollups, without the prefix of the fine ones."""
    at: str
    """Column of the fact that holds when it happened first."""
    where: str = "true"
    """What else must hold of the fact, in SQL over the fact's columns."""


# `delivered` leaves out what bounced later, `failed` what bounced, `unsubscribed` what was refused because the
# recipient had left before.
COUNTERS: tuple[Counter, ...] = (
    Counter("accepted", "accepted_at"),
    Counter("sent", "sent_at"),
    Counter("delivered", "delivered_at", "bounced_at IS NULL"),
    Counter("read", "read_at"),
    Counter("bounced", "bounced_at"),
    Counter("failed", "failed_at"),
    Counter("failed_unsent", "failed_at", "sent_at IS NULL"),
    Counter("skipped", "skipped_at"),
    Counter("skipped_unaccepted", "skipped_at", "accepted_at IS NULL"),
    Counter("expired", "expired_at"),
    Counter("cancelled", "cancelled_at"),
    Counter(
        "unknown",
        "unknown_at",
        "sent_at IS NULL AND delivered_at IS NULL AND failed_at IS NULL AND bounced_at IS NULL",
    ),
    Counter("opened", "first_open_at"),
    Counter("clicked", "first_click_at"),
    Counter("unsubscribed", "unsubscribed_at", "failed_at IS NULL"),
    Counter("complained", "complained_at"),
)

DELIVERY_TIME = ("delivery_time_sum_ms", "delivery_time_count")
FINE_COUNTERS: tuple[str, ...] = (*(f"total_{counter.name}" for counter in COUNTERS), *DELIVERY_TIME)
CAMPAIGN_COUNTERS: tuple[str, ...] = tuple(counter.name for counter in COUNTERS)

NO_ID = "'00000000-0000-0000-0000-000000000000'::uuid"
FINE_KEY = (
    "tenant_id",
    "bucket",
    "branch_id",
    "channel",
    "message_class",
    "category",
    "template_name",
    "provider",
)
CAMPAIGN_KEY = ("tenant_id", "campaign_id", "run_id", "variant_key", "day")
