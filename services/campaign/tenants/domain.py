"""Tenants and marketing settings: their values and rules. Standard library only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from uuid import UUID

LOCAL_TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")
COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")
EMAIL, SMS, WHATSAPP, PUSH, IN_APP, WEBHOOK = 1, 2, 3, 4, 5, 6
# Text messages never leave outside these hours, whatever a tenant wishes.
SMS_EARLIEST, SMS_LATEST = "08:00", "21:00"


class TenantState(IntEnum):
    """Lifecycle of a tenant, numbered as in the contract."""

    ACTIVE = 1
    SUSPENDED = 2
    CLOSED = 3


class TenantStateError(Exception):
    """A tenant cannot go from its state to the wanted one."""

    reason = "INVALID_CONFIGURATION"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A business that sends."""

    tenant_id: UUID
    name: str
    currency_code: str
    region_code: str
    default_time_zone: str
    default_language_code: str
    state: TenantState = TenantState.ACTIVE


@dataclass(frozen=True, slots=True)
class MarketingSettings:
    """How a tenant markets; the defaults are those of a new tenant (CAM-2)."""

    marketing_enabled: bool = True
    enabled_channels: tuple[int, ...] = (EMAIL, SMS, WHATSAPP, IN_APP, WEBHOOK)
    blocked_channels: tuple[int, ...] = ()
    email_from_address: str = ""
    email_from_name: str = ""
    reply_to_address: str = ""
    send_window_start: str = "09:00"
    send_window_end: str = "21:00"
    sms_window_start: str = SMS_EARLIEST
    sms_window_end: str = SMS_LATEST
    quiet_hours_start: str = ""
    quiet_hours_end: str = ""
    daily_message_limit_per_contact: int = 2
    weekly_message_limit_per_contact: int = 5
    monthly_budget_limit: Decimal | None = None
    budget_alert_threshold_percent: int = 80
    campaign_approval_required: bool = True
    campaign_approval_threshold_recipients: int = 100
    allow_self_approval: bool = False
    double_opt_in_channels: tuple[int, ...] = (EMAIL,)
    consent_validity_days: int = 0
    dnd_channels: tuple[int, ...] = (SMS,)
    dnd_registries: tuple[str, ...] = ()
    logo_url: str = ""
    primary_color: str = ""
    footer_text: str = ""
    postal_address: str = ""
    tracking_enabled: bool = True
    sms_fallback_enabled: bool = True
    pass_terms: str = ""
    amp_enabled: bool = False
    daily_email_limit: int = 0
    daily_sms_limit: int = 0
    monthly_email_limit: int = 0
    monthly_sms_limit: int = 0
    version: int = field(default=1, compare=False)


BUDGET_FIELDS = frozenset(
    {
        "monthly_budget_limit",
        "budget_alert_threshold_percent",
        "daily_email_limit",
        "daily_sms_limit",
        "monthly_email_limit",
        "monthly_sms_limit",
    }
)


def problems(settings: MarketingSettings) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with settings, as field and sentence."""
    yield from _window_problems(settings)
    yield from _channel_problems(settings)
    if settings.weekly_message_limit_per_contact < settings.daily_message_limit_per_contact:
        yield "weekly_message_limit_per_contact", "may not be below the daily limit"
    if settings.logo_url and not settings.logo_url.startswith("https://"):
        yield "logo_url", "must be https"
    if settings.primary_color and not COLOUR.match(settings.primary_color):
        yield "primary_color", "must be #rrggbb"
    if not 1 <= settings.budget_alert_threshold_percent <= 100:
        yield "budget_alert_threshold_percent", "must be 1 to 100"
    if settings.monthly_budget_limit is not None and settings.monthly_budget_limit < 0:
        yield "monthly_budget_limit", "may not be negative"


def _window_problems(settings: MarketingSettings) -> Iterator[tuple[str, str]]:
    for name in ("send_window", "sms_window"):
        for end in ("start", "end"):
            if not LOCAL_TIME.match(getattr(settings, f"{name}_{end}")):
                yield f"{name}_{end}", "must be a local time HH:MM"
    quiet = {"start": settings.quiet_hours_start, "end": settings.quiet_hours_end}
    for end, value in quiet.items():
        if value and not LOCAL_TIME.match(value):
            yield f"quiet_hours_{end}", "must be a local time HH:MM, or empty"
    if bool(quiet["start"]) != bool(quiet["end"]):
        yield "quiet_hours_end", "belongs together with quiet_hours_start"
    if settings.sms_window_start < SMS_EARLIEST or settings.sms_window_end > SMS_LATEST:
        yield "sms_window_start", f"may be narrower than {SMS_EARLIEST} to {SMS_LATEST}, never wider"


def _channel_problems(settings: MarketingSettings) -> Iterator[tuple[str, str]]:
    for name in ("enabled_channels", "blocked_channels", "double_opt_in_channels", "dnd_channels"):
        channels = getattr(settings, name)
        if any(not EMAIL <= channel <= WEBHOOK for channel in channels):
            yield name, "must hold known channels"
        if len(set(channels)) != len(channels):
            yield name, "must name each channel once"
