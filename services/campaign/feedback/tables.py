"""Tables of feedback and of the requests for it (LIF-15)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.campaign.schema import META
from services.common.db.tables import instant

FEEDBACK_REQUEST = Table(
    "feedback_request",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("request_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("branch_id", Uuid),
    Column("reference_id", Text, nullable=False),
    instant("visited_at", nullable=True),
    instant("expires_at"),
    instant("responded_at", nullable=True),
    instant("created_at"),
    Column("message_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "request_id"),
    Index("uq_feedback_request_reference", "tenant_id", "contact_id", "reference_id", unique=True),
    Index("ix_feedback_request_expires_at", "expires_at", postgresql_using="brin"),
)

FEEDBACK = Table(
    "feedback",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("feedback_id", Uuid, nullable=False),
    Column("request_id", Uuid),
    Column("contact_id", Uuid, nullable=False),
    Column("branch_id", Uuid),
    Column("reference_id", Text, nullable=False),
    Column("rating", SmallInteger, nullable=False),
    Column("comment", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("handled_by", Text),
    instant("handled_at", nullable=True),
    Column("handled_note", Text),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "feedback_id"),
    ForeignKeyConstraint(
        ["tenant_id", "request_id"],
        ["campaign.feedback_request.tenant_id", "campaign.feedback_request.request_id"],
        ondelete="SET NULL (request_id)",
    ),
    CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
    CheckConstraint("source IN ('link', 'staff', 'api')", name="source"),
    CheckConstraint("num_nonnulls(handled_by, handled_at, handled_note) IN (0, 3)", name="handled"),
    Index("uq_feedback_reference", "tenant_id", "contact_id", "reference_id", unique=True),
    Index("ix_feedback_created_at", "tenant_id", "created_at"),
    Index("ix_feedback_age", "created_at", postgresql_using="brin"),
    Index(
        "ix_feedback_waiting",
        "tenant_id",
        "feedback_id",
        postgresql_where=text("rating <= 2 AND handled_at IS NULL"),
    ),
)
