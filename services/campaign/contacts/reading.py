"""From the contract to contacts: everything that can be wrong with a contact is found here."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any, Final, TypeVar
from uuid import UUID

from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import contact_pb2 as pb
from services.campaign.contacts.convert import COUNTS, INSTANTS
from services.campaign.contacts.domain import (
    MAX_ATTRIBUTES,
    MAX_COUNT,
    MAX_KEY,
    MAX_PACKAGES,
    MAX_SPEND,
    MAX_TAGS,
    MEMBERSHIPS,
    Contact,
    Package,
    PartialDate,
    derived_name,
)
from services.common.addresses import canonical_email, parse_phone
from services.common.errors import Violation
from services.common.regions import region_code
from services.common.zones import zone

T = TypeVar("T")

_LONGEST_REF: Final = 100
_LONGEST_TITLE: Final = 200
_LIMITS: Final = {
    "external_id": 100,
    "first_name": 100,
    "last_name": 100,
    "name": 200,
    "language_code": 35,
    "source": 50,
    "customer_type": 50,
    "assigned_staff_id": 100,
}


def contact_from_proto(message: pb.Contact, region: str) -> tuple[Contact, list[Violation]]:
    """Returns the contact of a message, and every field that could not be read with the mend."""
    reader = _Reader(region)
    values: dict[str, Any] = {}
    # Most fields of most contacts are empty: only those that are set are looked at.
    for field, given in message.ListFields():
        if known := _FIELDS.get(field.name):
            name, read = known
            found = read(reader, field.name, given)
            if found is not None:
                values[name] = found
    if email := values.get("email"):
        values["email"], values["email_canonical"] = email
    if "name" not in values:
        values["name"] = derived_name(values.get("first_name"), values.get("last_name"), None)
    return Contact(**values), reader.violations


def tags(given: Sequence[str], field: str) -> tuple[tuple[str, ...], list[Violation]]:
    """Returns tags, each once and in order, and what is wrong with them."""
    found = tuple(dict.fromkeys(tag.strip() for tag in given if tag.strip()))
    violations = []
    if len(found) > MAX_TAGS:
        violations.append(Violation(field, f"must be at most {MAX_TAGS}"))
    if any(len(tag) > MAX_KEY or not tag.isprintable() for tag in found):
        violations.append(Violation(field, f"must each be at most {MAX_KEY} printable characters"))
    return ((), violations) if violations else (found, [])


def attributes(given: Struct, field: str) -> tuple[dict[str, Any], list[Violation]]:
    """Returns attributes as plain values, and what is wrong with them; a date is a text `YYYY-MM-DD`."""
    found: dict[str, Any] = {}
    violations = []
    if len(given.fields) > MAX_ATTRIBUTES:
        violations.append(Violation(field, f"must have at most {MAX_ATTRIBUTES} keys"))
    for key, value in given.fields.items():
        if not key or len(key) > MAX_KEY or not key.isprintable():
            violations.append(Violation(field, f"keys must be 1 to {MAX_KEY} printable characters"))
        elif problem := _problem(value):
            violations.append(Violation(f"{field}.{key}", problem))
        else:
            found[key] = _plain(value)
    return found, violations


def _problem(value: Value) -> str:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        if "\0" in value.string_value:
            return "must not hold NUL characters"
    elif kind == "number_value":
        if not isfinite(value.number_value):
            return "must be a number"
    elif kind != "bool_value":
        return "must be a text, number, boolean or date"
    return ""


def _plain(value: Value) -> Any:
    found = getattr(value, value.WhichOneof("kind") or "string_value")
    # A Struct knows floating point only; what was written as a whole number stays one.
    return int(found) if isinstance(found, float) and found.is_integer() else found


class _Reader:
    """Collects what is wrong with the fields of one message."""

    __slots__ = ("region", "violations")

    def __init__(self, region: str) -> None:
        self.region = region
        self.violations: list[Violation] = []

    def wrong(self, name: str, description: str) -> None:
        """Notes what is wrong with a field."""
        self.violations.append(Violation(f"contact.{name}", description))


_Read = Callable[[_Reader, str, Any], Any]
"""Reads the value of a field; None, and a violation, for one that cannot be read."""


def _text(limit: int) -> _Read:
    """Reads a text without its outer blanks."""

    def read(reader: _Reader, name: str, given: str) -> str | None:
        value = given.strip()
        if len(value) > limit:
            reader.wrong(name, f"must be at most {limit} characters")
        elif not value.isprintable():
            reader.wrong(name, "must not hold control characters")
        elif value:
            return value
        return None

    return read


def _parsed(parse: Callable[[str], T]) -> _Read:
    """Reads what `parse` makes of a text; its ValueError becomes the field's violation."""

    def read(reader: _Reader, name: str, given: str) -> T | None:
        value = given.strip()
        if not value:
            return None
        try:
            return parse(value)
        except ValueError as error:
            reader.wrong(name, str(error))
            return None

    return read


def _phone(reader: _Reader, name: str, given: str) -> Any:
    return _parsed(lambda text: parse_phone(text, reader.region))(reader, name, given)


def _email(text: str) -> tuple[str, str]:
    return text, canonical_email(text)


def _count(most: int) -> _Read:
    """Reads a number that is not negative."""

    def read(reader: _Reader, name: str, given: int) -> int | None:
        if 0 <= given <= most:
            return given
        reader.wrong(name, "must be 0 or more, and fit 32 bits")
        return None

    return read


def _instant(reader: _Reader, name: str, given: Timestamp) -> datetime | None:
    try:
        return given.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        reader.wrong(name, "is no instant between the years 1 and 9999")
        return None


def _tags(reader: _Reader, name: str, given: Sequence[str]) -> tuple[str, ...]:
    found, violations = tags(given, f"contact.{name}")
    reader.violations += violations
    return found


def _attributes(reader: _Reader, name: str, given: Struct) -> dict[str, Any]:
    found, violations = attributes(given, f"contact.{name}")
    reader.violations += violations
    return found


def _packages(reader: _Reader, name: str, given: Sequence[pb.ContactPackage]) -> tuple[Package, ...]:
    """Reads packages, by their references."""
    found: dict[str, Package] = {}
    for index, package in enumerate(given):
        place = f"{name}[{index}]"
        ref, title = package.package_ref.strip(), package.name.strip()
        if not ref or len(ref) > _LONGEST_REF or not ref.isprintable():
            reader.wrong(f"{place}.package_ref", f"must be 1 to {_LONGEST_REF} printable characters")
        elif ref in found:
            reader.wrong(f"{place}.package_ref", "stands twice")
        if len(title) > _LONGEST_TITLE or (title and not title.isprintable()):
            reader.wrong(f"{place}.name", f"must be at most {_LONGEST_TITLE} printable characters")
        if package.remaining_count < 0:
            reader.wrong(f"{place}.remaining_count", "must be 0 or more")
        has_end = package.HasField("expire_time")
        ends = _instant(reader, f"{place}.expire_time", package.expire_time) if has_end else None
        found[ref] = Package(ref, title, package.remaining_count, ends)
    if len(found) > MAX_PACKAGES:
        reader.wrong(name, f"must be at most {MAX_PACKAGES}")
    return tuple(found[ref] for ref in sorted(found))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day, YYYY-MM-DD") from None


def _membership(text: str) -> str:
    if text not in MEMBERSHIPS:
        raise ValueError(f"must be one of {', '.join(MEMBERSHIPS)}")
    return text


# Field of the contract -> field of the domain, and how it is read.
_FIELDS: Final[Mapping[str, tuple[str, _Read]]] = {
    **{name: (name, _text(limit)) for name, limit in _LIMITS.items()},
    **{name: (domain, _instant) for name, domain in INSTANTS.items()},
    **{name: (name, _count(MAX_COUNT)) for name in COUNTS},
    "total_spend_minor": ("total_spend_minor", _count(MAX_SPEND)),
    "contact_id": ("contact_id", _parsed(UUID)),
    "branch_id": ("branch_id", _parsed(UUID)),
    "email": ("email", _parsed(_email)),
    "phone": ("phone", _phone),
    "time_zone": ("time_zone", _parsed(lambda text: zone(text).key)),
    "region_code": ("region_code", _parsed(region_code)),
    "tags": ("tags", _tags),
    "attributes": ("attributes", _attributes),
    "birth_date": ("birth_date", _parsed(PartialDate.parse)),
    "anniversary_date": ("anniversary_date", _parsed(PartialDate.parse)),
    "membership_status": ("membership_status", _parsed(_membership)),
    "points_expire_date": ("points_expire_on", _parsed(_day)),
    "packages": ("packages", _packages),
}
