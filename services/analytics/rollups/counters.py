"""What is counted, defined once: the counter, the fact that feeds it, the instant it belongs to.

The same table makes the increments of the event path and the recount from facts, so the two cannot drift apart.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

# A message that never left belongs to the day it was accepted or stopped.
COHORT: Final = "COALESCE(sent_at, accepted_at, skipped_at, failed_at, expired_at, cancelled_at, delivered_at, bounced_at)"


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter of a message's life."""

    name: str
    """Column of the rollups, without its prefix."""
    at: str
    """What of the fact says when it happened first, in SQL over the fact's columns."""
    where: str = ""
    """What else must hold of the fact, in the same."""
    value: str = ""
    """What the fact adds, in the same; empty counts facts."""
    is_of_all: bool = False
    """Whether tests and messages to staff count too (ANA-58)."""

    @property
    def column(self) -> str:
        """Returns its column: numbers of messages are totals, sums have a name of their own."""
        return self.name if self.value else f"total_{self.name}"

    @property
    def condition(self) -> str:
        """Returns when a fact counts."""
        return " AND ".join(filter(None, ("" if self.is_of_all else "is_counted", self.where))) or "true"


_FINAL = ("sent", "delivered", "bounced", "failed", "skipped", "expired", "cancelled", "unknown")
_WAITS = " AND ".join(f"{state}_at IS NULL" for state in _FINAL)
_TIMED = "bounced_at IS NULL AND sent_at IS NOT NULL"
_ELAPSED = "GREATEST(0, floor(extract(epoch FROM delivered_at - sent_at) * 1000))::bigint"

# `delivered` leaves out what bounced later, `failed` what bounced, `unsubscribed` what was refused because the
# recipient had left before. Repeats of a hit stand where the first one stands.
COUNTERS: Final = (
    Counter("accepted", "accepted_at"),
    Counter("pending", "accepted_at", _WAITS),
    Counter("sent", "sent_at"),
    Counter("delivered", "delivered_at", "bounced_at IS NULL"),
    Counter("read", "read_at"),
    Counter("bounced", "bounced_at"),
    Counter("failed", "failed_at"),
    Counter("failed_unsent", "failed_at", "sent_at IS NULL"),
    Counter("retried", "retried_at"),
    Counter("retry_success", "sent_at", "retried_at IS NOT NULL"),
    Counter("retry_failure", "failed_at", "sent_at IS NULL AND retried_at IS NOT NULL"),
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
    Counter("any_opened", "LEAST(first_open_at, first_machine_open_at)"),
    Counter("any_clicked", "LEAST(first_click_at, first_machine_click_at)"),
    Counter("unsubscribed", "unsubscribed_at", "failed_at IS NULL"),
    Counter("complained", "complained_at"),
    Counter("converted", "first_conversion_at"),
    Counter("opens", "first_open_at", value="opens"),
    Counter("machine_opens", "first_machine_open_at", value="machine_opens"),
    Counter("clicks", "first_click_at", value="clicks"),
    Counter("machine_clicks", "first_machine_click_at", value="machine_clicks"),
    Counter("delivery_time_sum_ms", "delivered_at", _TIMED, value=_ELAPSED),
    Counter("delivery_time_count", "delivered_at", _TIMED, value="1"),
    Counter("cost_micros", COHORT, "cost_micros <> 0", value="cost_micros", is_of_all=True),
)
COLUMNS: Final = tuple(counter.column for counter in COUNTERS)


class Bearer(IntEnum):
    """Who bears the cost of an attempt."""

    PLATFORM = 0
    TENANT = 1
    """The tenant, but it counts for no limit."""
    BUDGET = 2
    """The tenant, and it counts against its budget."""


NO_ID: Final = "'00000000-0000-0000-0000-000000000000'::uuid"
_DIMENSIONS: Final = (
    "branch_id",
    "channel",
    "message_class",
    "category",
    "template_name",
    "provider",
    "currency",
)
FINE_KEY: Final = ("tenant_id", "bucket", *_DIMENSIONS)
DAILY_KEY: Final = ("tenant_id", "day", *_DIMENSIONS)
COHORT_KEY: Final = (
    "tenant_id",
    "campaign_id",
    "run_id",
    "variant_key",
    "day",
    "branch_id",
    "channel",
    "message_class",
    "category",
    "template_name",
    "rule",
    "currency",
)
REASON_KEY: Final = (
    "tenant_id",
    "campaign_id",
    "run_id",
    "bucket",
    "branch_id",
    "channel",
    "kind",
    "reason",
)
SPEND_KEY: Final = (
    "tenant_id",
    "billing_period",
    "branch_id",
    "channel",
    "message_class",
    "provider",
    "campaign_id",
    "currency",
    "bearer",
)
ENGAGEMENT_KEY: Final = (
    "tenant_id",
    "campaign_id",
    "run_id",
    "variant_key",
    "branch_id",
    "kind",
    "engagement_class",
)
LINK_KEY: Final = ("tenant_id", "campaign_id", "template_name", "branch_id", "link_id")
