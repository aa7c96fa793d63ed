"""Subscriptions and deliveries as the contract shows them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.delivery.v1 import webhook_pb2 as pb
from services.delivery.enums import wire
from services.delivery.webhooks import signing
from services.delivery.webhooks.catalogue import Kind
from services.delivery.webhooks.store import Delivery, Subscription

HEADERS: Final = "headers"
MUTABLE: Final = frozenset({"name", "url", "events", "is_disabled", HEADERS})


def subscription(one: Subscription, now: datetime) -> pb.WebhookSubscription:
    """Returns a subscription without its secrets."""
    rotating = one.previous_until is not None and one.previous_until > now
    return pb.WebhookSubscription(
        webhook_subscription_id=str(one.subscription_id),
        name=one.name,
        url=one.url,
        events=one.events,
        header_names=one.header_names,
        is_disabled=not one.is_enabled,
        disabled_reason=one.disabled_reason,
        disable_time=_moment(one.disabled_at),
        consecutive_failure_count=one.consecutive_failures,
        fail_start_time=_moment(one.failing_since),
        last_success_time=_moment(one.succeeded_at),
        public_key=signing.shown(one.public_key),
        previous_secret_expire_time=_moment(one.previous_until) if rotating else None,
        created_by=one.created_by,
        create_time=_moment(one.created_at),
        etag=str(one.version),
    )


def delivery(one: Delivery) -> pb.WebhookDelivery:
    """Returns a delivery as its owner sees it."""
    found = pb.WebhookDelivery(
        webhook_delivery_id=str(one.delivery_id),
        webhook_subscription_id=str(one.subscription_id),
        event_id=str(one.event_id),
        event_type=one.event_type,
        state=wire(one.state),
        attempt_count=one.attempts,
        next_attempt_time=_moment(one.next_attempt_at),
        response_status=one.response_status,
        response_excerpt=one.response_excerpt,
        last_error=one.last_error,
        create_time=_moment(one.created_at),
        occur_time=_moment(one.occurred_at),
        finish_time=_moment(one.finished_at),
    )
    found.latency.FromTimedelta(timedelta(milliseconds=one.latency_ms))
    return found


def event_type(kind: Kind) -> pb.WebhookEventType:
    """Returns a type of events with its fields."""
    return pb.WebhookEventType(
        type=kind.type,
        description=kind.description,
        has_items=bool(kind.items),
        fields=list(kind.fields),
        item_fields=list(kind.item_fields),
    )


def audited(one: Subscription) -> Mapping[str, Any]:
    """Returns what an audit entry holds of a subscription; a URL may be a secret, so its host stands for it."""
    host = one.url.partition("://")[2].partition("/")[0].partition("?")[0]
    return {
        "name": one.name,
        "host": host,
        "events": list(one.events),
        "header_names": list(one.header_names),
        "is_enabled": one.is_enabled,
        "disabled_reason": one.disabled_reason,
    }


def _moment(instant: datetime | None) -> Timestamp | None:
    if instant is None:
        return None
    value = Timestamp()
    value.FromDatetime(instant.astimezone(UTC))
    return value
