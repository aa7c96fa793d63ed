"""The heads of the chains: how long each is and what it ends with, sealed with a key that is not in the database."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from services.common.db.tables import instant
from services.consent.schema import META, is_hash

consent_chain = Table(
    "consent_chain",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("chain_id", Uuid, nullable=False),
    Column("contact_id", Uuid),
    Column("address_hash", LargeBinary),
    Column("last_sequence", BigInteger, nullable=False),
    Column("last_hash", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    # From then on the subject is a random stand-in, and the personal fields of the entries are gone.
    instant("erased_at", nullable=True),
    # When a head was met that this service had not sealed.
    instant("foreign_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "chain_id"),
    CheckConstraint("num_nonnulls(contact_id, address_hash) = 1", name="subject"),
    CheckConstraint("last_sequence > 0", name="last_sequence"),
    is_hash("address_hash"),
    is_hash("last_hash"),
    is_hash("mac"),
    Index(
        "uq_consent_chain_contact",
        "tenant_id",
        "contact_id",
        unique=True,
        postgresql_where=text("contact_id IS NOT NULL"),
    ),
    Index(
        "uq_consent_chain_address",
        "tenant_id",
        "address_hash",
        unique=True,
        postgresql_where=text("address_hash IS NOT NULL"),
    ),
    Index("ix_consent_chain_erased", "erased_at", postgresql_where=text("erased_at IS NOT NULL")),
    # Heads change with every entry: a change finds room in its own page and touches no index.
    postgresql_with={"fillfactor": "80"},
)
