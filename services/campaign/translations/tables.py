"""Table of translations (CAM-12); those of the platform are files."""

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, Table, Text, Uuid

from services.campaign.schema import META
from services.common.db.tables import instant

TRANSLATION = Table(
    "translation",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("key", Text(collation="C"), nullable=False),
    Column("language_code", Text(collation="C"), nullable=False),
    Column("value", Text, nullable=False),
    Column("updated_by", Text, nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "key", "language_code"),
    CheckConstraint("char_length(key) BETWEEN 1 AND 200", name="key"),
)
