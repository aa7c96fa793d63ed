"""What each pass saw of its messages, and which alerts were given already."""

from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint, Table, Text, Uuid

from services.common.db.tables import instant
from services.delivery.schema import META

gate_record = Table(
    "gate_record",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("content_id", Uuid, nullable=False),
    Column("record_id", Uuid, nullable=False),
    instant("decided_at"),
    Column("record", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "content_id", "record_id"),
    postgresql_partition_by="RANGE (record_id)",
)

alert_mark = Table(
    "alert_mark",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    instant("hour"),
    PrimaryKeyConstraint("tenant_id", "kind", "subject_id", "hour"),
)
