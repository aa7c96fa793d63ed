"""Tables of the timeline; entries of messages and conversions are read from those themselves."""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid

from services.analytics.schema import META
from services.common.db.tables import instant, within

TIMELINE_ENTRY = Table(
    "timeline_entry",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("type", SmallInteger, nullable=False),
    Column("reference", Text, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    instant("date"),
    Column("channel", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    instant("updated_at"),
    Column("branch_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "type", "reference"),
    within("type", 1, 9),
    within("channel", 0, 6),
    Index("ix_timeline_entry_contact", "tenant_id", "contact_id", "date"),
    Index("ix_timeline_entry_date", "tenant_id", "date"),
)
