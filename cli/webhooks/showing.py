"""Subscriptions and deliveries as people and programs read them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cli.moments import instant, instant_of

if TYPE_CHECKING:
    from angarium.delivery.v1.webhook_pb2 import WebhookDelivery, WebhookSubscription


def fields(one: Any) -> str:
    """Returns what an event tells, by name."""
    items = f"items[{', '.join(one.item_fields)}]" if one.has_items else ""
    return ", ".join([*one.fields, *filter(None, [items])])


def condition(one: "WebhookSubscription") -> str:
    """Returns whether a subscription is told, in a word or two."""
    if one.is_disabled:
        return f"off ({one.disabled_reason})" if one.disabled_reason else "off"
    return f"{one.consecutive_failure_count} failures" if one.consecutive_failure_count else "on"


def subscription(one: "WebhookSubscription") -> dict[str, Any]:
    """Returns a subscription as plain values."""
    return {
        "subscription": one.webhook_subscription_id,
        "name": one.name,
        "url": one.url,
        "events": list(one.events),
        "headers": list(one.header_names),
        "disabled": one.is_disabled,
        "disabled_reason": one.disabled_reason,
        "failures": one.consecutive_failure_count,
        "last_success": instant_of(one, "last_success_time"),
        "public_key": one.public_key,
    }


def word(one: "WebhookDelivery") -> str:
    """Returns how far a delivery is."""
    from angarium.delivery.v1 import webhook_pb2

    return webhook_pb2.WebhookDelivery.State.Name(one.state).removeprefix("STATE_").lower()


def delivery_cells(one: "WebhookDelivery") -> Sequence[object]:
    """Returns a delivery as a row of a table."""
    return (
        one.webhook_delivery_id,
        one.event_type,
        word(one),
        one.attempt_count,
        one.response_status or None,
        one.latency.ToMilliseconds() if one.attempt_count else None,
        instant_of(one, "next_attempt_time"),
        one.last_error or None,
    )


def delivery(one: "WebhookDelivery") -> dict[str, Any]:
    """Returns a delivery as plain values."""
    return {
        "delivery": one.webhook_delivery_id,
        "subscription": one.webhook_subscription_id,
        "event": one.event_id,
        "type": one.event_type,
        "status": word(one),
        "tries": one.attempt_count,
        "answer": one.response_status or None,
        "milliseconds": one.latency.ToMilliseconds() if one.attempt_count else None,
        "next": instant_of(one, "next_attempt_time"),
        "error": one.last_error,
        "excerpt": one.response_excerpt,
        "happened": instant(one.occur_time),
    }
