"""Variables of templates: by name, each of its kind, and nothing else of an event (EVT-131)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from services.campaign.intake.notation import Field
from services.campaign.rules.sources import COUNTDOWN, Scene, Source, sources
from services.common.money import Money

KINDS: Final = ("string", "number", "truth", "money", "date", "datetime", "url", "list", "object")
LONGEST: Final = 2_000
MOST_ENTRIES: Final = 100


def snake(name: str) -> str:
    """Returns the field that a variable is called after."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: what it is and where it comes from."""

    name: str
    kind: str
    sources: tuple[Source, ...]
    parts: Mapping[str, tuple[Source, ...]]
    """Of an object or of each entry of a list, by name."""

    @property
    def is_countdown(self) -> bool:
        """Returns whether its value is known only when a notice is handed over."""
        return any(one.text == COUNTDOWN for one in self.sources)

    @property
    def is_own(self) -> bool:
        """Returns whether each reader has a value of their own; amounts are in the currency of the reader's entry."""
        return self.kind in ("money", "list") or any(one.is_own for one in self._ways())

    def _ways(self) -> list[Source]:
        return [*self.sources, *(one for part in self.parts.values() for one in part)]

    def fields(self) -> set[str]:
        """Returns the fields of the data of which one is enough; empty where it needs none."""
        ways = list(self.sources) if self.kind == "list" else self._ways()
        return set() if any(not one.field for one in ways) else {one.field for one in ways}

    def value(self, scene: Scene) -> Any:
        """Returns the value for one reader as JSON; what is unknown is an empty text, 0, or an empty list."""
        if self.kind == "object":
            return {name: _shown(_first(ways, scene), "string", scene) for name, ways in self.parts.items()}
        found = _first(self.sources, scene)
        if self.kind == "list":
            return [self._entry(one, scene) for one in _entries(found)[:MOST_ENTRIES]]
        return _shown(found, self.kind, scene)

    def _entry(self, entry: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
        given = Scene(
            data=entry,
            kind=scene.kind,
            occurred_at=scene.occurred_at,
            aggregate_id=scene.aggregate_id,
            order=None,
            currency=str(entry.get("currency") or _currency(scene)),
            frontend_url=scene.frontend_url,
            support_email=scene.support_email,
        )
        return {
            name: _shown(_first(ways, given), _PART_KINDS.get(name, "string"), given)
            for name, ways in self.parts.items()
        }


_PART_KINDS: Final = {"price": "money", "amount": "money", "quantity": "number"}


def variable(name: str, kind: str, written: str = "", parts: Mapping[str, str] | None = None) -> Variable:
    """Reads a variable of the table; ValueError says what cannot be read."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of variable")
    if bool(parts) != (kind in ("list", "object")):
        raise ValueError("lists and objects have parts, others have none")
    text = written or snake(name)
    return Variable(
        name,
        kind,
        () if kind == "object" else sources(text),
        {part: sources(way) for part, way in (parts or {}).items()},
    )


def values_of(given: Mapping[str, Variable], scene: Scene) -> dict[str, Any]:
    """Returns the values of variables, without what is counted down."""
    return {name: one.value(scene) for name, one in given.items() if not one.is_countdown}


def parted(given: Mapping[str, Variable]) -> tuple[dict[str, Variable], dict[str, Variable]]:
    """Returns the variables that all readers share, and those that are each reader's own."""
    own = {name: one for name, one in given.items() if one.is_own}
    return {name: one for name, one in given.items() if name not in own}, own


def roots(fields: tuple[Field, ...]) -> set[str]:
    """Returns the names under which an event's data holds something."""
    return {name for one in fields for name in (one.name, *one.others)}


def _first(ways: tuple[Source, ...], scene: Scene) -> Any:
    for way in ways:
        value = way.read(scene)
        if value is not None and value != "":
            return value
    return None


def _shown(value: Any, kind: str, scene: Scene) -> Any:
    if isinstance(value, Mapping):
        # A change is told as what it was and what it is.
        value = value.get("to", value.get("new"))
    if isinstance(value, list | Mapping):
        value = None
    return _SHOWN[kind](value, scene)


def _text(value: Any, _: Scene) -> str:
    return "" if value is None else str(value)[:LONGEST]


def _number(value: Any, _: Scene) -> float | int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    return int(value) if isinstance(value, str) and value.isdigit() and len(value) < 16 else 0


def _money(value: Any, scene: Scene) -> dict[str, Any] | str:
    if isinstance(value, bool) or not isinstance(value, int):
        return ""
    found = Money.of_minor(_currency(scene), value).to_proto()
    return {"currency_code": found.currency_code, "units": found.units, "nanos": found.nanos}


def _time(value: Any, _: Scene) -> str:
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return ""
        return found.astimezone(UTC).isoformat() if found.tzinfo else ""
    return ""


def _day(value: Any, scene: Scene) -> str:
    if not isinstance(value, str):
        return ""
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return _time(value, scene)


def _currency(scene: Scene) -> str:
    known = scene.order.currency_code if scene.order else None
    said = scene.item.get("currency") or scene.data.get("currency") or known
    return str(said or scene.currency)


def _entries(value: Any) -> list[Mapping[str, Any]]:
    """Returns the entries of a list of objects; an object of figures is one too."""
    if isinstance(value, Mapping):
        return [{"name": name, "value": one} for name, one in value.items()]
    if not isinstance(value, list):
        return []
    return [one if isinstance(one, Mapping) else {"name": one} for one in value]


_SHOWN: Final[Mapping[str, Callable[[Any, Scene], Any]]] = {
    "string": _text,
    "url": _text,
    "number": _number,
    "truth": lambda value, _: bool(value),
    "money": _money,
    "date": _day,
    "datetime": _time,
}
