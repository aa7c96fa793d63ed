"""Tables of contacts, of what was told of them, and of staff (CAM-5, CAM-6, CAM-80)."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative, within

CONTACT = Table(
    "contact",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("external_id", Text),
    Column("branch_id", Uuid),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("name", Text),
    Column("email", Text),
    Column("email_canonical", Text),
    Column("phone", Text),
    Column("language_code", Text),
    Column("time_zone", Text),
    Column("region_code", Text),
    # Null while as it was when the row came.
    instant("language_code_changed_at", nullable=True),
    instant("time_zone_changed_at", nullable=True),
    Column("source", Text),
    Column("customer_type", Text),
    Column("tags", ARRAY(Text), nullable=False),
    Column("attributes", JSONB, nullable=False),
    Column("birth_month", SmallInteger),
    Column("birth_day", SmallInteger),
    Column("birth_year", SmallInteger),
    Column("anniversary_month", SmallInteger),
    Column("anniversary_day", SmallInteger),
    Column("anniversary_year", SmallInteger),
    instant("first_visit_at", nullable=True),
    instant("last_visit_at", nullable=True),
    Column("visit_count", Integer, nullable=False),
    instant("last_purchase_at", nullable=True),
    Column("purchase_count", Integer, nullable=False),
    Column("total_spend_minor", BigInteger, nullable=False),
    instant("last_activity_at", nullable=True),
    Column("membership_status", Text),
    instant("membership_expires_at", nullable=True),
    Column("loyalty_points", Integer, nullable=False),
    Column("engagement_score", SmallInteger),
    Column("assigned_staff_id", Text),
    # [{package_ref, name, remaining, expires_at}], by package_ref.
    Column("packages", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("points_expiring", Integer, nullable=False, server_default=text("0")),
    Column("points_expire_on", Date),
    Column("attended_event_refs", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    # The contact that this one became part of; its external id leads there too.
    Column("merged_into", Uuid),
    Column("state", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    instant("erased_at", nullable=True),
    # The name in small letters, by code points: so it is found by how it begins, within the policies too.
    Column("name_folded", Text(collation="C"), Computed("lower(name)", persisted=True)),
    PrimaryKeyConstraint("tenant_id", "contact_id"),
    ForeignKeyConstraint(
        ["tenant_id", "branch_id"], ["campaign.branch.tenant_id", "campaign.branch.branch_id"]
    ),
    within("birth_month", 1, 12),
    within("birth_day", 1, 31),
    within("anniversary_month", 1, 12),
    within("anniversary_day", 1, 31),
    not_negative("birth_year", "anniversary_year", "version"),
    CheckConstraint("state BETWEEN 1 AND 4", name="state"),
    CheckConstraint(
        "(state = 3) = (erased_at IS NOT NULL) AND (state < 3 OR num_nonnulls(first_name, last_name, name, email,"
        " email_canonical, phone, branch_id) = 0) AND (state <> 3 OR external_id IS NULL)",
        name="erased",
    ),
    CheckConstraint("(state = 4) = (merged_into IS NOT NULL)", name="merged"),
    CheckConstraint("jsonb_typeof(packages) = 'array'", name="packages"),
    CheckConstraint("points_expiring >= 0", name="points_expiring"),
    CheckConstraint("visit_count >= 0 AND purchase_count >= 0 AND total_spend_minor >= 0", name="counts"),
    CheckConstraint("engagement_score BETWEEN 0 AND 100", name="engagement_score"),
    CheckConstraint(
        "membership_status IN ('none', 'active', 'expired', 'cancelled')", name="membership_status"
    ),
    CheckConstraint("cardinality(tags) <= 100", name="tags"),
    Index(
        "uq_contact_external_id",
        "tenant_id",
        "external_id",
        unique=True,
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    Index("ix_contact_email", "tenant_id", "email_canonical"),
    # Partial where many contacts have nothing to say, so that an import does not pay for them.
    Index("ix_contact_phone", "tenant_id", "phone", postgresql_where=text("phone IS NOT NULL")),
    Index("ix_contact_branch", "tenant_id", "branch_id", postgresql_where=text("branch_id IS NOT NULL")),
    Index(
        "ix_contact_birthday",
        "tenant_id",
        "birth_month",
        "birth_day",
        postgresql_where=text("birth_month > 0"),
    ),
    Index(
        "ix_contact_anniversary",
        "tenant_id",
        "anniversary_month",
        "anniversary_day",
        postgresql_where=text("anniversary_month > 0"),
    ),
    Index(
        "ix_contact_last_visit",
        "tenant_id",
        "last_visit_at",
        postgresql_where=text("last_visit_at IS NOT NULL"),
    ),
    Index(
        "ix_contact_total_spend",
        "tenant_id",
        "total_spend_minor",
        postgresql_where=text("total_spend_minor > 0"),
    ),
    Index(
        "ix_contact_last_purchase",
        "tenant_id",
        "last_purchase_at",
        postgresql_where=text("last_purchase_at IS NOT NULL"),
    ),
    Index(
        "ix_contact_last_activity",
        "tenant_id",
        "last_activity_at",
        postgresql_where=text("last_activity_at IS NOT NULL"),
    ),
    Index(
        "ix_contact_staff",
        "tenant_id",
        "assigned_staff_id",
        postgresql_where=text("assigned_staff_id IS NOT NULL"),
    ),
    # Few contacts have any of these: the index says who, and the row says what.
    Index("ix_contact_packages", "tenant_id", postgresql_where=text("packages <> '[]'::jsonb")),
    Index("ix_contact_attended", "tenant_id", postgresql_where=text("attended_event_refs <> '{}'::text[]")),
    Index(
        "ix_contact_membership",
        "tenant_id",
        "membership_expires_at",
        postgresql_where=text("membership_status = 'active'"),
    ),
    Index("ix_contact_merged", "tenant_id", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    Index("ix_contact_name", "tenant_id", "name_folded", postgresql_where=text("name_folded IS NOT NULL")),
)

# What devices and consents say of a contact, copied for segments; decisions never read it. Apart from the contact,
# whose wide rows and many indexes should not be written anew for each consent.
CONTACT_REACH = Table(
    "contact_reach",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("email_consented", Boolean, nullable=False, server_default=text("false")),
    Column("sms_consented", Boolean, nullable=False, server_default=text("false")),
    Column("whatsapp_consented", Boolean, nullable=False, server_default=text("false")),
    Column("push_consented", Boolean, nullable=False, server_default=text("false")),
    Column("push_reachable", Boolean, nullable=False, server_default=text("false")),
    Column("has_whatsapp", Boolean, nullable=False, server_default=text("false")),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "contact_id"),
)

# The last that was told of one thing of a contact: a visit, a membership, a package, its points, its own fields.
# Who told it, and when, decides which of two events holds, whatever order they come in (CAM-80).
CONTACT_FACT = Table(
    "contact_fact",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("ref", Text, nullable=False),
    # Null while only events came that do not name the person.
    Column("contact_id", Uuid),
    Column("data", JSONB, nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "kind", "ref"),
    CheckConstraint("kind BETWEEN 1 AND 7", name="kind"),
    Index("ix_contact_fact_contact", "tenant_id", "contact_id", "kind"),
    Index("ix_contact_fact_updated", "updated_at", postgresql_where=text("kind IN (1, 7)")),
)

# Which contact became part of which, and how far the lines of campaigns followed it.
CONTACT_MERGE = Table(
    "contact_merge",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("merged_id", Uuid, nullable=False),
    Column("kept_id", Uuid, nullable=False),
    Column("merged_by", Text, nullable=False),
    instant("merged_at"),
    # Lines up to this one were looked through; null before the first piece.
    Column("moved_up_to", Uuid),
    instant("moved_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "merged_id"),
    Index("ix_contact_merge_waiting", "merged_at", postgresql_where=text("moved_at IS NULL")),
)
