"""Messages with links that consent makes, on their way to delivery; who they are for is known to consent alone."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, text

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

STATES = ("waiting", "sent", "dropped")

CONFIRMATION = Table(
    "confirmation",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("message_id", Uuid, nullable=False),
    # What it is about: the consent that waits, asked for the how-manieth time, or the asking for a fresh link.
    Column("consent_id", Uuid),
    Column("confirmation_count", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    # Why it was dropped.
    Column("reason", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    instant("due_at"),
    instant("expires_at"),
    instant("created_at"),
    instant("updated_at"),
    Column("request_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "message_id"),
    not_negative("attempts"),
    CheckConstraint("state IN ('waiting', 'sent', 'dropped')", name="state"),
    CheckConstraint("(state = 'dropped') = (reason IS NOT NULL)", name="reason"),
    CheckConstraint("num_nonnulls(consent_id, request_id) = 1", name="cause"),
    CheckConstraint("confirmation_count > 0", name="confirmation_count"),
    Index("uq_confirmation_asking", "tenant_id", "consent_id", "confirmation_count", unique=True),
    Index(
        "uq_confirmation_request",
        "tenant_id",
        "request_id",
        unique=True,
        postgresql_where=text("request_id IS NOT NULL"),
    ),
    Index("ix_confirmation_due", "due_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_confirmation_created", "created_at"),
)
