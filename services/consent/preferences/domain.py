"""What a contact says about messages: fields with their defaults, changes, and real differences (CON-3 to CON-5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from services.consent.decisions.categories import (
    CATEGORIES,
    STAFF,
    Channel,
    Choice,
    is_on,
    on_by_default,
)
from services.consent.decisions.facts import DEFAULT_CAPS

Value = bool | int | str | time | None
Json = bool | int | str | None
Cell = tuple[str, Channel]
"""A group, or the key of a category, on a channel."""

CHANNELS: tuple[Channel, ...] = ("email", "sms", "whatsapp", "push", "in_app")
GATHERED: tuple[Channel, ...] = ("email", "sms", "whatsapp", "push")
"""Channels whose messages can be gathered; in-app items always come at once."""
GROUPS = tuple(dict.fromkeys(one.group for one in CATEGORIES.values() if one.group != STAFF))
BY_KEY = {one.key: one for one in CATEGORIES.values() if one.group != STAFF}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the preferences: its column, what it is when nothing was said, and when it is cleared."""

    column: str
    default: Value
    cleared: Value


def _field(column: str, default: Value) -> Field:
    return Field(column, default, default)


FIELDS: dict[str, Field] = {
    **{f"{channel}.is_enabled": _field(f"{channel}_enabled", default=True) for channel in CHANNELS},
    **{f"{channel}.frequency": _field(f"{channel}_frequency", "immediate") for channel in GATHERED},
    "sms_critical_only": _field("sms_critical_only", default=False),
    "preferred_channel": _field("preferred_channel", "whatsapp"),
    "language_code": _field("language", None),
    "time_zone": _field("time_zone", None),
    "quiet_hours.is_enabled": _field("quiet_hours_enabled", default=False),
    "quiet_hours.start": _field("quiet_hours_start", time(22)),
    "quiet_hours.end": _field("quiet_hours_end", time(8)),
    "digest_time": _field("digest_time", time(9)),
    # No cap is a wish of its own: clearing means none, not the default.
    "max_emails_per_day": Field("max_emails_per_day", DEFAULT_CAPS["email"], None),
    "max_sms_per_day": Field("max_sms_per_day", DEFAULT_CAPS["sms"], None),
}
"""The fields by the names that histories and events know them by."""

DEFAULTS: Mapping[str, Value] = {name: one.default for name, one in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a contact said, complete with the defaults of what was never said."""

    values: Mapping[str, Value] = field(default_factory=lambda: DEFAULTS)
    cells: Mapping[Cell, Choice] = field(default_factory=dict)
    """The cells of the grid that were said."""
    version: int = 0
    """0 when nothing was ever said."""
    updated_at: datetime | None = None
    marketing_opted_out: bool = False
    is_dnd: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """What somebody wants changed; what is not named stays."""

    values: Mapping[str, Value] = field(default_factory=dict)
    cells: Mapping[Cell, Choice] = field(default_factory=dict)
    clears_cells: bool = False
    """True to forget every cell that was said."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of the effective grid."""

    name: str
    channel: Channel
    is_enabled: bool
    frequency: str | None
    """Its own frequency; None for that of the group, else of the channel."""
    is_default: bool


def applied(before: Choices, update: Update) -> Choices:
    """Returns what a contact says after an update."""
    kept = {} if update.clears_cells else before.cells
    return replace(before, values={**before.values, **update.values}, cells={**kept, **update.cells})


def differences(before: Choices, after: Choices) -> dict[str, tuple[Json, Json]]:
    """Returns the fields whose value really changed, each with the value before and after (CON-5).

    A group always has a switch, said or not; a category has one of its own only when it was said.
    """
    pairs: dict[str, tuple[Value, Value]] = {
        name: (before.values[name], after.values[name]) for name in FIELDS
    }
    for name, channel in sorted(before.cells.keys() | after.cells.keys()):
        (was_on, was_often), (now_on, now_often) = (
            _cell(before, name, channel),
            _cell(after, name, channel),
        )
        pairs[f"category.{name}.{channel}"] = was_on, now_on
        pairs[f"category.{name}.{channel}.frequency"] = was_often, now_often
    return {name: (_json(old), _json(new)) for name, (old, new) in pairs.items() if old != new}


def grid(choices: Choices) -> Iterator[GridCell]:
    """Yields the effective grid: every group, and every category that was said, on each channel (CON-4)."""
    for channel in CHANNELS:
        said = {name: chosen for (name, on), chosen in choices.cells.items() if on == channel}
        for group in GROUPS:
            on, frequency = said.get(group, (on_by_default(group, channel), None))
            yield GridCell(group, channel, on, frequency, group not in said)
    for name, channel in sorted(choices.cells):
        if name in BY_KEY:
            chosen, frequency = choices.cells[name, channel]
            yield GridCell(name, channel, is_on(BY_KEY[name], channel, chosen), frequency, is_default=False)


def without_echo(before: Choices, update: Update) -> Update:
    """Returns an update without cells that only repeat what held anyway: what was not said stays unsaid."""
    shown = {(one.name, one.channel): (one.is_enabled, one.frequency) for one in grid(before)}
    said = {cell: chosen for cell, chosen in update.cells.items() if shown.get(cell) != chosen}
    return replace(update, cells=said)


def _cell(choices: Choices, name: str, channel: Channel) -> tuple[bool | None, str | None]:
    said = choices.cells.get((name, channel))
    if said is not None:
        return said
    return (on_by_default(name, channel) if name in GROUPS else None), None


def _json(value: Value) -> Json:
    return value.strftime("%H:%M") if isinstance(value, time) else value
