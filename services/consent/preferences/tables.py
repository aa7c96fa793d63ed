"""Preferences, their history, and what people did with unsubscribe links (CON-3, CON-4, CON-5, CON-10)."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Time,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INET, JSONB

from services.common.db.tables import instant, not_negative, one_of
from services.consent.schema import CHANNELS, CONSENT_CHANNELS, FREQUENCIES, META

OPT_OUT_SOURCES = (
    "customer_request",
    "unsubscribe_link",
    "manual",
    "sms_keyword",
    "complaint",
    "preference_page",
    "import",
)
LINK_PURPOSES = ("unsubscribe", "preferences")
METHODS = ("one_click", "page", "preference_page", "sms_keyword", "staff", "complaint")


def _switch(name: str, *, on: bool) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("true" if on else "false"))


def _frequency(channel: str) -> Column[str]:
    return Column(f"{channel}_frequency", Text, nullable=False, server_default=text("'immediate'"))


preference = Table(
    "preference",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    _switch("email_enabled", on=True),
    _switch("sms_enabled", on=True),
    _switch("push_enabled", on=True),
    _switch("whatsapp_enabled", on=True),
    _switch("in_app_enabled", on=True),
    _frequency("email"),
    _frequency("sms"),
    _frequency("push"),
    _frequency("whatsapp"),
    _switch("sms_critical_only", on=False),
    Column("preferred_channel", Text, nullable=False, server_default=text("'whatsapp'")),
    Column("language", Text),
    Column("time_zone", Text),
    _switch("quiet_hours_enabled", on=False),
    Column("quiet_hours_start", Time, nullable=False, server_default=text("'22:00'")),
    Column("quiet_hours_end", Time, nullable=False, server_default=text("'08:00'")),
    Column("digest_time", Time, nullable=False, server_default=text("'09:00'")),
    Column("max_emails_per_day", Integer, server_default=text("10")),
    Column("max_sms_per_day", Integer, server_default=text("5")),
    _switch("marketing_opted_out", on=False),
    instant("opted_out_at", nullable=True),
    Column("opt_out_source", Text),
    _switch("is_dnd", on=False),
    Column("token_version", Integer, nullable=False, server_default=text("1")),
    instant("unsubscribed_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("tenant_id", "contact_id"),
    not_negative("version"),
    *[one_of(f"{channel}_frequency", FREQUENCIES) for channel in ("email", "sms", "push", "whatsapp")],
    one_of("preferred_channel", CHANNELS),
    one_of("opt_out_source", OPT_OUT_SOURCES),
    CheckConstraint("max_emails_per_day BETWEEN 0 AND 1000", name="max_emails_per_day"),
    CheckConstraint("max_sms_per_day BETWEEN 0 AND 1000", name="max_sms_per_day"),
    CheckConstraint("token_version > 0", name="token_version"),
    CheckConstraint("NOT marketing_opted_out OR opted_out_at IS NOT NULL", name="opted_out_at"),
    Index("ix_preference_opted_out", "tenant_id", "contact_id", postgresql_where=text("marketing_opted_out")),
    Index(
        "ix_preference_unsubscribed",
        "tenant_id",
        "contact_id",
        postgresql_where=text("unsubscribed_at IS NOT NULL"),
    ),
)

category_preference = Table(
    "category_preference",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("category_or_group", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("frequency", Text),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "contact_id", "channel", "category_or_group"),
    one_of("channel", CHANNELS),
    one_of("frequency", FREQUENCIES),
)

preference_history = Table(
    "preference_history",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("preference_history_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("reason", Text),
    Column("source", Text, nullable=False),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "preference_history_id"),
    Index("ix_preference_history_contact", "tenant_id", "contact_id", "preference_history_id"),
)

unsubscribe_action = Table(
    "unsubscribe_action",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("unsubscribe_action_id", Uuid, nullable=False),
    Column("contact_id", Uuid),
    Column("channel", Text),
    Column("method", Text, nullable=False),
    Column("message_id", Uuid),
    Column("campaign_id", Uuid),
    Column("ip_address", INET),
    Column("user_agent", Text),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "unsubscribe_action_id"),
    one_of("channel", CHANNELS),
    one_of("method", METHODS),
    CheckConstraint("length(user_agent) <= 512", name="user_agent"),
    Index("ix_unsubscribe_action_contact", "tenant_id", "contact_id", "unsubscribe_action_id"),
)

# Askings for fresh links, of addresses that may be anybody's: each is sealed, and forgotten within days.
fresh_link = Table(
    "fresh_link",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("request_id", Uuid, nullable=False),
    Column("purpose", Text, nullable=False),
    # The channel the old link stopped; none for every channel.
    Column("channel", Text),
    Column("sealed_address", LargeBinary, nullable=False),
    # Language of the page.
    Column("language", Text),
    instant("expires_at"),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "request_id"),
    one_of("purpose", LINK_PURPOSES),
    one_of("channel", CONSENT_CHANNELS),
    CheckConstraint("length(language) = 2", name="language"),
    Index("ix_fresh_link_expiring", "expires_at"),
)
