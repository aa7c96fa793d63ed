"""Tables of referrals (LIF-11 to LIF-13)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative, within

REFERRAL_SETTINGS = Table(
    "referral_settings",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("referrer_points", Integer),
    Column("referrer_percentage", Integer),
    Column("referrer_service_id", Text),
    Column("referred_percentage", Integer),
    Column("referred_service_id", Text),
    Column("max_referrals_per_month", Integer, nullable=False),
    Column("min_order", Numeric(18, 6), nullable=False),
    Column("reward_on", SmallInteger, nullable=False),
    Column("expires_after_days", Integer, nullable=False),
    Column("clawback_days", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id"),
    CheckConstraint("LEAST(referrer_points, referrer_percentage, referred_percentage) >= 0", name="rewards"),
    not_negative("max_referrals_per_month", "expires_after_days", "clawback_days", "version"),
    CheckConstraint(
        "num_nonnulls(referrer_points, referrer_percentage, referrer_service_id) = 1", name="referrer"
    ),
    CheckConstraint("num_nonnulls(referred_percentage, referred_service_id) = 1", name="referred"),
    CheckConstraint("min_order >= 0", name="min_order"),
    CheckConstraint("reward_on IN (1, 2, 3)", name="reward_on"),
)

# A code stays with the contact it was made for; when that became part of another, it leads there.
REFERRAL_CODE = Table(
    "referral_code",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "code"),
    CheckConstraint("code = upper(code)", name="code"),
    Index("uq_referral_code_contact", "tenant_id", "contact_id", unique=True),
)

_STANDING = text("state IN (1, 2, 3)")

REFERRAL = Table(
    "referral",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("referral_id", Uuid, nullable=False),
    Column("referrer_contact_id", Uuid, nullable=False),
    Column("referral_code", Text, nullable=False),
    Column("referred_contact_id", Uuid, nullable=False),
    # Null once the person is erased.
    Column("referred_phone", Text),
    Column("state", SmallInteger, nullable=False),
    # Where it stood before it was found to be fraud.
    Column("state_before", SmallInteger),
    Column("fraud_reason", Text),
    Column("first_invoice_id", Text),
    Column("first_invoice_amount", Numeric(18, 6)),
    Column("currency", Text, nullable=False),
    Column("referrer_points", Integer),
    Column("referrer_percentage", Integer),
    Column("referrer_service_id", Text),
    Column("referrer_coupon_id", Uuid),
    # How often points were asked for: again each time they were taken back and are given again.
    Column("credits", Integer, nullable=False, server_default=text("0")),
    instant("referrer_rewarded_at", nullable=True),
    Column("referred_percentage", Integer),
    Column("referred_service_id", Text),
    Column("referred_coupon_id", Uuid),
    instant("referred_rewarded_at", nullable=True),
    # Coupons that fraud took out of use.
    Column("ended_coupon_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'::uuid[]")),
    instant("created_at"),
    instant("expires_at"),
    instant("converted_at", nullable=True),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "referral_id"),
    within("state_before", 1, 5),
    ForeignKeyConstraint(
        ["tenant_id", "referred_coupon_id"], ["campaign.coupon.tenant_id", "campaign.coupon.coupon_id"]
    ),
    ForeignKeyConstraint(
        ["tenant_id", "referrer_coupon_id"], ["campaign.coupon.tenant_id", "campaign.coupon.coupon_id"]
    ),
    not_negative(
        "first_invoice_amount", "referrer_points", "referrer_percentage", "credits", "referred_percentage"
    ),
    CheckConstraint("state IN (1, 2, 3, 4, 5)", name="state"),
    CheckConstraint(
        "(state = 5) = (state_before IS NOT NULL) AND (state = 5) = (fraud_reason IS NOT NULL)", name="fraud"
    ),
    CheckConstraint("state NOT IN (2, 3) OR converted_at IS NOT NULL", name="converted"),
    CheckConstraint("state <> 3 OR referrer_rewarded_at IS NOT NULL", name="rewarded"),
    Index(
        "uq_referral_contact",
        "tenant_id",
        "referred_contact_id",
        unique=True,
        postgresql_where=_STANDING,
    ),
    Index("uq_referral_phone", "tenant_id", "referred_phone", unique=True, postgresql_where=_STANDING),
    Index("ix_referral_referrer", "tenant_id", "referrer_contact_id", "created_at"),
    Index("ix_referral_code", "tenant_id", "referral_code"),
    Index("ix_referral_referred", "tenant_id", "referred_contact_id", "state"),
    Index(
        "ix_referral_invoice",
        "tenant_id",
        "first_invoice_id",
        postgresql_where=text("first_invoice_id IS NOT NULL"),
    ),
    Index("ix_referral_due", "expires_at", postgresql_where=text("state = 1")),
    Index("ix_referral_over", "updated_at", postgresql_where=text("state = 4")),
)
