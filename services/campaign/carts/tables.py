"""Tables of carts and view counters (LIF-7)."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

CART = Table(
    "cart",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("cart_ref", Text, nullable=False),
    Column("contact_id", Uuid),
    Column("branch_id", Uuid),
    Column("items", JSONB, nullable=False),
    Column("amount", Numeric(18, 6)),
    Column("currency", Text),
    Column("state", SmallInteger, nullable=False),
    instant("last_activity_at"),
    # When what is in it, and where it stands, were last told.
    instant("filled_at", nullable=True),
    instant("state_at", nullable=True),
    instant("completed_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "cart_ref"),
    not_negative("amount"),
    CheckConstraint("state BETWEEN 1 AND 3", name="state"),
    Index("ix_cart_contact", "tenant_id", "contact_id"),
    Index("ix_cart_resting", "tenant_id", "last_activity_at", postgresql_where=text("state = 1")),
    Index("ix_cart_updated_at", "updated_at"),
)

VIEW_COUNTER = Table(
    "view_counter",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("subject_ref", Text, nullable=False),
    Column("views", ARRAY(DateTime(timezone=True)), nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "contact_id", "subject_ref"),
    Index("ix_view_counter_updated_at", "updated_at"),
)
