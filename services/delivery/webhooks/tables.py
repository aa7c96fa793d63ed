"""Subscriptions of tenants, what is told to them, and how far each telling is (DEL-13)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.common.db.tables import instant, not_negative
from services.delivery.schema import META

webhook_subscription = Table(
    "webhook_subscription",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("subscription_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    # Sealed: what signs its calls; gone once it is deleted.
    Column("secret", LargeBinary),
    Column("previous_secret", LargeBinary),
    instant("previous_until", nullable=True),
    Column("public_key", LargeBinary, nullable=False),
    # Sealed.
    Column("headers", LargeBinary),
    Column("header_names", ARRAY(Text), nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("consecutive_failures", Integer, nullable=False),
    instant("failing_since", nullable=True),
    instant("held_until", nullable=True),
    instant("succeeded_at", nullable=True),
    instant("disabled_at", nullable=True),
    Column("disabled_reason", Text, nullable=False),
    # Made for calls of one address, which hear no events.
    Column("is_called", Boolean, nullable=False, server_default=text("false")),
    Column("created_by", Text, nullable=False),
    Column("version", Integer, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    instant("deleted_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "subscription_id"),
    not_negative("version"),
    CheckConstraint("consecutive_failures >= 0", name="consecutive_failures"),
    Index(
        "uq_webhook_subscription_called",
        "tenant_id",
        "url",
        unique=True,
        postgresql_where=text("is_called AND (deleted_at IS NULL)"),
    ),
)

webhook_event = Table(
    "webhook_event",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    instant("occurred_at"),
    # What is sent; sealed when it is a message of channel webhook, gone when its person was erased.
    Column("body", LargeBinary, nullable=False),
    Column("message_id", Uuid),
    # Of a call: whom it is about, and what goes with it, sealed.
    Column("contact_id", Uuid),
    Column("headers", LargeBinary),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "event_id"),
    Index("ix_webhook_event_occurred_at", "tenant_id", "occurred_at", "event_id"),
    Index("ix_webhook_event_created_at", "created_at"),
)

webhook_delivery = Table(
    "webhook_delivery",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("delivery_id", Uuid, nullable=False),
    Column("subscription_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    instant("next_attempt_at", nullable=True),
    Column("response_status", SmallInteger, nullable=False),
    Column("response_excerpt", Text, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    instant("occurred_at"),
    instant("created_at"),
    instant("finished_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "delivery_id"),
    not_negative("attempts", "response_status", "latency_ms"),
    CheckConstraint("(state >= 1) AND (state <= 4)", name="state"),
    Index("uq_webhook_delivery_event", "tenant_id", "subscription_id", "event_id", unique=True),
    Index(
        "ix_webhook_delivery_open",
        "tenant_id",
        "subscription_id",
        "next_attempt_at",
        postgresql_where=text("state <= 2"),
    ),
    Index("ix_webhook_delivery_subscription", "tenant_id", "subscription_id", "delivery_id"),
    Index("ix_webhook_delivery_created_at", "created_at"),
)
