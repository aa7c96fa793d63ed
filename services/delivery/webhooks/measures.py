"""What is measured of webhooks; labels hold no address and no name (GEN-45)."""

from typing import Final

import structlog

from services.common import telemetry
from services.delivery.webhooks.calls import Result
from services.delivery.webhooks.queue import Condition

log = structlog.get_logger("webhooks")

_CALLS: Final = telemetry.counter(
    "webhook_calls_total", "Calls of subscriptions by what came of them.", ["result"]
)
_SECONDS: Final = telemetry.histogram(
    "webhook_call_seconds", "How long calls of subscriptions took.", ["result"]
)
_DISABLED: Final = telemetry.counter(
    "webhook_subscriptions_disabled_total",
    "Subscriptions that are not called any more; alert on any.",
    ["reason"],
)


def called(result: Result) -> None:
    """Counts a call."""
    word = result.error or "delivered"
    _CALLS.labels(word).inc()
    _SECONDS.labels(word).observe(result.latency.total_seconds())


def disabled(one: Condition) -> None:
    """Counts a subscription that was given up, and alerts."""
    _DISABLED.labels(one.reason).inc()
    log.error(
        "a webhook subscription is disabled",
        tenant_id=str(one.tenant_id),
        subscription_id=str(one.subscription_id),
        reason_word=one.reason,
        failures=one.health.consecutive_failures,
    )
