"""Where the value of a template's variable comes from: read once from the table, asked for each reader."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from services.campaign.intake.fields import camel
from services.campaign.orders.domain import OrderReference

COUNTDOWN: Final = "countdown"
"""Word of variables that are given when a notice is handed over."""

_PATH: Final = re.compile(r"[a-z_]+(\.([a-z_]+|\d+))*")
_CALL: Final = re.compile(r"(site|count|names|last8)\((.*)\)")
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_ORDER: Final = {
    "number": lambda order: order.order_number,
    "amount": lambda order: order.amount_minor,
    "currency": lambda order: order.currency_code,
}
_READER: Final = ("name", "first_name")


@dataclass(frozen=True, slots=True)
class Scene:
    """What one notice is made from."""

    data: Mapping[str, Any]
    """The event's, over what an earlier event said of the same thing."""
    kind: str
    """Canonical type of the event."""
    occurred_at: str
    aggregate_id: str
    order: OrderReference | None
    currency: str
    """The tenant's."""
    frontend_url: str
    support_email: str
    name: str = ""
    first_name: str = ""
    item: Mapping[str, Any] = field(default_factory=dict)
    """The reader's own entry, where a list names readers."""
    mine: int = 0
    """How many entries are the reader's."""
    other: Mapping[str, Any] = field(default_factory=dict)
    """The other party."""
    member: Mapping[str, Any] = field(default_factory=dict)
    """The member that an event of a group is about."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of people by the neighbour's id, for those whom the event does not name."""
    stop_link: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One way to a value."""

    text: str
    read: Callable[[Scene], Any]
    field: str = ""
    """Field of the data that it needs; empty where it needs none."""
    is_own: bool = False
    """Whether each reader has a value of their own."""


def sources(text: str) -> tuple[Source, ...]:
    """Reads `event_name | event.name`; ValueError says what cannot be read."""
    return tuple(_source(one.strip()) for one in text.split("|"))


def dig(value: Any, path: str) -> Any:
    """Returns what lies at a path of the data, whichever way its names are written; None where nothing does."""
    for name in path.split("."):
        if isinstance(value, Mapping):
            value = value[name] if name in value else value.get(camel(name))
        elif isinstance(value, list) and name.isdigit():
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def person_name(person: Mapping[str, Any] | None, names: Mapping[str, str]) -> str:
    """Returns how a person of the data is called: as the event says, else as they are known."""
    if not person:
        return ""
    said = person.get("name") or " ".join(
        str(person[one]) for one in ("first_name", "last_name") if person.get(one)
    )
    return str(said or names.get(str(person.get("user_id", "")), ""))


def _source(text: str) -> Source:
    if text == COUNTDOWN:
        return Source(text, lambda _: None)
    if text.startswith("'") and text.endswith("'") and len(text) > 1:
        return Source(text, lambda _: text[1:-1])
    if text.isdigit():
        return Source(text, lambda _: int(text))
    if text in ("support_email", "stop_link", "occurred_at", "aggregate_id"):
        return Source(text, lambda scene: getattr(scene, text), is_own=text == "stop_link")
    if text == "type":
        return Source(text, lambda scene: scene.kind.rpartition(".")[2])
    if call := _CALL.fullmatch(text):
        return _call(text, *call.groups())
    if not _PATH.fullmatch(text):
        raise ValueError(f"the source {text!r} cannot be read")
    return _path(text)


def _call(text: str, word: str, inner: str) -> Source:
    if word == "site":
        needed = _PLACE.findall(inner)
        return Source(text, lambda scene: _page(scene, inner, needed), needed[0] if needed else "")
    if not re.fullmatch(r"[a-z_]+", inner):
        raise ValueError(f"{text} names no field")
    if word == "count":
        if inner == "mine":
            return Source(text, lambda scene: scene.mine or None, is_own=True)
        return Source(text, lambda scene: len(scene.data.get(inner) or ()) or None, inner)
    if word == "names":
        return Source(text, lambda scene: _names(scene.data.get(inner)), inner)
    return Source(text, lambda scene: str(scene.data.get(inner) or "")[-8:], inner)


def _path(text: str) -> Source:
    root, _, rest = text.partition(".")
    if rest and root == "order":
        if rest not in _ORDER:
            raise ValueError(f"nothing is known of an order's {rest}")
        return Source(text, lambda scene: _ORDER[rest](scene.order) if scene.order else None)
    if rest and root == "reader":
        if rest not in _READER:
            raise ValueError(f"nothing is known of a reader's {rest}")
        return Source(text, lambda scene: getattr(scene, rest), is_own=True)
    if rest and root == "item":
        return Source(text, lambda scene: scene.item.get(rest), is_own=True)
    if rest == "name" and root in ("other", "member"):
        return Source(text, lambda scene: person_name(getattr(scene, root), scene.names))
    if rest == "name" and root in ("from", "to", "organizer"):
        return Source(text, lambda scene: person_name(scene.data.get(root), scene.names), root)
    return Source(text, lambda scene: dig(scene.data, text), root)


def _page(scene: Scene, inner: str, needed: list[str]) -> str | None:
    values = {name: scene.data.get(name) for name in needed}
    if any(value in (None, "") for value in values.values()):
        return None
    filled = _PLACE.sub(lambda found: quote(str(values[found.group(1)]), safe=""), inner)
    return scene.frontend_url.rstrip("/") + filled


def _names(value: Any) -> str | None:
    """Returns a list of things or of their names as one text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return None
    found = [one.get("name") if isinstance(one, Mapping) else one for one in value]
    return ", ".join(str(one) for one in found if isinstance(one, str | int) and one != "")
