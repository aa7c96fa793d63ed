"""Privacy requests, their steps, and archives in pieces (CON-11)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.common.contact_data.tables import add_erased_person, add_merged_contact
from services.common.db.tables import instant, not_negative, one_of
from services.consent.schema import META

PIECE_BYTES = 262_144
"""Bytes of a piece before it is sealed; a download answers with as many at once."""

add_erased_person(META)
add_merged_contact(META)

privacy_request = Table(
    "privacy_request",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("privacy_request_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    # Stands for the person, once erased, in every service.
    Column("tombstone_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("verified_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    instant("requested_at"),
    instant("due_at"),
    instant("next_at"),
    instant("completed_at", nullable=True),
    instant("result_expires_at", nullable=True),
    Column("result_size", BigInteger, nullable=False, server_default=text("0")),
    Column("failure_reason", Text, nullable=False, server_default=text("''")),
    # The key of the archive, wrapped; without it the pieces are noise.
    Column("archive_master_id", Text),
    Column("archive_key", LargeBinary),
    Column("receipt", LargeBinary),
    Column("receipt_signature", Text),
    Column("receipt_key_id", Text),
    # Looked for again so many times already, and when next.
    Column("aftercare", SmallInteger, nullable=False, server_default=text("0")),
    instant("aftercare_at", nullable=True),
    # Entries that were added when an erasure was asked for, so that refusing it takes them back.
    Column("suppression_ids", JSONB, nullable=False, server_default=text("'[]'")),
    PrimaryKeyConstraint("tenant_id", "privacy_request_id"),
    not_negative("result_size", "aftercare"),
    one_of("kind", ("export", "erasure")),
    one_of("state", ("received", "running", "completed", "failed", "rejected")),
    one_of("format", ("json", "csv")),
    CheckConstraint("length(verified_by) <= 200", name="verified_by"),
    CheckConstraint("length(reason) <= 500", name="reason"),
    Index(
        "uq_privacy_request_open",
        "tenant_id",
        "contact_id",
        "kind",
        unique=True,
        postgresql_where=text("state IN ('received', 'running')"),
    ),
    Index("ix_privacy_request_contact", "tenant_id", "contact_id", "privacy_request_id"),
    Index("ix_privacy_request_next", "next_at", postgresql_where=text("state IN ('received', 'running')")),
    Index(
        "ix_privacy_request_expiring",
        "result_expires_at",
        postgresql_where=text("archive_key IS NOT NULL"),
    ),
    Index("ix_privacy_request_aftercare", "aftercare_at", postgresql_where=text("aftercare_at IS NOT NULL")),
)

privacy_step = Table(
    "privacy_step",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("privacy_request_id", Uuid, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("service", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("is_done", Boolean, nullable=False, server_default=text("false")),
    Column("rows", BigInteger, nullable=False, server_default=text("0")),
    Column("remaining", BigInteger, nullable=False, server_default=text("0")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=text("''")),
    Column("stores", JSONB, nullable=False, server_default=text("'[]'")),
    instant("completed_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "privacy_request_id", "number"),
    ForeignKeyConstraint(
        ["tenant_id", "privacy_request_id"],
        ["consent.privacy_request.tenant_id", "consent.privacy_request.privacy_request_id"],
        ondelete="CASCADE",
    ),
    one_of("service", ("consent", "campaign", "delivery", "analytics")),
    one_of("action", ("collect", "assemble", "suppress", "cancel", "erase", "verify")),
    not_negative("number", "rows", "remaining", "attempts"),
)

privacy_piece = Table(
    "privacy_piece",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("privacy_request_id", Uuid, nullable=False),
    # The service whose records it holds, or `archive`.
    Column("part", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "privacy_request_id", "part", "number"),
    ForeignKeyConstraint(
        ["tenant_id", "privacy_request_id"],
        ["consent.privacy_request.tenant_id", "consent.privacy_request.privacy_request_id"],
        ondelete="CASCADE",
    ),
    not_negative("number"),
    CheckConstraint(f"octet_length(sealed) <= {PIECE_BYTES + 64}", name="sealed"),
)
