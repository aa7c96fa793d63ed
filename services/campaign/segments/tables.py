"""Tables of segments (CAM-7)."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
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
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant

SEGMENT = Table(
    "segment",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("segment_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("rule", JSONB, nullable=False),
    Column("branch_ids", ARRAY(Uuid), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("contact_count", BigInteger, nullable=False),
    instant("refreshed_at", nullable=True),
    Column("version", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    instant("archived_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "segment_id"),
    CheckConstraint("kind IN (1, 2)", name="kind"),
    CheckConstraint("contact_count >= 0", name="contact_count"),
    Index("uq_segment_name", "tenant_id", "name", unique=True, postgresql_where=text("archived_at IS NULL")),
)
