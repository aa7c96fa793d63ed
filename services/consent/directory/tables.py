"""The contact directory: what this service knows of contacts, fed by events (CON-13)."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text, Uuid, text

from services.common.db.tables import instant, one_of
from services.consent.schema import META, is_hash

contact = Table(
    "contact",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("branch_id", Uuid),
    Column("language", Text),
    Column("time_zone", Text),
    # Where the contact is, by ISO 3166; null when nobody said.
    Column("region_code", Text),
    Column("email_hash", LargeBinary),
    Column("email_hint", Text),
    Column("sms_hash", LargeBinary),
    Column("whatsapp_hash", LargeBinary),
    Column("phone_hint", Text),
    Column("hash_key_id", Text),
    # When the fact happened that this row tells; an older one arriving late changes nothing.
    instant("seen_at"),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "contact_id"),
    one_of("state", ("active", "blocked", "erased")),
    is_hash("email_hash"),
    is_hash("sms_hash"),
    is_hash("whatsapp_hash"),
    Index("ix_contact_email", "tenant_id", "email_hash", postgresql_where=text("email_hash IS NOT NULL")),
    # Text and WhatsApp addresses are the same number under two hashes; one index finds it.
    Index("ix_contact_sms", "tenant_id", "sms_hash", postgresql_where=text("sms_hash IS NOT NULL")),
)
