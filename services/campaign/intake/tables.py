"""Events of neighbours, the rows in which they wait, and the keys that sign them (CAM-17)."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

INBOUND_EVENT = Table(
    "inbound_event",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    # Canonical, and as the neighbour named it.
    Column("type", Text, nullable=False),
    Column("named_type", Text, nullable=False),
    Column("is_known", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("branch_ref", Text, nullable=False),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("sequence", BigInteger),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Text, nullable=False),
    Column("fact", Text, nullable=False),
    # Sealed; gone once a person of it was erased.
    Column("payload", LargeBinary),
    Column("has_secret", Boolean, nullable=False),
    # Keyed hashes of all that names somebody, so that an erasure finds it.
    Column("people", ARRAY(LargeBinary), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    # Open events only: when it is tried.
    instant("due_at", nullable=True),
    # Steps that are done.
    Column("steps", ARRAY(Text), nullable=False),
    Column("error", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    instant("occurred_at"),
    instant("received_at"),
    instant("finished_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "event_id"),
    not_negative("version", "sequence", "attempts"),
    CheckConstraint("state BETWEEN 1 AND 5", name="state"),
    CheckConstraint("(state <= 2) = (finished_at IS NULL)", name="finished"),
    CheckConstraint("(state <= 2) = (due_at IS NOT NULL)", name="due"),
    Index(
        "ix_inbound_event_open",
        "tenant_id",
        "aggregate_type",
        "aggregate_id",
        postgresql_where=text("state <= 2"),
    ),
    Index(
        "ix_inbound_event_sequence",
        "tenant_id",
        "aggregate_type",
        "aggregate_id",
        "sequence",
        postgresql_where=text("sequence IS NOT NULL AND state > 2"),
    ),
    Index("ix_inbound_event_received", "tenant_id", "received_at", "event_id"),
    Index("ix_inbound_event_received_at", "received_at"),
    Index("ix_inbound_event_secret", "received_at", postgresql_where=text("has_secret")),
    Index("ix_inbound_event_people", "people", postgresql_using="gin"),
    # What later events of the same thing only name.
    Index(
        "ix_inbound_event_recalled",
        "tenant_id",
        "fact",
        postgresql_where=text("type IN ('group_payment.created', 'payment.succeeded')"),
    ),
)

# Aggregates with something open. A worker leases one, handles its events in their order, and removes it.
INBOUND_AGGREGATE = Table(
    "inbound_aggregate",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    instant("due_at"),
    Column("lease_id", Uuid),
    instant("leased_until", nullable=True),
    PrimaryKeyConstraint("tenant_id", "aggregate_type", "aggregate_id"),
    Index("ix_inbound_aggregate_due", "tenant_id", "due_at"),
)

INTAKE_KEY = Table(
    "intake_key",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    # Sealed; gone once the key is revoked.
    Column("secret", LargeBinary),
    Column("previous_secret", LargeBinary),
    instant("previous_until", nullable=True),
    Column("created_by", Text, nullable=False),
    instant("created_at"),
    instant("rotated_at", nullable=True),
    instant("revoked_at", nullable=True),
    instant("used_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "key_id"),
    CheckConstraint("(secret IS NULL) = (revoked_at IS NOT NULL)", name="secret"),
    CheckConstraint("(previous_secret IS NULL) = (previous_until IS NULL)", name="previous"),
    # The gateway knows a key by its id alone.
    Index("uq_intake_key_key_id", "key_id", unique=True),
)

INTAKE_NONCE = Table(
    "intake_nonce",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("nonce", Uuid, nullable=False),
    instant("expires_at"),
    PrimaryKeyConstraint("tenant_id", "key_id", "nonce"),
    Index("ix_intake_nonce_expires_at", "expires_at"),
)
