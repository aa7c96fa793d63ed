"""Tables of notices: what waits for its hour or for delivery, what became of it, and what delivery is to cancel."""

from sqlalchemy import (
    ARRAY,
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

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative, one_of, within

NOTICE = Table(
    "notice",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("notice_id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("reason", Text, nullable=False, server_default=text("''::text")),
    Column("contact_id", Uuid),
    Column("staff_id", Text),
    # Of a bare address, by which an erasure finds it.
    Column("address_hashes", ARRAY(LargeBinary), nullable=False, server_default=text("'{}'::bytea[]")),
    Column("language_code", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("category", SmallInteger, nullable=False),
    Column("template", Text, nullable=False),
    Column("channels", ARRAY(SmallInteger), nullable=False),
    Column("mode", SmallInteger, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("fallback_channel", SmallInteger, nullable=False, server_default=text("0")),
    # Variables and bare addresses; gone once the notice is settled.
    Column("sealed", LargeBinary),
    instant("countdown_to", nullable=True),
    instant("due_at"),
    instant("expires_at"),
    # When it is looked at next: when it is due, or when a lease or a pause ends.
    instant("next_try_at"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("correlation_key", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("event_id", Uuid),
    Column("branch_id", Uuid),
    Column("campaign_id", Uuid),
    Column("automation_run_id", Uuid),
    Column("message_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'::uuid[]")),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "notice_id"),
    one_of("source", ("rule", "trigger", "automation", "referral", "follow_up")),
    within("category", 0, 37),
    within("fallback_channel", 0, 6),
    not_negative("attempts"),
    CheckConstraint("state IN ('waiting', 'sent', 'skipped', 'failed', 'cancelled')", name="state"),
    CheckConstraint("(state IN ('skipped', 'failed', 'cancelled')) = (reason <> '')", name="reason"),
    CheckConstraint("(state = 'waiting') = (sealed IS NOT NULL)", name="sealed"),
    CheckConstraint("mode BETWEEN 1 AND 2 AND priority BETWEEN 1 AND 4", name="numbers"),
    CheckConstraint("due_at < expires_at", name="expiry"),
    Index("uq_notice_key", "tenant_id", "source", "key", unique=True),
    Index("ix_notice_next", "priority", "next_try_at", postgresql_where=text("state = 'waiting'")),
    Index(
        "ix_notice_correlation",
        "tenant_id",
        "correlation_key",
        postgresql_where=text("correlation_key <> ''::text"),
    ),
    # Lists by what caused notices, newest first.
    Index(
        "ix_notice_event", "tenant_id", "event_id", "notice_id", postgresql_where=text("event_id IS NOT NULL")
    ),
    Index("ix_notice_rule", "tenant_id", "rule", "notice_id"),
    Index("ix_notice_contact", "tenant_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
    # Few are for bare addresses: whose they are is looked for among these alone.
    Index("ix_notice_bare", "tenant_id", postgresql_where=text("address_hashes <> '{}'::bytea[]")),
    Index("ix_notice_created", "created_at"),
)

# Told to delivery, for what was handed over before it was cancelled.
NOTICE_CANCELLATION = Table(
    "notice_cancellation",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("cancellation_id", Uuid, nullable=False),
    # Everything of a key, or one message.
    Column("correlation_key", Text, nullable=False),
    Column("message_id", Uuid),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    instant("next_try_at"),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "cancellation_id"),
    not_negative("attempts"),
    CheckConstraint("(correlation_key = ''::text) = (message_id IS NOT NULL)", name="target"),
    Index(
        "uq_notice_cancellation_key",
        "tenant_id",
        "correlation_key",
        unique=True,
        postgresql_where=text("message_id IS NULL"),
    ),
    Index(
        "uq_notice_cancellation_message",
        "tenant_id",
        "message_id",
        unique=True,
        postgresql_where=text("message_id IS NOT NULL"),
    ),
    Index("ix_notice_cancellation_next", "next_try_at"),
)
