"""Table metadata of a service, and the tables that every service has.

The tables are made by migrations (`common_schema.py`); this is what queries in SQLAlchemy Core and the comparison of
migrations with metadata refer to.
"""

from collections.abc import Sequence

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

_NAMES = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}


def metadata(schema: str) -> MetaData:
    """Returns empty metadata of a schema, with the naming convention of the house."""
    return MetaData(schema=schema, naming_convention=_NAMES)


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    """Returns a column for an instant with microseconds."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def not_negative(*columns: str) -> CheckConstraint:
    """Returns the check that no number of a row is below nothing (GEN-9)."""
    least = f"LEAST({', '.join(columns)})" if len(columns) > 1 else columns[0]
    return CheckConstraint(f"{least} >= 0", name="not_negative")


def within(column: str, first: int, last: int) -> CheckConstraint:
    """Returns the check that a number is one of an enumeration's, or lies in a range."""
    return CheckConstraint(f"{column} BETWEEN {first} AND {last}", name=column)


def one_of(column: str, words: Sequence[str]) -> CheckConstraint:
    """Returns the check that a text is one of an enumeration's words."""
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, words))})", name=column)


def add_common_tables(meta: MetaData) -> None:
    """Adds the tables that every service has."""
    _add_event_tables(meta)
    _add_call_tables(meta)
    _add_work_tables(meta)


def _add_event_tables(meta: MetaData) -> None:
    Table(
        "outbox",
        meta,
        Column("tenant_id", Uuid, nullable=False),
        Column("id", BigInteger, Identity(always=True), nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("type", Text, nullable=False),
        Column("aggregate_type", Text, nullable=False),
        Column("aggregate_id", Text, nullable=False),
        Column("item_count", Integer, nullable=False),
        Column("envelope", LargeBinary, nullable=False),
        Column("position", BigInteger),
        instant("created_at"),
        PrimaryKeyConstraint("tenant_id", "id"),
        not_negative("id", "position"),
        CheckConstraint("item_count BETWEEN 1 AND 1000", name="item_count"),
        Index("ix_outbox_pending", "id", postgresql_where=text("position IS NULL")),
        Index("uq_outbox_position", "position", unique=True, postgresql_where=text("position IS NOT NULL")),
    )
    Table(
        "relay_state",
        meta,
        Column("only_row", Boolean, server_default=text("true"), nullable=False),
        Column("position", BigInteger, nullable=False),
        PrimaryKeyConstraint("only_row"),
        CheckConstraint("only_row", name="only_row"),
        CheckConstraint("position >= 0", name="position"),
    )
    Table(
        "relay_group",
        meta,
        Column("name", Text, nullable=False),
        Column("acknowledged", BigInteger, nullable=False),
        instant("updated_at"),
        PrimaryKeyConstraint("name"),
        not_negative("acknowledged"),
    )
    Table(
        "inbox",
        meta,
        Column("tenant_id", Uuid, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("source", Text, nullable=False),
        Column("type", Text, nullable=False),
        instant("applied_at"),
        PrimaryKeyConstraint("tenant_id", "event_id"),
        Index("ix_inbox_applied_at", "applied_at", postgresql_using="brin"),
    )
    Table(
        "parked_event",
        meta,
        Column("tenant_id", Uuid, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("source", Text, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("aggregate_type", Text, nullable=False),
        Column("aggregate_id", Text, nullable=False),
        Column("envelope", LargeBinary, nullable=False),
        Column("state", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        instant("next_attempt_at"),
        Column("error", Text, nullable=False),
        instant("created_at"),
        instant("updated_at"),
        PrimaryKeyConstraint("tenant_id", "event_id"),
        not_negative("position"),
        CheckConstraint("state IN ('waiting', 'dead')", name="state"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_parked_event_waiting", "source", "position", postgresql_where=text("state = 'waiting'")),
    )


def _add_call_tables(meta: MetaData) -> None:
    Table(
        "idempotency",
        meta,
        Column("tenant_id", Uuid, nullable=False),
        Column("claim_id", Uuid, nullable=False),
        Column("request_hash", LargeBinary, nullable=False),
        Column("response", LargeBinary, nullable=False),
        instant("created_at"),
        PrimaryKeyConstraint("tenant_id", "claim_id"),
        Index("ix_idempotency_created_at", "created_at", postgresql_using="brin"),
    )
    Table(
        "audit",
        meta,
        Column("tenant_id", Uuid, nullable=False),
        Column("audit_id", Uuid, nullable=False),
        Column("actor", Text, nullable=False),
        Column("roles", ARRAY(Text), nullable=False),
        Column("action", Text, nullable=False),
        Column("resource_type", Text, nullable=False),
        Column("resource_id", Text, nullable=False),
        Column("before", JSONB),
        Column("after", JSONB),
        Column("request_id", Text, nullable=False),
        instant("created_at"),
        PrimaryKeyConstraint("tenant_id", "audit_id"),
        Index("ix_audit_resource", "tenant_id", "resource_type", "resource_id", "audit_id"),
        Index("ix_audit_actor", "tenant_id", "actor", "audit_id"),
        postgresql_partition_by="RANGE (audit_id)",
    )
    Table(
        "data_key",
        meta,
        Column("tenant_id", Uuid, nullable=False),
        Column("data_key_id", Uuid, nullable=False),
        Column("master_key_id", Text, nullable=False),
        Column("wrapped_key", LargeBinary, nullable=False),
        instant("created_at"),
        instant("retired_at", nullable=True),
        PrimaryKeyConstraint("tenant_id", "data_key_id"),
    )


def _add_work_tables(meta: MetaData) -> None:
    Table(
        "lease",
        meta,
        Column("name", Text, nullable=False),
        Column("holder", Uuid, nullable=False),
        instant("acquired_at"),
        instant("expires_at"),
        PrimaryKeyConstraint("name"),
    )
    Table(
        "job_run",
        meta,
        Column("run_id", Uuid, nullable=False),
        Column("job", Text, nullable=False),
        Column("state", Text, nullable=False),
        instant("started_at"),
        instant("finished_at", nullable=True),
        Column("seen", BigInteger, nullable=False),
        Column("done", BigInteger, nullable=False),
        Column("skipped", BigInteger, nullable=False),
        Column("failed", BigInteger, nullable=False),
        Column("error", Text, nullable=False),
        PrimaryKeyConstraint("run_id"),
        not_negative("seen", "done", "skipped", "failed"),
        CheckConstraint("state IN ('running', 'succeeded', 'failed', 'lost')", name="state"),
        Index("ix_job_run_job", "job", "started_at"),
    )
    Table(
        "job_schedule",
        meta,
        Column("job", Text, nullable=False),
        instant("due_at"),
        Column("requested", Boolean, nullable=False),
        Column("overlapped", BigInteger, nullable=False),
        instant("announced_at"),
        instant("succeeded_at", nullable=True),
        PrimaryKeyConstraint("job"),
        not_negative("overlapped"),
    )
