"""What messages said: the values of each, and the constants around them once for all that share them (DEL-1)."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Uuid

from services.common.db.tables import instant
from services.delivery.schema import META

sent_frame = Table(
    "sent_frame",
    META,
    Column("tenant_id", Uuid, nullable=False),
    # Made of what it holds, so that it is known before it is stored.
    Column("frame_id", Uuid, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    instant("used_at"),
    PrimaryKeyConstraint("tenant_id", "frame_id"),
    Index("ix_sent_frame_used_at", "used_at"),
)

sent_content = Table(
    "sent_content",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("content_id", Uuid, nullable=False),
    Column("handover_id", Uuid, nullable=False),
    Column("frame_id", Uuid, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "content_id", "handover_id"),
    postgresql_partition_by="RANGE (content_id)",
)
