"""Table of activities."""

from sqlalchemy import Boolean, CheckConstraint, Column, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid

from services.campaign.schema import META
from services.common.db.tables import not_negative

# Looked for by contact, kind and time, and by nothing else, so the primary key is the only index. The id is a UUIDv7
# of when it happened: no column of its own for that, and partitions of months that are dropped whole.
CONTACT_ACTIVITY = Table(
    "contact_activity",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("ref", Text),
    # Which verdict on an open or click this is, and whether it was a person; the highest verdict holds.
    Column("judgement", SmallInteger, nullable=False),
    Column("counts", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "contact_id", "kind", "activity_id"),
    not_negative("judgement"),
    CheckConstraint("kind BETWEEN 1 AND 8", name="kind"),
    postgresql_partition_by="RANGE (activity_id)",
)
