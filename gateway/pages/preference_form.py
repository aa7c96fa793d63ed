"""The form of the preference page: what it shows, and what of a posted one is a change (GAT-10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import preference_service_pb2 as consent_pb2
from services.common.errors import Violation
from services.common.languages import LANGUAGES, base_language
from services.common.zones import names

CHANNELS: Mapping[str, enums_pb2.Channel] = {
    "email": enums_pb2.CHANNEL_EMAIL,
    "sms": enums_pb2.CHANNEL_SMS,
    "whatsapp": enums_pb2.CHANNEL_WHATSAPP,
    "push": enums_pb2.CHANNEL_PUSH,
    "in_app": enums_pb2.CHANNEL_IN_APP,
}
FREQUENCIES: Mapping[str, consent_pb2.Frequency] = {
    "immediate": consent_pb2.FREQUENCY_IMMEDIATE,
    "daily": consent_pb2.FREQUENCY_DAILY,
    "weekly": consent_pb2.FREQUENCY_WEEKLY,
    "monthly": consent_pb2.FREQUENCY_MONTHLY,
}
GROUPS: Mapping[str, consent_pb2.CategoryGroup] = {
    "payment": consent_pb2.CATEGORY_GROUP_PAYMENT,
    "event_updates": consent_pb2.CATEGORY_GROUP_EVENT_UPDATES,
    "event_reminders": consent_pb2.CATEGORY_GROUP_EVENT_REMINDERS,
    "account": consent_pb2.CATEGORY_GROUP_ACCOUNT,
    "marketing": consent_pb2.CATEGORY_GROUP_MARKETING,
}
LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English",
    "hi": "हिन्दी",
    "es": "Español",
    "fr": "Français",
    "de": "Deutsch",
    "pt": "Português",
    "zh": "中文",
    "ja": "日本語",
}
_CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
_ERRORS = {"quiet_hours": "error_time", "time_zone": "error_zone", "language_code": "error_language"}
LONGEST = 64
"""Longest text of a field that is shown again; nothing that is right is longer."""


@dataclass(slots=True)
class Form:
    """The fields as the page shows them, and what is wrong with them, by their names."""

    channels: dict[str, bool] = field(default_factory=dict)
    frequencies: dict[str, str] = field(default_factory=dict)
    cells: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Switches of groups on channels."""
    quiet: bool = False
    quiet_start: str = ""
    quiet_end: str = ""
    language: str = ""
    time_zone: str = ""
    etag: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    """Key of the text that stands beside a field."""

    def note(self, violations: Iterable[Violation]) -> None:
        """Takes over what was found wrong with the fields that this form sent."""
        for violation in violations:
            path = violation.field.removeprefix("preferences.")
            name = path.replace(".", "_")
            self.errors[name] = _ERRORS.get(path.partition(".")[0], "error_choice")


def shown(preferences: consent_pb2.Preferences) -> Form:
    """Returns the form as preferences stand."""
    channels = {number: word for word, number in CHANNELS.items()}
    groups = {number: word for word, number in GROUPS.items()}
    paces = {number: word for word, number in FREQUENCIES.items()}
    language = preferences.language_code
    return Form(
        channels={channels[one.channel]: one.is_enabled for one in preferences.channels},
        frequencies={
            channels[one.channel]: paces.get(one.frequency, "immediate") for one in preferences.channels
        },
        cells={
            (groups[one.group], channels[one.channel]): one.is_enabled
            for one in preferences.categories
            if one.WhichOneof("target") == "group"
        },
        quiet=preferences.quiet_hours.is_enabled,
        quiet_start=preferences.quiet_hours.start,
        quiet_end=preferences.quiet_hours.end,
        language=base_language(language) if language else "",
        time_zone=preferences.time_zone,
        etag=preferences.etag,
    )


def posted(fields: Mapping[str, str]) -> Form:
    """Returns the form as somebody sent it; a box that is not ticked is not sent."""
    form = Form(
        channels={channel: f"channel.{channel}" in fields for channel in CHANNELS},
        frequencies={channel: fields.get(f"often.{channel}", "immediate")[:LONGEST] for channel in CHANNELS},
        cells={
            (group, channel): f"cell.{group}.{channel}" in fields for group in GROUPS for channel in CHANNELS
        },
        quiet="quiet" in fields,
        quiet_start=fields.get("quiet_start", "")[:LONGEST],
        quiet_end=fields.get("quiet_end", "")[:LONGEST],
        language=fields.get("language", "")[:LONGEST],
        time_zone=fields.get("time_zone", "")[:LONGEST],
        etag=fields.get("etag", "")[:LONGEST],
    )
    for channel, pace in form.frequencies.items():
        if pace not in FREQUENCIES:
            form.errors[f"often_{channel}"] = "error_choice"
    return form


def changes(known: consent_pb2.Preferences, wanted: Form) -> tuple[consent_pb2.Preferences, list[str]]:
    """Returns what a posted form changes, with the paths of its mask; what it repeats is left out."""
    before = shown(known)
    change = consent_pb2.Preferences(etag=wanted.etag)
    paths: list[str] = []
    for word, number in CHANNELS.items():
        on, pace = wanted.channels[word], wanted.frequencies[word]
        if (on, pace) != (before.channels.get(word), before.frequencies.get(word)):
            change.channels.add(channel=number, is_enabled=on, frequency=FREQUENCIES[pace])
    own = {
        (one.group, one.channel): one.frequency
        for one in known.categories
        if one.WhichOneof("target") == "group"
    }
    for (group, channel), on in wanted.cells.items():
        if on != before.cells.get((group, channel)):
            target = GROUPS[group], CHANNELS[channel]
            # A pace of its own that the page does not show stays.
            change.categories.add(
                group=target[0], channel=target[1], is_enabled=on, frequency=own.get(target)
            )
    if change.channels:
        paths.append("channels")
    if change.categories:
        paths.append("categories")
    quiet = consent_pb2.QuietHours(is_enabled=wanted.quiet, start=wanted.quiet_start, end=wanted.quiet_end)
    if quiet != known.quiet_hours:
        change.quiet_hours.CopyFrom(quiet)
        paths.append("quiet_hours")
    if wanted.language != before.language:
        change.language_code = wanted.language
        paths.append("language_code")
    if wanted.time_zone != before.time_zone:
        change.time_zone = wanted.time_zone
        paths.append("time_zone")
    return change, paths


def languages() -> list[tuple[str, str]]:
    """Returns the languages of the product, each by its own name."""
    return [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES]


@cache
def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Returns the zones people live in, by continent: name and the words shown for it."""
    found: dict[str, list[tuple[str, str]]] = {continent: [] for continent in _CONTINENTS}
    for name in sorted(names()):
        continent, _, place = name.partition("/")
        if place and continent in found:
            found[continent].append((name, place.replace("_", " ").replace("/", ", ")))
    return list(found.items())
