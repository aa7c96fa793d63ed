"""Messages that ask people to confirm a consent, on their way to delivery; who they are for is known to consent alone."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, text

from services.campaign.schema import META
from services.common.db.tables import instant

STATES = ("waiting", "sent", "dropped")

CONFIRMATION = Table(
    "confirmation",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("consent_id", Uuid, nullable=False),
    Column("confirmation_count", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    # Why it was dropped.
    Column("reason", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    instant("due_at"),
    instant("expires_at"),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "message_id"),
    CheckConstraint("state IN ('waiting', 'sent', 'dropped')", name="state"),
    CheckConstraint("(state = 'dropped') = (reason IS NOT NULL)", name="reason"),
    CheckConstraint("confirmation_count > 0", name="confirmation_count"),
    Index("uq_confirmation_asking", "tenant_id", "consent_id", "confirmation_count", unique=True),
    Index("ix_confirmation_due", "due_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_confirmation_created", "created_at"),
)
