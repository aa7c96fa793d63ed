"""Campaign's tenants and settings, as this service projects them."""

from collections.abc import Iterable
from datetime import time
from typing import Any
from uuid import UUID

from angarium.campaign.v1 import settings_service_pb2
from services.consent.decisions.facts import SEND_WINDOW, SMS_WINDOW
from services.consent.decisions.windows import is_zone
from services.consent.words import CHANNEL

_STATES = {
    settings_service_pb2.Tenant.STATE_ACTIVE: "active",
    settings_service_pb2.Tenant.STATE_SUSPENDED: "suspended",
    settings_service_pb2.Tenant.STATE_CLOSED: "closed",
}
# A state this reader does not know yet must not let anything out.
_UNKNOWN_STATE = "suspended"

_SEND = (SEND_WINDOW.start, SEND_WINDOW.end)
_SMS = (SMS_WINDOW.start, SMS_WINDOW.end)


def tenant_row(tenant: settings_service_pb2.Tenant) -> dict[str, Any]:
    """Returns a tenant as the projection keeps it."""
    zone = tenant.default_time_zone
    return {
        "state": _STATES.get(tenant.state, _UNKNOWN_STATE),
        "name": tenant.name,
        "region_code": tenant.region_code,
        "default_time_zone": zone if is_zone(zone) else "",
        "default_language": tenant.default_language_code or "en",
    }


def settings_row(settings: settings_service_pb2.MarketingSettings) -> dict[str, Any]:
    """Returns marketing settings as the projection keeps them."""
    quiet_start, quiet_end = _window(settings.quiet_hours_start, settings.quiet_hours_end, (None, None))
    send_start, send_end = _window(settings.send_window_start, settings.send_window_end, _SEND)
    sms_start, sms_end = _window(settings.sms_window_start, settings.sms_window_end, _SMS)
    return {
        "marketing_enabled": settings.marketing_enabled,
        "enabled_channels": _channels(settings.enabled_channels),
        "blocked_channels": _channels(settings.blocked_channels),
        "send_window_start": send_start,
        "send_window_end": send_end,
        "sms_window_start": sms_start,
        "sms_window_end": sms_end,
        "quiet_hours_start": quiet_start,
        "quiet_hours_end": quiet_end,
        "daily_message_limit": settings.daily_message_limit_per_contact,
        "weekly_message_limit": settings.weekly_message_limit_per_contact,
        "dnd_channels": _channels(settings.dnd_channels),
        "dnd_registries": list(settings.dnd_registries),
        "double_opt_in_channels": _channels(settings.double_opt_in_channels),
        "consent_validity_days": settings.consent_validity_days or None,
        "logo_url": settings.logo_url,
        "primary_color": settings.primary_color,
        "footer_text": settings.footer_text,
    }


def branch_row(branch: settings_service_pb2.BranchSettings) -> dict[str, Any]:
    """Returns a branch as the projection keeps it; one that is archived, or in a state nobody knows yet, sends nothing."""
    return {
        "branch_id": UUID(branch.branch_id),
        "marketing_enabled": branch.marketing_enabled,
        "is_archived": branch.state != settings_service_pb2.BranchSettings.STATE_ACTIVE,
        "time_zone": branch.time_zone if is_zone(branch.time_zone) else None,
    }


def _channels(numbers: Iterable[int]) -> list[str]:
    return sorted({CHANNEL.word(number) for number in numbers} - {""})


def _window(
    start: str, end: str, default: tuple[time | None, time | None]
) -> tuple[time | None, time | None]:
    """Returns the two ends of a window, which come together or not at all."""
    return (time.fromisoformat(start), time.fromisoformat(end)) if start and end else default
