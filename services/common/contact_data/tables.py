"""The tables behind erasure: who was erased, by a hash that says nobody's id; the keys and the ids of people."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.common.db.rls import Operations, allow_erasure, enable_rls
from services.common.db.tables import instant


def add_erased_person(meta: MetaData) -> None:
    """Adds the table of erased people."""
    Table(
        "erased_person",
        meta,
        Column("tenant_id", Uuid, nullable=False),
        Column("person_hash", LargeBinary, nullable=False),
        Column("hash_key_id", Text, nullable=False),
        Column("tombstone_id", Uuid, nullable=False),
        # How far each large table was looked through for this person.
        Column("progress", JSONB, nullable=False),
        instant("erased_at"),
        PrimaryKeyConstraint("tenant_id", "person_hash"),
        CheckConstraint("octet_length(person_hash) = 32", name="person_hash"),
    )


def add_person_key(meta: MetaData) -> None:
    """Adds the table of people's keys."""
    Table(
        "person_key",
        meta,
        Column("tenant_id", Uuid, nullable=False),
        Column("contact_id", Uuid, nullable=False),
        Column("secret", Uuid, nullable=False),
        PrimaryKeyConstraint("tenant_id", "contact_id"),
    )


def add_merged_contact(meta: MetaData) -> None:
    """Adds the table of contacts that became part of others."""
    Table(
        "merged_contact",
        meta,
        Column("tenant_id", Uuid, nullable=False),
        Column("merged_id", Uuid, nullable=False),
        # Where it leads in one step, however many merges there were.
        Column("kept_id", Uuid, nullable=False),
        instant("merged_at"),
        instant("erased_at", nullable=True),
        PrimaryKeyConstraint("tenant_id", "merged_id"),
        CheckConstraint("merged_id <> kept_id", name="leads_on"),
        Index("ix_merged_contact_kept", "tenant_id", "kept_id"),
        Index("ix_merged_contact_erased_at", "erased_at", postgresql_where=text("erased_at IS NOT NULL")),
    )


def create_erased_person(op: Operations, schema: str) -> None:
    """Creates the table of erased people, and the right of erasures to cut them out of the audit trail."""
    op.execute(_ERASED_PERSON.format(schema=schema))
    enable_rls(op, schema, "erased_person")
    allow_erasure(op, schema, "audit", "actor, resource_id, before, after")


def create_person_key(op: Operations, schema: str) -> None:
    """Creates the table of people's keys; a key that was deleted is wiped from its page within a minute."""
    op.execute(_PERSON_KEY.format(schema=schema))
    enable_rls(op, schema, "person_key")


def create_merged_contact(op: Operations, schema: str) -> None:
    """Creates the table of contacts that became part of others."""
    for statement in _MERGED_CONTACT.format(schema=schema).strip().split(";\n"):
        op.execute(statement)
    enable_rls(op, schema, "merged_contact")


_ERASED_PERSON = """
CREATE TABLE {schema}.erased_person (
    tenant_id uuid NOT NULL,
    person_hash bytea NOT NULL CONSTRAINT ck_erased_person_person_hash CHECK (octet_length(person_hash) = 32),
    hash_key_id text NOT NULL,
    tombstone_id uuid NOT NULL,
    progress jsonb NOT NULL,
    erased_at timestamptz NOT NULL,
    CONSTRAINT pk_erased_person PRIMARY KEY (tenant_id, person_hash)
)
"""

# Rows are only ever added and deleted, so any dead row is a key that was destroyed: it goes at the next round.
_PERSON_KEY = """
CREATE TABLE {schema}.person_key (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    secret uuid NOT NULL,
    CONSTRAINT pk_person_key PRIMARY KEY (tenant_id, contact_id)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0)
"""

_MERGED_CONTACT = """
CREATE TABLE {schema}.merged_contact (
    tenant_id uuid NOT NULL,
    merged_id uuid NOT NULL,
    kept_id uuid NOT NULL,
    merged_at timestamptz NOT NULL,
    erased_at timestamptz,
    CONSTRAINT pk_merged_contact PRIMARY KEY (tenant_id, merged_id),
    CONSTRAINT ck_merged_contact_leads_on CHECK (merged_id <> kept_id)
);
CREATE INDEX ix_merged_contact_kept ON {schema}.merged_contact (tenant_id, kept_id);
CREATE INDEX ix_merged_contact_erased_at ON {schema}.merged_contact (erased_at) WHERE erased_at IS NOT NULL
"""
