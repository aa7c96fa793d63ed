"""Suppression entries, and soft bounces on their way to one (CON-6)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from services.common.db.tables import instant, one_of
from services.consent.schema import CONSENT_CHANNELS, META, is_hash

SCOPES = ("all", "marketing", "group_payment")
REASONS = (
    "hard_bounce",
    "soft_bounce_limit",
    "complaint",
    "invalid_address",
    "sms_stop",
    "customer_unsubscribe",
    "manual",
    "legal",
    "device_unregistered",
    "provider_blocklist",
    "erasure",
)

suppression = Table(
    "suppression",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("suppression_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("identifier_hash", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("identifier_hint", Text, nullable=False, server_default=text("''")),
    Column("scope", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text),
    Column("contact_id", Uuid),
    instant("suppressed_at"),
    Column("suppressed_by", Text),
    instant("expires_at", nullable=True),
    Column("source_message_id", Uuid),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "suppression_id"),
    UniqueConstraint("tenant_id", "identifier_hash", "channel", "scope", name="uq_suppression_identifier"),
    one_of("channel", ("all", *CONSENT_CHANNELS)),
    is_hash("identifier_hash"),
    one_of("scope", SCOPES),
    one_of("reason", REASONS),
    CheckConstraint("length(identifier_hint) <= 320", name="identifier_hint"),
    CheckConstraint("length(detail) <= 500", name="detail"),
    Index("ix_suppression_expiring", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    Index("ix_suppression_any_channel", "tenant_id", postgresql_where=text("channel = 'all'")),
)

platform_suppression = Table(
    "platform_suppression",
    META,
    Column("suppression_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("identifier_hash", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("identifier_hint", Text, nullable=False, server_default=text("''")),
    Column("scope", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text),
    instant("suppressed_at"),
    Column("suppressed_by", Text),
    instant("expires_at", nullable=True),
    instant("updated_at"),
    PrimaryKeyConstraint("suppression_id"),
    UniqueConstraint("identifier_hash", "channel", "scope", name="uq_platform_suppression_identifier"),
    one_of("channel", ("all", *CONSENT_CHANNELS)),
    is_hash("identifier_hash"),
    one_of("scope", SCOPES),
    one_of("reason", REASONS),
    CheckConstraint("length(detail) <= 500", name="detail"),
)

soft_bounce = Table(
    "soft_bounce",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("address_hash", LargeBinary, nullable=False),
    Column("channel", Text, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("contact_id", Uuid),
    instant("bounced_at"),
    PrimaryKeyConstraint("tenant_id", "address_hash", "channel", "message_id"),
    one_of("channel", CONSENT_CHANNELS),
    is_hash("address_hash"),
    Index("ix_soft_bounce_bounced_at", "bounced_at"),
)
