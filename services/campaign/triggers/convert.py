"""Triggers between the contract and the domain."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import trigger_pb2, trigger_service_pb2
from services.campaign.triggers.domain import Config, Entry, TriggerType
from services.campaign.triggers.history import Filter

MASKABLE: Final = {
    "enabled": "is_enabled",
    "delay_minutes": "delay_minutes",
    "days_before": "days_before",
    "days_after": "days_after",
    "send_time": "send_time",
    "template_id": "template_id",
    "channel": "channel",
    "fallback_channel": "fallback_channel",
    "branch_ids": "branch_ids",
    "cooldown_days": "cooldown_days",
    "campaign_id": "campaign_id",
}
"""Fields an update may name, and theirs here."""
_OPTIONAL: Final = frozenset({"days_before", "days_after"})
_IDS: Final = frozenset({"template_id", "campaign_id"})


def type_from_proto(value: int) -> TriggerType:
    """Returns a trigger's type; the contract refused what is none."""
    return TriggerType(value)


def changed(config: Config, message: trigger_pb2.TriggerConfig, paths: list[str]) -> Config:
    """Returns a config with the fields that a mask names as the message has them."""
    values: dict[str, Any] = {}
    for path in paths:
        value: Any = getattr(message, path)
        if path in _OPTIONAL:
            value = value if message.HasField(path) else None
        elif path in _IDS:
            value = UUID(value) if value else None
        elif path == "branch_ids":
            value = tuple(sorted(UUID(one) for one in value))
        values[MASKABLE[path]] = value
    return replace(config, **values)


def config_to_proto(config: Config, template_name: str) -> trigger_pb2.TriggerConfig:
    """Returns a trigger as the contract shows it."""
    message = trigger_pb2.TriggerConfig(
        trigger_type=int(config.trigger_type),  # type: ignore[arg-type]  # numbered as in the contract
        enabled=config.is_enabled,
        delay_minutes=config.delay_minutes,
        days_before=config.days_before,
        days_after=config.days_after,
        send_time=config.send_time,
        template_id=str(config.template_id or ""),
        channel=config.channel,  # type: ignore[arg-type]
        fallback_channel=config.fallback_channel,  # type: ignore[arg-type]
        branch_ids=map(str, config.branch_ids),
        cooldown_days=config.cooldown_days,
        campaign_id=str(config.campaign_id or ""),
        template_name=template_name,
        category=config.definition.category,  # type: ignore[arg-type]
        updated_by=config.updated_by,
        etag=str(config.version),
    )
    if config.enabled_at:
        message.enable_time.FromDatetime(config.enabled_at)
    if config.updated_at:
        message.update_time.FromDatetime(config.updated_at)
    return message


def entry_to_proto(entry: Entry) -> trigger_pb2.TriggerHistoryEntry:
    """Returns what became of an occurrence as the contract shows it."""
    message = trigger_pb2.TriggerHistoryEntry(
        history_id=str(entry.history_id),
        trigger_type=int(entry.trigger_type),  # type: ignore[arg-type]  # numbered as in the contract
        contact_id=str(entry.contact_id),
        reference_id=entry.reference_id,
        occurrence_key=entry.occurrence_key,
        state=int(entry.state),  # type: ignore[arg-type]
        skip_reason=entry.skip_reason,
        message_id=str(entry.message_id or ""),
        branch_id=str(entry.branch_id or ""),
        campaign_id=str(entry.campaign_id or ""),
    )
    message.trigger_time.FromDatetime(entry.triggered_at)
    return message


def filter_from_proto(
    request: trigger_service_pb2.ListTriggerHistoryRequest, branch_ids: tuple[str, ...]
) -> Filter:
    """Returns which entries a list shows."""
    return Filter(
        trigger_type=request.trigger_type,
        contact_id=UUID(request.contact_id) if request.contact_id else None,
        state=request.state,
        since=_instant(request.from_time) if request.HasField("from_time") else None,
        until=_instant(request.until_time) if request.HasField("until_time") else None,
        branch_ids=branch_ids,
    )


def _instant(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
