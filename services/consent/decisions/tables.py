"""Stored decisions (CON-9) and what their checks saw, in partitions of a month."""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text, Uuid

from services.common.db.tables import instant, one_of
from services.consent.schema import CHANNELS, META, is_hash

decision = Table(
    "decision",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("decision_id", Uuid, nullable=False),
    Column("contact_id", Uuid),
    Column("address_hash", LargeBinary),
    Column("message_id", Uuid),
    Column("branch_id", Uuid),
    Column("channel", Text, nullable=False),
    # The class follows from the category.
    Column("category", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    instant("defer_until", nullable=True),
    # One byte per check that ran, in order: its number times four plus its outcome.
    Column("checks", LargeBinary, nullable=False),
    # What the checks that denied or deferred saw, in their order, one line each.
    Column("detail", Text),
    Column("time_zone", Text, nullable=False),
    # What every check saw, which many decisions share; of the same month, so that both go together.
    Column("verdict_id", Uuid),
    instant("evaluated_for"),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "decision_id"),
    is_hash("address_hash"),
    one_of("channel", CHANNELS),
    one_of("outcome", ("allow", "deny", "defer")),
    CheckConstraint("(outcome = 'allow') = (reason IS NULL)", name="reason"),
    CheckConstraint("(outcome = 'defer') = (defer_until IS NOT NULL)", name="defer_until"),
    Index("ix_decision_contact", "tenant_id", "contact_id", "decision_id"),
    Index("ix_decision_message", "tenant_id", "message_id"),
    postgresql_partition_by="RANGE (decision_id)",
)

verdict = Table(
    "verdict",
    META,
    Column("tenant_id", Uuid, nullable=False),
    # The month and a hash of the rest: equal verdicts of a month are one row.
    Column("verdict_id", Uuid, nullable=False),
    # What each check that ran saw, in their order, one line each; nothing personal.
    Column("facts", Text, nullable=False),
    # Codes of the places whose laws were held, in order, with blanks between.
    Column("jurisdictions", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "verdict_id"),
    postgresql_partition_by="RANGE (verdict_id)",
)
