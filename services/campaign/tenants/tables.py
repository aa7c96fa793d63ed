"""Tables of tenants and their settings (CAM-1, CAM-2)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
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
from services.common.db.tables import instant, not_negative

TENANT = Table(
    "tenant",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("currency_code", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("default_time_zone", Text, nullable=False),
    Column("default_language_code", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("tenant_id"),
    not_negative("version"),
    CheckConstraint("state BETWEEN 1 AND 3", name="state"),
)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _channels(name: str) -> Column[object]:
    return Column(name, ARRAY(SmallInteger), nullable=False)


MARKETING_SETTINGS = Table(
    "marketing_settings",
    META,
    Column("tenant_id", Uuid, nullable=False),
    _flag("marketing_enabled"),
    _channels("enabled_channels"),
    _channels("blocked_channels"),
    _text("email_from_address"),
    _text("email_from_name"),
    _text("reply_to_address"),
    _text("send_window_start"),
    _text("send_window_end"),
    _text("sms_window_start"),
    _text("sms_window_end"),
    _text("quiet_hours_start"),
    _text("quiet_hours_end"),
    _number("daily_message_limit_per_contact"),
    _number("weekly_message_limit_per_contact"),
    Column("monthly_budget_limit", Numeric(18, 6)),
    _number("budget_alert_threshold_percent"),
    _flag("campaign_approval_required"),
    _number("campaign_approval_threshold_recipients"),
    _flag("allow_self_approval"),
    _channels("double_opt_in_channels"),
    _number("consent_validity_days"),
    _channels("dnd_channels"),
    Column("dnd_registries", ARRAY(Text), nullable=False),
    _text("logo_url"),
    _text("primary_color"),
    _text("footer_text"),
    _text("postal_address"),
    _flag("tracking_enabled"),
    Column("sms_fallback_enabled", Boolean, nullable=False, server_default=text("true")),
    Column("pass_terms", Text, nullable=False, server_default=text("''::text")),
    Column("amp_enabled", Boolean, nullable=False, server_default=text("false")),
    Column("daily_email_limit", Integer, nullable=False, server_default=text("0")),
    Column("daily_sms_limit", Integer, nullable=False, server_default=text("0")),
    Column("monthly_email_limit", Integer, nullable=False, server_default=text("0")),
    Column("monthly_sms_limit", Integer, nullable=False, server_default=text("0")),
    _number("version"),
    instant("created_at"),
    instant("updated_at"),
    *(
        Column(name, Text, nullable=False, server_default=text("''::text"))
        for name in (
            "whatsapp_provider",
            "whatsapp_business_number",
            "whatsapp_business_id",
            "sms_provider",
            "sms_sender_id",
            "sms_callback_number",
            "email_provider",
        )
    ),
    # What delivery has still to be told of queued marketing: hold it, or let it go.
    Column("delivery_order", SmallInteger, nullable=False, server_default=text("0")),
    instant("order_due_at", nullable=True),
    Column("order_attempts", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("tenant_id"),
    not_negative(
        "version",
        "daily_email_limit",
        "daily_sms_limit",
        "monthly_email_limit",
        "monthly_sms_limit",
        "order_attempts",
    ),
    CheckConstraint("daily_message_limit_per_contact >= 0", name="daily_limit"),
    CheckConstraint("weekly_message_limit_per_contact >= 0", name="weekly_limit"),
    CheckConstraint("monthly_budget_limit >= 0", name="budget"),
    CheckConstraint("budget_alert_threshold_percent BETWEEN 1 AND 100", name="alert_threshold"),
    CheckConstraint("campaign_approval_threshold_recipients >= 0", name="approval_threshold"),
    CheckConstraint("consent_validity_days >= 0", name="consent_validity"),
    CheckConstraint("delivery_order BETWEEN 0 AND 2", name="delivery_order"),
    Index("ix_marketing_settings_order", "order_due_at", postgresql_where=text("delivery_order > 0")),
)
