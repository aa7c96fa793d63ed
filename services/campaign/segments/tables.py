"""Tables of segments (CAM-7, CAM-8)."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
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
from services.common.db.tables import instant, not_negative

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
    Column("is_dynamic", Boolean, nullable=False, server_default=text("true")),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    PrimaryKeyConstraint("tenant_id", "segment_id"),
    not_negative("version"),
    CheckConstraint("kind IN (1, 2)", name="kind"),
    CheckConstraint("contact_count >= 0", name="contact_count"),
    Index("uq_segment_name", "tenant_id", "name", unique=True, postgresql_where=text("archived_at IS NULL")),
    Index("ix_segment_active", "tenant_id", "is_active"),
)

# Of a static segment what it is, of a dynamic one what it was when it was last brought up to date. No foreign key: a
# million members are written at once, and those of an archived segment are removed in batches.
SEGMENT_MEMBER = Table(
    "segment_member",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("segment_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    instant("added_at"),
    # Null when a rule did.
    Column("added_by", Text),
    PrimaryKeyConstraint("tenant_id", "segment_id", "contact_id"),
    Index("ix_segment_member_contact", "tenant_id", "contact_id"),
)

# Whom campaigns leave out. The nil id stands for all contacts.
SEGMENT_HOLDOUT = Table(
    "segment_holdout",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("segment_id", Uuid, nullable=False),
    Column("basis_points", SmallInteger, nullable=False),
    Column("salt", Text, nullable=False),
    Column("updated_by", Text, nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "segment_id"),
    CheckConstraint("basis_points BETWEEN 0 AND 5000", name="basis_points"),
)
