"""Tenants and marketing settings: their values and rules. Standard library only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from types import MappingProxyType
from uuid import UUID

LOCAL_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
REGISTRY = re.compile(r"[a-z][a-z0-9_-]{0,49}")
SENDER_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{3,11}|\+?[0-9]{3,15}")
EMAIL, SMS, WHATSAPP, PUSH, IN_APP, WEBHOOK = 1, 2, 3, 4, 5, 6
PROVIDERS = MappingProxyType(
    {
        "whatsapp_provider": ("gupshup", "twilio", "wati"),
        "sms_provider": ("msg91", "twilio", "aws_sns"),
        "email_provider": ("sendgrid", "ses", "smtp"),
    }
)
CREDENTIAL = re.compile(
    r"(^|_)(keys?|secrets?|tokens?|passwords?|credentials?|account_sid|webhook_url)($|_)", re.IGNORECASE
)
"""Names of what belongs to provider accounts and webhook subscriptions, and never to settings (CAM-115)."""


class TenantState(IntEnum):
    """Lifecycle of a tenant, numbered as in the contract."""

    ACTIVE = 1
    SUSPENDED = 2
    CLOSED = 3


class TenantStateError(Exception):
    """A tenant's state does not allow what is wanted."""

    reason = "INVALID_CONFIGURATION"


class CurrencyFixedError(Exception):
    """Money is recorded in a currency that is to change."""

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
    version: int = field(default=1, compare=False)
    created_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day in local time."""

    start: str = "08:00"
    end: str = "21:00"

    @classmethod
    def of(cls, start: int, end: int) -> "Hours":
        """Returns the part between two full hours; the end of the day is 24."""
        return cls(f"{start:02}:00", f"{end:02}:00")

    def hold(self, start: str, end: str) -> bool:
        """Returns whether a window lies within; one that ends where it begins is the whole day."""
        return self.start <= start < end <= self.end


@dataclass(frozen=True, slots=True)
class MarketingSettings:
    """How a tenant markets; the defaults are those of a new tenant (CAM-2)."""

    marketing_enabled: bool = True
    enabled_channels: tuple[int, ...] = (SMS, WHATSAPP, IN_APP, WEBHOOK)
    blocked_channels: tuple[int, ...] = ()
    email_from_address: str = ""
    email_from_name: str = ""
    reply_to_address: str = ""
    send_window_start: str = "09:00"
    send_window_end: str = "21:00"
    sms_window_start: str = "08:00"
    sms_window_end: str = "21:00"
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
    whatsapp_provider: str = ""
    whatsapp_business_number: str = ""
    whatsapp_business_id: str = ""
    sms_provider: str = ""
    sms_sender_id: str = ""
    sms_callback_number: str = ""
    email_provider: str = ""
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
    """Yields which fields cannot be what they are, as field and sentence."""
    yield from _wrong_times(settings)
    yield from _wrong_lists(settings)
    if settings.logo_url and not settings.logo_url.startswith("https://"):
        yield "logo_url", "must be https"
    if settings.primary_color and not COLOUR.fullmatch(settings.primary_color):
        yield "primary_color", "must be #rrggbb"
    if not 1 <= settings.budget_alert_threshold_percent <= 100:
        yield "budget_alert_threshold_percent", "must be 1 to 100"
    for name, words in PROVIDERS.items():
        if getattr(settings, name) not in ("", *words):
            yield name, f"must be {', '.join(words[:-1])} or {words[-1]}, or empty"
    if settings.sms_sender_id and not SENDER_ID.fullmatch(settings.sms_sender_id):
        yield "sms_sender_id", "must be 3 to 11 letters and digits with a letter among them, or a number"


def _wrong_times(settings: MarketingSettings) -> Iterator[tuple[str, str]]:
    for name in ("send_window", "sms_window"):
        for end in ("start", "end"):
            if not LOCAL_TIME.fullmatch(getattr(settings, f"{name}_{end}")):
                yield f"{name}_{end}", "must be a local time HH:MM"
    for end in ("start", "end"):
        value = getattr(settings, f"quiet_hours_{end}")
        if value and not LOCAL_TIME.fullmatch(value):
            yield f"quiet_hours_{end}", "must be a local time HH:MM, or empty"


def _wrong_lists(settings: MarketingSettings) -> Iterator[tuple[str, str]]:
    for name in ("enabled_channels", "blocked_channels", "double_opt_in_channels", "dnd_channels"):
        channels = getattr(settings, name)
        if any(not EMAIL <= channel <= WEBHOOK for channel in channels):
            yield name, "must hold known channels"
        if len(set(channels)) != len(channels):
            yield name, "must name each channel once"
    if len(set(settings.dnd_registries)) != len(settings.dnd_registries):
        yield "dnd_registries", "must name each registry once"
    if not all(REGISTRY.fullmatch(one) for one in settings.dnd_registries):
        yield "dnd_registries", "must hold names in small letters, digits, - and _"


def contradictions(settings: MarketingSettings, sms_hours: Hours) -> Iterator[tuple[str, str]]:
    """Yields which settings, each fine by itself, contradict each other or the deployment."""
    if settings.weekly_message_limit_per_contact < settings.daily_message_limit_per_contact:
        yield "weekly_message_limit_per_contact", "may not be below the daily limit"
    if bool(settings.quiet_hours_start) != bool(settings.quiet_hours_end):
        yield "quiet_hours_end", "belongs together with quiet_hours_start"
    if not sms_hours.hold(settings.sms_window_start, settings.sms_window_end):
        yield (
            "sms_window_start",
            f"the window may be narrower than {sms_hours.start} to {sms_hours.end}, never wider",
        )
    for channel in ("email", "sms"):
        daily = getattr(settings, f"daily_{channel}_limit")
        monthly = getattr(settings, f"monthly_{channel}_limit")
        if daily and monthly and monthly < daily:
            yield f"monthly_{channel}_limit", "may not be below the daily limit"
