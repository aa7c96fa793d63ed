"""Tables of the spend check."""

from sqlalchemy import Column, Numeric, PrimaryKeyConstraint, Table, Text, Uuid

from services.analytics.schema import META
from services.common.db.tables import instant, not_negative

SPEND_CHECK = Table(
    "spend_check",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("billing_period", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("spend", Numeric(24, 6), nullable=False),
    Column("facts", Numeric(24, 6), nullable=False),
    Column("ledger", Numeric(24, 6)),
    instant("checked_at"),
    # Since when they differ; empty when they are equal.
    instant("differs_since", nullable=True),
    PrimaryKeyConstraint("tenant_id", "billing_period", "currency"),
    not_negative("spend", "facts", "ledger"),
)
