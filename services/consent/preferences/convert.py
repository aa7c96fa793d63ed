"""Preferences, their history and links between the contract and the domain."""

from datetime import time
from typing import Any
from uuid import UUID

from angarium.consent.v1 import preference_service_pb2 as pb
from services.consent.policy.domain import TenantPolicy
from services.consent.preferences.choices_store import HistoryRow
from services.consent.preferences.domain import BY_KEY, CHANNELS, Choices, GridCell, Value, grid
from services.consent.preferences.links import Link
from services.consent.words import CATEGORY, CATEGORY_GROUP, CHANNEL, FREQUENCY, TOKEN_PURPOSE, timestamp


def preferences(contact_id: UUID, choices: Choices) -> pb.Preferences:
    """Returns what a contact said, complete with defaults and the effective grid."""
    values = choices.values
    return pb.Preferences(
        contact_id=str(contact_id),
        channels=[
            pb.ChannelPreference(
                channel=CHANNEL.number(channel),  # type: ignore[arg-type]
                is_enabled=bool(values[f"{channel}.is_enabled"]),
                frequency=FREQUENCY.number(str(values.get(f"{channel}.frequency", "immediate"))),  # type: ignore[arg-type]
            )
            for channel in CHANNELS
        ],
        sms_critical_only=bool(values["sms_critical_only"]),
        preferred_channel=CHANNEL.number(_text(values["preferred_channel"])),  # type: ignore[arg-type]
        language_code=_text(values["language_code"]),
        time_zone=_text(values["time_zone"]),
        quiet_hours=pb.QuietHours(
            is_enabled=bool(values["quiet_hours.is_enabled"]),
            start=_text(values["quiet_hours.start"]),
            end=_text(values["quiet_hours.end"]),
        ),
        digest_time=_text(values["digest_time"]),
        max_emails_per_day=_cap(values["max_emails_per_day"]),
        max_sms_per_day=_cap(values["max_sms_per_day"]),
        marketing_opted_out=choices.marketing_opted_out,
        is_dnd=choices.is_dnd,
        categories=map(_cell, grid(choices)),
        etag=str(choices.version),
        update_time=timestamp(choices.updated_at),
    )


def _cell(cell: GridCell) -> pb.CategoryPreference:
    category = BY_KEY.get(cell.name)
    target: dict[str, Any] = (
        {"category": CATEGORY.number(category.name)}
        if category
        else {"group": CATEGORY_GROUP.number(cell.name)}
    )
    return pb.CategoryPreference(
        channel=CHANNEL.number(cell.channel),  # type: ignore[arg-type]
        is_enabled=cell.is_enabled,
        frequency=FREQUENCY.number(cell.frequency),  # type: ignore[arg-type]
        is_default=cell.is_default,
        **target,
    )


def _text(value: Value) -> str:
    return value.strftime("%H:%M") if isinstance(value, time) else str(value or "")


def _cap(value: Value) -> int | None:
    return None if value is None else int(str(value))


def change(row: HistoryRow) -> pb.PreferenceChange:
    """Returns one change of the history."""
    found = pb.PreferenceChange(
        preference_change_id=str(row.history_id),
        changed_by=row.changed_by,
        reason=row.reason or "",
        source=row.source,
        create_time=timestamp(row.created_at),
    )
    for name, said in sorted(row.changes.items()):
        one = found.changes.add(field=name)
        for value, target in ((said["from"], one.old_value), (said["to"], one.new_value)):
            if isinstance(value, bool):
                target.bool_value = value
            elif isinstance(value, int):
                target.number_value = value
            elif value is not None:
                target.string_value = value
    return found


def resolved(
    purpose: str,
    link: Link,
    policy: TenantPolicy,
    *,
    hint: str,
    language: str,
    is_unsubscribed: bool,
    shown: pb.Preferences | None = None,
    preferences_token: str = "",
) -> pb.ResolveTokenResponse:
    """Returns what a page needs to know of a link."""
    branding = policy.branding
    return pb.ResolveTokenResponse(
        purpose=TOKEN_PURPOSE.number(purpose),  # type: ignore[arg-type]
        masked_address=hint,
        channel=CHANNEL.number(link.channel),  # type: ignore[arg-type]
        tenant_name=policy.name,
        language_code=language,
        is_unsubscribed=is_unsubscribed,
        branding=pb.Branding(
            logo_url=branding.logo_url,
            primary_color=branding.primary_color,
            footer_text=branding.footer_text,
        ),
        preferences=shown,
        preferences_token=preferences_token,
    )
