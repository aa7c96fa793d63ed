"""Updates of preferences as requests bring them: every bad field is named, none is dropped (CON-94, CON-102)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import time
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from angarium.consent.v1 import preference_service_pb2 as pb
from services.common.errors import Violation, invalid_many
from services.common.languages import LANGUAGES
from services.common.masks import apply_mask
from services.common.zones import local_time, zone
from services.consent.decisions.categories import CATEGORIES, STAFF, Channel, Choice
from services.consent.preferences.domain import CHANNELS, FIELDS, GATHERED, Cell, Update, Value
from services.consent.words import CATEGORY, CATEGORY_GROUP, CHANNEL, FREQUENCY

_QUIET_HOURS = ("is_enabled", "start", "end")
_QUIET_PATHS = ("quiet_hours", *(f"quiet_hours.{name}" for name in _QUIET_HOURS))
PATHS = frozenset(
    {
        "channels",
        "sms_critical_only",
        "preferred_channel",
        "language_code",
        "time_zone",
        *_QUIET_PATHS,
        "digest_time",
        "max_emails_per_day",
        "max_sms_per_day",
    }
)
"""What an update may name."""

PAGE_PATHS = frozenset({"channels", *_QUIET_PATHS, "language_code", "time_zone", "categories"})
"""What the preference page may name."""

_ROOT = "preferences."


def update_of(preferences: pb.Preferences, mask: FieldMask, allowed: frozenset[str]) -> Update:
    """Returns the update of a request: what its mask names, no more and no less (GEN-27).

    Raises:
        ServiceError: VALIDATION_FAILED with every field that is wrong.
    """
    reader = _Reader(preferences)
    for path in apply_mask(mask, allowed):
        reader.read(path)
    if reader.violations:
        raise invalid_many(reader.violations)
    return Update(reader.values, reader.cells, clears_cells=reader.clears_cells)


def cells_of(cells: Sequence[pb.CategoryPreference], root: str = "") -> Update:
    """Returns the cells of a request; VALIDATION_FAILED with every one that cannot be."""
    found: dict[Cell, Choice] = {}
    violations: list[Violation] = []
    for place, cell in enumerate(cells):
        _read_cell(cell, f"{root}categories[{place}].", found, violations)
    if violations:
        raise invalid_many(violations)
    return Update(cells=found)


class _Reader:
    """Reads the fields of one request and collects what is wrong with them."""

    def __init__(self, preferences: pb.Preferences) -> None:
        self._preferences = preferences
        self.values: dict[str, Value] = {}
        self.cells: dict[Cell, Choice] = {}
        self.clears_cells = False
        self.violations: list[Violation] = []

    def read(self, path: str) -> None:
        """Takes the field of a path of the mask; an empty one is cleared."""
        if path == "channels":
            self._read_channels()
        elif path == "categories":
            self._read_categories()
        elif path.startswith("quiet_hours"):
            named = path.partition(".")[2]
            for name in (named,) if named else _QUIET_HOURS:
                self._read_quiet_hours(name)
        elif path == "sms_critical_only":
            self.values[path] = self._preferences.sms_critical_only
        elif path == "preferred_channel":
            self._take(path, CHANNEL.word(self._preferences.preferred_channel), _preferable)
        elif path in ("max_emails_per_day", "max_sms_per_day"):
            given = self._preferences.HasField(path)
            self.values[path] = getattr(self._preferences, path) if given else FIELDS[path].cleared
        else:
            self._take(path, getattr(self._preferences, path), _PARSERS[path])

    def _read_channels(self) -> None:
        if not self._preferences.channels:
            for channel in CHANNELS:
                self._clear_channel(channel)
        seen = set[str]()
        for place, one in enumerate(self._preferences.channels):
            at = f"{_ROOT}channels[{place}]"
            named, often = CHANNEL.word(one.channel), FREQUENCY.word(one.frequency)
            if named not in CHANNELS or named in seen:
                self._wrong(f"{at}.channel", "is named twice" if named in seen else "cannot be switched")
            elif named not in GATHERED and often not in ("", "immediate"):
                self._wrong(f"{at}.frequency", "in-app items always come at once")
            elif one.frequency and not often:
                self._wrong(f"{at}.frequency", "is not known")
            else:
                seen.add(named)
                self.values[f"{named}.is_enabled"] = one.is_enabled
                if named in GATHERED:
                    self.values[f"{named}.frequency"] = often or "immediate"

    def _clear_channel(self, channel: Channel) -> None:
        for name in (f"{channel}.is_enabled", f"{channel}.frequency"):
            if name in FIELDS:
                self.values[name] = FIELDS[name].cleared

    def _read_categories(self) -> None:
        self.clears_cells = not self._preferences.categories
        for place, cell in enumerate(self._preferences.categories):
            _read_cell(cell, f"{_ROOT}categories[{place}].", self.cells, self.violations)

    def _read_quiet_hours(self, name: str) -> None:
        path = f"quiet_hours.{name}"
        given = getattr(self._preferences.quiet_hours, name)
        if name == "is_enabled":
            self.values[path] = given
        else:
            self._take(path, given, local_time)

    def _take(self, path: str, text: str, parse: Callable[[str], Value]) -> None:
        if not text:
            self.values[path] = FIELDS[path].cleared
            return
        try:
            self.values[path] = parse(text)
        except ValueError as error:
            self._wrong(_ROOT + path, str(error))

    def _wrong(self, path: str, problem: str) -> None:
        self.violations.append(Violation(path, problem))


def _read_cell(
    cell: pb.CategoryPreference, at: str, found: dict[Cell, Choice], violations: list[Violation]
) -> None:
    problems = list(_cell_problems(cell))
    name, channel = _name_of(cell), CHANNEL.word(cell.channel)
    if not problems and (name, channel) in found:
        problems = [Violation(cell.WhichOneof("target") or "", "is named twice on the channel")]
    violations += [Violation(at + field, problem) for field, problem in problems]
    if not problems:
        found[name, channel] = cell.is_enabled, FREQUENCY.word(cell.frequency) or None  # type: ignore[index]  # checked


def _cell_problems(cell: pb.CategoryPreference) -> Iterator[Violation]:
    target = cell.WhichOneof("target")
    channel, often = CHANNEL.word(cell.channel), FREQUENCY.word(cell.frequency)
    if not _name_of(cell):
        yield Violation(target or "category", "is not known")
    elif target == "category":
        category = CATEGORIES[CATEGORY.word(cell.category)]
        if category.group == STAFF:
            yield Violation("category", "is for staff, never for contacts")
        elif not category.is_switchable and not cell.is_enabled:
            yield Violation("is_enabled", f"{category.name} cannot be switched off")
    if channel not in CHANNELS:
        yield Violation("channel", "cannot be switched")
    if cell.frequency and not often:
        yield Violation("frequency", "is not known")
    elif channel not in GATHERED and often not in ("", "immediate"):
        yield Violation("frequency", "in-app items always come at once")


def _name_of(cell: pb.CategoryPreference) -> str:
    """Returns the name a cell is kept under; empty when its target is not known."""
    if cell.WhichOneof("target") == "category":
        word = CATEGORY.word(cell.category)
        return CATEGORIES[word].key if word else ""
    return CATEGORY_GROUP.word(cell.group)


def _preferable(word: str) -> str:
    if word not in CHANNELS:
        raise ValueError("is not a channel people can be reached on")
    return word


def _language(text: str) -> str:
    """Returns a tag of a language of the product, with its region when it has one: `pt`, `pt-BR`."""
    base, *rest = text.replace("_", "-").split("-")
    region = rest[0] if rest else ""
    if base.lower() not in LANGUAGES or len(rest) > 1 or (rest and not _is_region(region)):
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}, or one of them with a region")
    return f"{base.lower()}-{region.upper()}" if region else base.lower()


def _is_region(text: str) -> bool:
    return text.isascii() and ((len(text) == 2 and text.isalpha()) or (len(text) == 3 and text.isdigit()))


def _zone(text: str) -> str:
    return zone(text).key


def _time(text: str) -> time:
    return local_time(text)


_PARSERS: dict[str, Callable[[str], Any]] = {
    "language_code": _language,
    "time_zone": _zone,
    "digest_time": _time,
}
