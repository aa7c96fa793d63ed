"""Table of approvals by WhatsApp: one row per content and business account; of the platform's templates too (CAM-94)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from services.campaign.schema import META
from services.common.db.tables import instant

WHATSAPP_APPROVAL = Table(
    "whatsapp_approval",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("template_version_id", Uuid, nullable=False),
    Column("language_code", Text, nullable=False),
    Column("business_account", Text, nullable=False),
    Column("provider_account_id", Uuid, nullable=False),
    Column("whatsapp_template_name", Text, nullable=False),
    Column("whatsapp_template_id", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    instant("submitted_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "template_version_id", "language_code", "business_account"),
    CheckConstraint("state BETWEEN 1 AND 5", name="state"),
    Index("ix_whatsapp_approval_name", "whatsapp_template_name", "provider_account_id"),
    Index("ix_whatsapp_approval_pending", "provider_account_id", postgresql_where=text("state = 1")),
)
