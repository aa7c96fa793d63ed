"""Triggers in the words of the command line."""

from datetime import UTC
from enum import StrEnum
from typing import Any

from cli.moments import instant_of
from cli.operating.calls import CHANNELS, number_of, word_of
from cli.output import usage

NONE = "none"
KINDS = (
    "post_visit_thank_you",
    "rebooking_reminder",
    "birthday_wish",
    "feedback_request",
    "package_expiry",
    "miss_you",
    "membership_expiry",
    "first_visit_followup",
    "anniversary_wish",
    "loyalty_points_earned",
    "loyalty_points_expiring",
)


class Standing(StrEnum):
    """What became of an occurrence."""

    QUEUED = "queued"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


def number(kind: str) -> int:
    """Returns the number of a trigger; a word that is none ends the command."""
    word = kind.replace("-", "_").lower()
    if word not in KINDS:
        usage(f"There is no trigger {kind!r}.", f"Take one of: {', '.join(KINDS)}")
    return KINDS.index(word) + 1


def chosen(channel: str, fallback: str) -> dict[str, str]:
    """Returns which of two channels were named."""
    named = {"channel": channel, "fallback_channel": fallback}
    return {name: text for name, text in named.items() if text}


def channel_number(name: str, text: str) -> int:
    """Returns the number of a channel; 0 for no fallback."""
    option = "--channel" if name == "channel" else "--fallback"
    return 0 if text == NONE and name != "channel" else number_of(option, text, CHANNELS)


def days_field(known: Any, days: int | None) -> dict[str, int]:
    """Returns the field that days are of, by what the trigger waits for."""
    if days is None:
        return {}
    for name in ("days_before", "days_after"):
        if known.HasField(name):
            return {name: days}
    return usage("This trigger waits for minutes after an event.", "Take --minutes instead of --days")


def document(one: Any) -> dict[str, Any]:
    """Returns a trigger as plain values."""
    return {
        "trigger": KINDS[one.trigger_type - 1],
        "on": one.enabled,
        "since": instant_of(one, "enable_time"),
        "when": when(one),
        "delay_minutes": one.delay_minutes,
        "days_before": one.days_before if one.HasField("days_before") else None,
        "days_after": one.days_after if one.HasField("days_after") else None,
        "send_time": one.send_time or None,
        "channel": word_of(one.channel, CHANNELS),
        "fallback": word_of(one.fallback_channel, CHANNELS) if one.fallback_channel else None,
        "cooldown_days": one.cooldown_days,
        "template": one.template_name,
        "branches": list(one.branch_ids),
        "campaign": one.campaign_id or None,
    }


def when(one: Any) -> str:
    """Returns the timing of a trigger as people say it."""
    at = f" at {one.send_time}" if one.send_time else ""
    if one.HasField("days_before"):
        return (f"{one.days_before} days before" if one.days_before else "on the day") + at
    if one.HasField("days_after"):
        return f"{one.days_after} days after the last visit{at}"
    return f"{one.delay_minutes} minutes after{f', then{at}' if at else ''}"


def entry(one: Any) -> dict[str, Any]:
    """Returns what became of an occurrence as plain values."""
    return {
        "time": one.trigger_time.ToDatetime(tzinfo=UTC).isoformat(sep=" ", timespec="seconds")[:19] + "Z",
        "trigger": KINDS[one.trigger_type - 1],
        "contact": one.contact_id,
        "about": one.reference_id,
        "state": list(Standing)[one.state - 1].value,
        "reason": one.skip_reason or None,
        "message": one.message_id or None,
    }
