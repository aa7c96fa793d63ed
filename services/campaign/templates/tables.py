"""Tables of templates (CAM-9 to CAM-11)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
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

TEMPLATE = Table(
    "template",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("template_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("template_type", SmallInteger, nullable=False),
    Column("category", SmallInteger, nullable=False),
    Column("active_version", Integer),
    Column("active_version_id", Uuid),
    Column("is_system", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    instant("archived_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "template_id"),
    CheckConstraint("channel BETWEEN 1 AND 6", name="channel"),
    CheckConstraint("template_type BETWEEN 1 AND 3", name="template_type"),
    CheckConstraint("category BETWEEN 1 AND 37", name="category"),
    CheckConstraint("(active_version IS NULL) = (active_version_id IS NULL)", name="active_version"),
    Index(
        "uq_template_name",
        "tenant_id",
        "channel",
        "name",
        unique=True,
        postgresql_where=text("archived_at IS NULL"),
    ),
)

TEMPLATE_VERSION = Table(
    "template_version",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("template_version_id", Uuid, nullable=False),
    Column("template_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("fallback_language_code", Text, nullable=False),
    Column("variables", JSONB, nullable=False),
    Column("used", ARRAY(Text), nullable=False),
    Column("spam_score", Integer, nullable=False),
    Column("spam_flags", ARRAY(Text), nullable=False),
    Column("created_by", Text, nullable=False),
    instant("created_at"),
    instant("published_at", nullable=True),
    Column("shorten_links", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("tenant_id", "template_version_id"),
    ForeignKeyConstraint(
        ["tenant_id", "template_id"],
        ["campaign.template.tenant_id", "campaign.template.template_id"],
        ondelete="CASCADE",
    ),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("state BETWEEN 1 AND 3", name="state"),
    Index("uq_template_version_number", "tenant_id", "template_id", "number", unique=True),
    Index(
        "uq_template_version_active",
        "tenant_id",
        "template_id",
        unique=True,
        postgresql_where=text("state = 2"),
    ),
)

TEMPLATE_CONTENT = Table(
    "template_content",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("template_version_id", Uuid, nullable=False),
    Column("language_code", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False),
    Column("body_text", Text, nullable=False),
    Column("body_html", Text, nullable=False),
    Column("body_amp", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("tenant_id", "template_version_id", "language_code"),
    ForeignKeyConstraint(
        ["tenant_id", "template_version_id"],
        ["campaign.template_version.tenant_id", "campaign.template_version.template_version_id"],
        ondelete="CASCADE",
    ),
)
