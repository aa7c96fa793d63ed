"""Media assets (DEL-16)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from services.common.db.tables import instant, not_negative
from services.delivery.schema import META

media_asset = Table(
    "media_asset",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("media_id", Uuid, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("alt", Text, nullable=False),
    Column("source_url", Text, nullable=False),
    Column("checksum", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "media_id"),
    not_negative("width", "height"),
    CheckConstraint("(kind >= 1) AND (kind <= 3)", name="kind"),
    Index("uq_media_asset_checksum", "tenant_id", "checksum", unique=True),
)

media_source = Table(
    "media_source",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("url_hash", LargeBinary, nullable=False),
    Column("media_id", Uuid, nullable=False),
    instant("fetched_at"),
    PrimaryKeyConstraint("tenant_id", "url_hash"),
    ForeignKeyConstraint(
        ["tenant_id", "media_id"],
        ["delivery.media_asset.tenant_id", "delivery.media_asset.media_id"],
        ondelete="CASCADE",
    ),
    Index("ix_media_source_media_id", "tenant_id", "media_id"),
    Index("ix_media_source_fetched_at", "fetched_at"),
)
