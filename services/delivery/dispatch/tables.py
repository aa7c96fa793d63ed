"""The queue of blocks, messages that wait on their own, and the ledger of hand-overs."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.common.db.tables import instant
from services.delivery.schema import META

dispatch_block = Table(
    "dispatch_block",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("block_id", Uuid, nullable=False),
    Column("group_key", Uuid, nullable=False),
    Column("campaign_id", Uuid),
    Column("run_id", Uuid),
    Column("lane", SmallInteger, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("message_class", SmallInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("epoch", Integer, nullable=False, server_default=text("0")),
    Column("message_count", SmallInteger, nullable=False),
    instant("due_at"),
    instant("expire_at"),
    instant("waiting_since"),
    Column("lease_owner", Uuid),
    instant("lease_until", nullable=True),
    Column("message_ids", ARRAY(Uuid), nullable=False),
    PrimaryKeyConstraint("tenant_id", "block_id"),
    CheckConstraint("(lane >= 1) AND (lane <= 4)", name="lane"),
    CheckConstraint("message_count >= 1", name="message_count"),
    CheckConstraint("(status >= 0) AND (status <= 2)", name="status"),
    Index("ix_dispatch_block_later", "due_at", postgresql_where=text("status = 0")),
    Index("ix_dispatch_block_leased", "lease_until", postgresql_where=text("status = 2")),
    Index("ix_dispatch_block_ready", "lane", "tenant_id", "due_at", postgresql_where=text("status = 1")),
)

message_wait = Table(
    "message_wait",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("state", SmallInteger, nullable=False),
    instant("due_at"),
    Column("account_id", Uuid),
    instant("started_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "message_id"),
    CheckConstraint("state = ANY (ARRAY[3, 6, 15])", name="state"),
    Index("ix_message_wait_due", "due_at"),
)

handover = Table(
    "handover",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("handover_id", Uuid, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("lease_owner", Uuid, nullable=False),
    Column("message_ids", ARRAY(Uuid), nullable=False),
    instant("started_at"),
    instant("finished_at", nullable=True),
    Column("accepted_count", SmallInteger, nullable=False, server_default=text("0")),
    Column("retryable_count", SmallInteger, nullable=False, server_default=text("0")),
    Column("failed_count", SmallInteger, nullable=False, server_default=text("0")),
    Column("unknown_count", SmallInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("tenant_id", "handover_id"),
    Index("ix_handover_finished", "finished_at", postgresql_using="brin"),
    Index("ix_handover_open", "tenant_id", postgresql_where=text("finished_at IS NULL")),
    postgresql_partition_by="RANGE (handover_id)",
)
