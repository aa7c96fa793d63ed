"""Between notification rules and the contract."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from angarium.campaign.v1 import notification_rule_service_pb2 as pb
from services.campaign.rules.domain import LONGEST_DELAY, Override, Rule
from services.campaign.rules.table import CATEGORIES, CHANNELS, PRIORITIES
from services.common.errors import Violation, invalid_many

MASKABLE: Final = ("is_enabled", "template_name", "delay", "channels", "mode")

_WORDS: Final = {number: word for word, number in CHANNELS.items()}
_FIELDS: Final[Mapping[str, pb.NotificationRule.Field]] = {
    "is_enabled": pb.NotificationRule.FIELD_ENABLED,
    "template": pb.NotificationRule.FIELD_TEMPLATE,
    "delay": pb.NotificationRule.FIELD_DELAY,
    "channels": pb.NotificationRule.FIELD_CHANNELS,
    "mode": pb.NotificationRule.FIELD_MODE,
}


def rule_to_proto(rule: Rule, override: Override) -> pb.NotificationRule:
    """Returns a rule as it is for a tenant, with what the tenant changed of it."""
    shown = pb.NotificationRule(
        name=rule.name,
        event_types=rule.events,
        conditions=[one.text for one in rule.tests],
        recipients=rule.recipients,
        category=CATEGORIES[rule.category],  # type: ignore[arg-type]  # numbered as in the contract
        priority=PRIORITIES[rule.priority],  # type: ignore[arg-type]
        channels=[CHANNELS[one] for one in rule.channels],  # type: ignore[misc]
        mode=rule.mode,  # type: ignore[arg-type]
        template_name=rule.template,
        before_field=rule.timing.anchor,
        until_field=rule.timing.until,
        cancelled_by=rule.cancelled_by,
        moved_by=rule.moved_by,
        variables=rule.variables,
        is_enabled=rule.is_enabled,
        can_be_disabled=not rule.is_critical,
        changed_fields=[field for name, field in _FIELDS.items() if getattr(override, name) is not None],
        etag=str(override.version),
    )
    shown.delay.FromTimedelta(rule.timing.delay)
    if rule.timing.worth is not None:
        shown.expire_after.FromTimedelta(rule.timing.worth)
    return shown


def changed(known: Override, message: pb.NotificationRule, paths: list[str]) -> Override:
    """Returns what a tenant wants after an update; an empty field goes back to what the platform says."""
    values: dict[str, Any] = {}
    for path in paths:
        if path == "is_enabled":
            values["is_enabled"] = message.is_enabled
        elif path == "template_name":
            values["template"] = message.template_name or None
        elif path == "delay":
            values["delay"] = _delay(message)
        elif path == "channels":
            values["channels"] = tuple(_WORDS[one] for one in message.channels) or None
        else:
            values["mode"] = int(message.mode) or None
    return replace(known, **values)


def _delay(message: pb.NotificationRule) -> timedelta | None:
    if not message.HasField("delay"):
        return None
    delay = message.delay.ToTimedelta()
    if not timedelta(0) <= delay <= LONGEST_DELAY:
        raise invalid_many([Violation("rule.delay", "must lie between 0 and 30 days")])
    return timedelta(seconds=int(delay.total_seconds()))
