"""Tables of follow-ups (LIF-14)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

STAFF_FOLLOWUP = Table(
    "staff_followup",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("followup_id", Uuid, nullable=False),
    Column("staff_id", Text, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("reminder_date", Date, nullable=False),
    # Null means 09:00.
    Column("reminder_time", Text),
    instant("due_at"),
    Column("note", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    instant("completed_at", nullable=True),
    # When the staff member was reminded of due_at.
    instant("notified_at", nullable=True),
    Column("created_by", Text, nullable=False),
    Column("version", Integer, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "followup_id"),
    not_negative("version"),
    CheckConstraint("state IN (1, 2, 3)", name="state"),
    CheckConstraint("(state = 2) = (completed_at IS NOT NULL)", name="completed"),
    Index("ix_staff_followup_staff", "tenant_id", "staff_id", "reminder_date", "state"),
    Index("ix_staff_followup_contact", "tenant_id", "contact_id"),
    Index("ix_staff_followup_due", "due_at", postgresql_where=text("state = 1 AND notified_at IS NULL")),
    Index("ix_staff_followup_over", "updated_at", postgresql_where=text("state > 1")),
)
