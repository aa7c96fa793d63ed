"""The do-not-disturb registries, shared by all tenants (CON-7, CON-8)."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from services.common.db.tables import instant, one_of
from services.consent.schema import META, is_hash

dnd_import = Table(
    "dnd_import",
    META,
    Column("dnd_import_id", Uuid, nullable=False),
    Column("registry", Text, nullable=False),
    Column("file_name", Text, nullable=False, server_default=text("''")),
    Column("checksum", LargeBinary, nullable=False),
    Column("mode", Text, nullable=False),
    Column("rows_total", Integer, nullable=False, server_default=text("0")),
    Column("rows_added", Integer, nullable=False, server_default=text("0")),
    Column("rows_removed", Integer, nullable=False, server_default=text("0")),
    Column("rows_invalid", Integer, nullable=False, server_default=text("0")),
    Column("status", Text, nullable=False),
    instant("started_at"),
    instant("finished_at", nullable=True),
    Column("requested_by", Text),
    Column("requested_in", Uuid),
    Column("error", Text),
    PrimaryKeyConstraint("dnd_import_id"),
    one_of("mode", ("full", "delta")),
    one_of("status", ("running", "completed", "failed")),
    CheckConstraint("least(rows_total, rows_added, rows_removed, rows_invalid) >= 0", name="rows"),
    Index(
        "uq_dnd_import_checksum",
        "registry",
        "checksum",
        unique=True,
        postgresql_where=text("status <> 'failed'"),
    ),
)

dnd_entry = Table(
    "dnd_entry",
    META,
    Column("registry", Text, nullable=False),
    Column("phone_hash", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("categories", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    instant("listed_at"),
    Column("last_import_id", Uuid),
    instant("removed_at", nullable=True),
    PrimaryKeyConstraint("phone_hash", "registry"),
    is_hash("phone_hash"),
)
