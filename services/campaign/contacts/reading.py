"""From the contract to contacts: everything that can be wrong with a contact is found here."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import contact_pb2 as pb
from services.campaign.contacts.convert import COUNTS, INSTANTS
from services.campaign.contacts.domain import (
    MAX_ATTRIBUTES,
    MAX_COUNT,
    MAX_KEY,
    MAX_PACKAGES,
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

_LONGEST_VALUE = 2000


def contact_from_proto(message: pb.Contact, region: str) -> tuple[Contact, list[Violation]]:
    """Returns the contact of a message, and every field that could not be read with the mend."""
    reader = _Reader(message)
    email = message.email.strip() or None
    numbers: dict[str, Any] = {name: reader.count(name) for name in COUNTS}
    numbers |= {domain: reader.instant(name) for name, domain in INSTANTS.items()}
    contact = Contact(
        contact_id=reader.read("contact_id", UUID),
        external_id=reader.text("external_id", 100),
        branch_id=reader.read("branch_id", UUID),
        first_name=reader.text("first_name", 100),
        last_name=reader.text("last_name", 100),
        name=derived_name(
            reader.text("first_name", 100, report=False),
            reader.text("last_name", 100, report=False),
            reader.text("name", 200),
        ),
        email=email,
        email_canonical=reader.read("email", canonical_email) if email else None,
        phone=reader.read("phone", lambda text: parse_phone(text, region)),
        language_code=reader.text("language_code", 35),
        time_zone=reader.read("time_zone", lambda text: zone(text).key),
        region_code=reader.read("region_code", region_code),
        source=reader.text("source", 50),
        customer_type=reader.text("customer_type", 50),
        tags=reader.tags(),
        attributes=reader.attributes(),
        birth_date=reader.read("birth_date", PartialDate.parse),
        anniversary_date=reader.read("anniversary_date", PartialDate.parse),
        membership_status=reader.read("membership_status", _membership),
        points_expire_on=reader.read("points_expire_date", _day),
        assigned_staff_id=reader.text("assigned_staff_id", 100),
        packages=reader.packages(),
        **numbers,
    )
    return contact, reader.violations


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
        text = value.string_value
        if len(text) > _LONGEST_VALUE or "\0" in text:
            return f"must be at most {_LONGEST_VALUE:,} characters, without NUL"
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
    """Reads the fields of one message and collects what is wrong with them."""

    def __init__(self, message: pb.Contact) -> None:
        self._message = message
        self.violations: list[Violation] = []

    def text(self, name: str, limit: int, *, report: bool = True) -> str | None:
        """Returns a text without its outer blanks; None when empty."""
        value: str = getattr(self._message, name).strip()
        if not value:
            return None
        problem = None
        if len(value) > limit:
            problem = f"must be at most {limit} characters"
        elif not value.isprintable():
            problem = "must not hold control characters"
        if problem:
            if report:
                self._wrong(name, problem)
            return None
        return value

    def read(self, name: str, parse: Callable[[str], T]) -> T | None:
        """Returns what `parse` makes of a text; its ValueError becomes the field's violation."""
        value: str = getattr(self._message, name).strip()
        if not value:
            return None
        try:
            return parse(value)
        except ValueError as error:
            self._wrong(name, str(error))
            return None

    def tags(self) -> tuple[str, ...]:
        """Returns the tags, each once and in order."""
        found, violations = tags(self._message.tags, "contact.tags")
        self.violations += violations
        return found

    def attributes(self) -> dict[str, Any]:
        """Returns the attributes as plain values."""
        if not self._message.HasField("attributes"):
            return {}
        found, violations = attributes(self._message.attributes, "contact.attributes")
        self.violations += violations
        return found

    def packages(self) -> tuple[Package, ...]:
        """Returns the packages by their references."""
        found: dict[str, Package] = {}
        for index, package in enumerate(self._message.packages):
            name = f"packages[{index}]"
            ref, title = package.package_ref.strip(), package.name.strip()
            if not ref or len(ref) > 100 or not ref.isprintable():
                self._wrong(f"{name}.package_ref", "must be 1 to 100 printable characters")
            elif ref in found:
                self._wrong(f"{name}.package_ref", "stands twice")
            if len(title) > 200 or (title and not title.isprintable()):
                self._wrong(f"{name}.name", "must be at most 200 printable characters")
            if package.remaining_count < 0:
                self._wrong(f"{name}.remaining_count", "must be 0 or more")
            ends = self._instant(package, "expire_time", f"{name}.expire_time")
            found[ref] = Package(ref, title, package.remaining_count, ends)
        if len(found) > MAX_PACKAGES:
            self._wrong("packages", f"must be at most {MAX_PACKAGES}")
        return tuple(found[ref] for ref in sorted(found))

    def count(self, name: str) -> int:
        """Returns a number that is not negative."""
        value: int = getattr(self._message, name)
        if value < 0 or (value > MAX_COUNT and name != "total_spend_minor"):
            self._wrong(name, "must be 0 or more, and fit 32 bits")
            return 0
        return value

    def instant(self, name: str) -> datetime | None:
        """Returns an instant; None when absent."""
        return self._instant(self._message, name, name)

    def _instant(self, message: Message, field: str, name: str) -> datetime | None:
        if not message.HasField(field):
            return None
        stamp: Timestamp = getattr(message, field)
        try:
            return stamp.ToDatetime(tzinfo=UTC)
        except (ValueError, OverflowError):
            self._wrong(name, "is no instant between the years 1 and 9999")
            return None

    def _wrong(self, name: str, description: str) -> None:
        self.violations.append(Violation(f"contact.{name}", description))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day, YYYY-MM-DD") from None


def _membership(text: str) -> str:
    if text not in MEMBERSHIPS:
        raise ValueError(f"must be one of {', '.join(MEMBERSHIPS)}")
    return text
