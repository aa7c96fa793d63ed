"""What tenants and branches allow: a projection of campaign's settings (CON-12)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Time,
    Uuid,
    text,
)

from services.common.db.tables import instant, one_of
from services.consent.schema import META

tenant_policy = Table(
    "tenant_policy",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("default_time_zone", Text, nullable=False),
    Column("default_language", Text, nullable=False),
    instant("tenant_seen_at"),
    # From here on: null until the marketing settings arrive, and then all set.
    Column("marketing_enabled", Boolean),
    Column("enabled_channels", ARRAY(Text)),
    Column("blocked_channels", ARRAY(Text)),
    Column("send_window_start", Time),
    Column("send_window_end", Time),
    Column("sms_window_start", Time),
    Column("sms_window_end", Time),
    Column("quiet_hours_start", Time),
    Column("quiet_hours_end", Time),
    Column("daily_message_limit", Integer),
    Column("weekly_message_limit", Integer),
    Column("dnd_channels", ARRAY(Text)),
    Column("dnd_registries", ARRAY(Text)),
    Column("double_opt_in_channels", ARRAY(Text)),
    Column("consent_validity_days", Integer),
    Column("logo_url", Text),
    Column("primary_color", Text),
    Column("footer_text", Text),
    instant("settings_seen_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id"),
    one_of("state", ("active", "suspended", "closed")),
    CheckConstraint("daily_message_limit >= 0", name="daily_message_limit"),
    CheckConstraint("weekly_message_limit >= 0", name="weekly_message_limit"),
    CheckConstraint("consent_validity_days > 0", name="consent_validity_days"),
    CheckConstraint("(settings_seen_at IS NULL) = (marketing_enabled IS NULL)", name="settings_seen_at"),
)

branch_policy = Table(
    "branch_policy",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("marketing_enabled", Boolean, nullable=False),
    Column("time_zone", Text),
    instant("seen_at"),
    instant("created_at"),
    instant("updated_at"),
    Column("is_archived", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("tenant_id", "branch_id"),
)
