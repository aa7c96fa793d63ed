"""Which column is which: header names in any spelling, and what is made of unknown ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cli.importing.problems import FileRefused

ALIASES: Mapping[str, tuple[str, ...]] = {
    "external_id": ("id", "customer id", "contact id", "user id"),
    "email": ("email address", "mail"),
    "phone": ("phone number", "mobile", "mobile number", "telephone"),
    "first_name": ("given name", "forename"),
    "last_name": ("surname", "family name"),
    "language": ("language code", "locale", "lang"),
    "time_zone": ("tz",),
    "region_code": ("region", "country code"),
    "name": ("full name",),
    "branch": ("branch id", "location", "outlet"),
    "birth_date": ("birthday", "date of birth", "dob"),
    "anniversary_date": ("anniversary",),
    "customer_type": ("customer kind",),
    "staff": ("staff id", "assigned staff", "assigned staff id"),
    "tags": ("labels",),
    "visit_count": ("visits",),
    "first_visit": ("first visit time", "first visit at"),
    "last_visit": ("last visit time", "last visit at"),
    "purchase_count": ("purchases",),
    "last_purchase": ("last purchase time", "last purchase at"),
    "total_spend_minor": (),
    "last_activity": ("last activity time", "last activity at"),
    "membership_status": ("membership",),
    "membership_expires": ("membership expire time", "membership expires at"),
    "loyalty_points": ("points",),
    "points_expiring": (),
    "points_expire_date": (),
    "consent_source": (),
    "consent_at": (),
    "consent_evidence": (),
    "suppressed": (),
}
CONSENT_CHANNELS = ("email", "sms", "whatsapp", "push", "in_app")
_ATTRIBUTE = "attributes."
_KINDS = ("text", "number", "bool", "date")
_LONGEST_KEY = 50
_MOST_KEYS = 100


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a row each thing stands."""

    fields: Mapping[str, int]
    consents: Mapping[str, int]
    """By channel."""
    attributes: Sequence[tuple[str, int]]
    """By key, in the order of the columns."""
    kinds: Mapping[str, str]
    """What the values of an attribute are, where the header says so: number, bool or date; the others are texts."""
    unknown: list[str] = field(default_factory=list)
    """Columns that are ignored, by their names in the file."""


def layout_of(header: Sequence[str]) -> Layout:
    """Returns the layout of a header; FileRefused when it names no person, or one thing twice."""
    found: dict[str, list[tuple[int, str]]] = {}
    attributes: dict[str, int] = {}
    kinds: dict[str, str] = {}
    unknown: list[str] = []
    for position, name in enumerate(header):
        if key := _attribute(name):
            key, kind = _kind(key)
            _refuse_attribute(key, attributes)
            attributes[key] = position
            kinds[key] = kind
        elif (meant := _NAMES.get(_folded(name))) is not None:
            found.setdefault(meant, []).append((position, name))
        else:
            unknown.append(name or f"column {position + 1}")
    positions: dict[str, int] = {}
    for meant, places in found.items():
        position, ignored = _chosen(meant, places)
        positions[meant] = position
        unknown += ignored
    if "external_id" not in positions:
        raise FileRefused(
            f"The header has no column external_id: {', '.join(header)[:200]}",
            "Name the column with each person's id external_id, id, customer id, contact id or user id.",
        )
    consents = {
        channel: positions.pop(f"consent_{channel}")
        for channel in CONSENT_CHANNELS
        if f"consent_{channel}" in positions
    }
    return Layout(positions, consents, list(attributes.items()), kinds, unknown)


def _chosen(meant: str, places: list[tuple[int, str]]) -> tuple[int, list[str]]:
    """Returns the position of a column and the names of its rivals: the documented name wins over other names."""
    exact = [place for place in places if _folded(place[1]) == _folded(meant)]
    best = exact or places
    if len(best) > 1:
        names = " and ".join(f"'{name}'" for _, name in best[:2])
        raise FileRefused(f"The columns {names} both mean {meant}.", "Remove or rename one of them.")
    return best[0][0], [name for place, name in places if place != best[0][0]]


def _refuse_attribute(key: str, known: Mapping[str, int]) -> None:
    if key in known:
        raise FileRefused(f"The column attributes.{key} stands twice.", "Remove or rename one of them.")
    if len(key) > _LONGEST_KEY or not key.isprintable():
        raise FileRefused(
            f"The column attributes.{key[:60]} has a key that is too long or holds control characters.",
            f"Use at most {_LONGEST_KEY} printable characters.",
        )
    if len(known) >= _MOST_KEYS:
        raise FileRefused(f"There are more than {_MOST_KEYS} attributes.", "Leave some columns out.")


def _folded(name: str) -> str:
    return "".join(mark for mark in name.casefold() if mark not in " -_")


def _attribute(name: str) -> str:
    """Returns the key of a column `attributes.<key>` as it is written; empty for other columns."""
    prefix, dot, key = name.partition(".")
    return key.strip() if dot and _folded(prefix) + "." == _ATTRIBUTE else ""


def _kind(key: str) -> tuple[str, str]:
    """Returns the key of an attribute and the kind of its values, which a header such as `size:number` names."""
    plain, colon, kind = key.rpartition(":")
    if colon and plain.strip() and kind.strip().casefold() in _KINDS:
        return plain.strip(), kind.strip().casefold()
    return key, "text"


_NAMES = {
    **{_folded(alias): meant for meant, aliases in ALIASES.items() for alias in (meant, *aliases)},
    **{_folded(f"consent_{channel}"): f"consent_{channel}" for channel in CONSENT_CHANNELS},
}
