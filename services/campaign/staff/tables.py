"""Tables of staff and of what they are told (CAM-6)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

STAFF_MEMBER = Table(
    "staff_member",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("staff_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("email", Text, nullable=False),
    Column("is_email_verified", Boolean, nullable=False),
    Column("language_code", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("branch_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'::uuid[]")),
    Column("phone", Text, nullable=False, server_default=text("''::text")),
    Column("is_disabled", Boolean, nullable=False, server_default=text("false")),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "staff_id"),
)

# On its way to delivery; whom it goes to is looked up when it is handed over.
STAFF_ALERT = Table(
    "staff_alert",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("alert_id", Uuid, nullable=False),
    Column("template_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("branch_id", Uuid),
    Column("variables", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    # Why it was dropped.
    Column("reason", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    instant("due_at"),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "alert_id"),
    not_negative("attempts"),
    CheckConstraint("state IN ('waiting', 'sent', 'dropped')", name="state"),
    CheckConstraint("(state = 'dropped') = (reason IS NOT NULL)", name="reason"),
    Index("ix_staff_alert_due", "due_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_staff_alert_created", "created_at"),
)
