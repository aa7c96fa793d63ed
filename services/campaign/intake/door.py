"""The door: what a neighbour says becomes an event of the contract, or is refused with reasons (EVT-1 to EVT-9)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.intake import fields, values
from services.campaign.intake.catalogue import CANONICAL, INTERNAL, KINDS, RESTRICTED, fact_of
from services.campaign.intake.fields import camel
from services.campaign.intake.notation import Field
from services.common.errors import Violation

MOST_EVENTS: Final = 500
LARGEST_DATA: Final = 1_048_576
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_SOURCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}")

INVALID: Final = "invalid"
RESTRICTED_TYPE: Final = "restricted"
OTHER_TENANT: Final = "tenant_mismatch"
OTHER_SOURCE: Final = "source_mismatch"
OTHER_TYPE: Final = "type_not_allowed"
TOO_LARGE: Final = "too_large"


@dataclass(frozen=True, slots=True)
class Admitted:
    """An event that may be stored."""

    event_id: UUID
    type: str
    named_type: str
    is_known: bool
    is_internal: bool
    version: int
    source: str
    branch_ref: str
    occurred_at: datetime
    aggregate_type: str
    aggregate_id: str
    sequence: int | None
    correlation_id: str
    causation_id: str
    fact: str
    data: bytes
    """Checked data as JSON."""
    has_secret: bool
    people: tuple[tuple[str, str], ...]
    """Kind and value of everything that names somebody: `id`, `email`, `phone`."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that is not taken, and why."""

    event_id: str
    reason: str
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What events of one request may be: those of a tenant, and of a key's source and types where one signed it."""

    tenant_id: UUID
    source: str = ""
    types: frozenset[str] = frozenset()


class _Envelope:
    """The fields of an envelope, read one by one; what is wrong is gathered."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self.violations: list[Violation] = []

    def raw(self, name: str) -> Any:
        """Returns a field by its name or its name in camel case; what is empty is absent."""
        value = self._given.get(name, self._given.get(camel(name)))
        return None if value == "" else value

    def read(self, name: str, check: values.Check, default: Any = None, *, required: bool = False) -> Any:
        """Returns a checked field, or the default."""
        value = self.raw(name)
        if value is None:
            if required:
                self.refuse(name, "is needed")
            return default
        try:
            return check(value)
        except ValueError as error:
            self.refuse(name, str(error))
            return default

    def refuse(self, name: str, description: str) -> None:
        """Notes what is wrong with a field."""
        self.violations.append(Violation(name, description))


def admit(given: Any, terms: Terms) -> Admitted | Refused:
    """Returns the event that an envelope holds, translated and checked; or why it is refused."""
    if not isinstance(given, Mapping):
        return Refused("", INVALID, (Violation("", "must be an object"),))
    envelope = _Envelope(given)
    shown = envelope.raw("event_id")
    shown = shown[:100] if isinstance(shown, str) else ""
    named = envelope.read("type", _type, "", required=True)
    if named.startswith(RESTRICTED):
        # Nothing of it is looked at, kept or answered.
        return Refused(shown, RESTRICTED_TYPE)
    tenant_id = envelope.read("tenant_id", _uuid, required=True)
    if tenant_id is not None and tenant_id != terms.tenant_id:
        return Refused(shown, OTHER_TENANT)
    source = envelope.read("source", _source, "", required=True)
    if terms.source and source and source != terms.source:
        return Refused(shown, OTHER_SOURCE)
    canonical = CANONICAL.get(named, named)
    if terms.types and named and canonical not in terms.types:
        return Refused(shown, OTHER_TYPE)
    return _event(envelope, shown, named, canonical, source)


def _event(envelope: _Envelope, shown: str, named: str, canonical: str, source: str) -> Admitted | Refused:
    event_id = envelope.read("event_id", _uuid, required=True)
    version = envelope.read("version", _version, 1)
    occurred_at = envelope.read("occurred_at", values.moment, "1970-01-01T00:00:00Z", required=True)
    aggregate_id = envelope.read("aggregate_id", values.identifier, "", required=True)
    rest = {
        name: envelope.read(name, values.identifier, "")
        for name in ("branch_ref", "aggregate_type", "correlation_id", "causation_id")
    }
    sequence = envelope.read("sequence", values.whole)
    given = envelope.read("data", values.mapping, {})
    kind = KINDS.get(canonical)
    is_internal = kind is None and named.startswith(INTERNAL)
    data = dict(given) if kind is None else checked(canonical, given, envelope.violations)
    if envelope.violations or event_id is None:
        return Refused(shown, INVALID, tuple(envelope.violations))
    try:
        packed = b"{}" if is_internal else orjson.dumps(data)
    except TypeError:
        return Refused(shown, INVALID, (Violation("data", "must be JSON"),))
    if len(packed) > LARGEST_DATA:
        return Refused(shown, TOO_LARGE, (Violation("data", f"must have at most {LARGEST_DATA} bytes"),))
    return Admitted(
        event_id=event_id,
        type=canonical,
        named_type=named,
        is_known=kind is not None,
        is_internal=is_internal,
        version=version,
        source=source,
        branch_ref=rest["branch_ref"],
        occurred_at=datetime.fromisoformat(occurred_at),
        aggregate_type=rest["aggregate_type"] or canonical.partition(".")[0],
        aggregate_id=aggregate_id,
        sequence=sequence,
        correlation_id=rest["correlation_id"],
        causation_id=rest["causation_id"],
        fact=(fact_of(kind, data) if kind else "") or f"event/{event_id}",
        data=packed,
        has_secret=bool(kind and kind.secrets & data.keys()),
        people=() if is_internal else people_in(data),
    )


def checked(canonical: str, given: Mapping[str, Any], violations: list[Violation]) -> dict[str, Any]:
    """Returns the data of a known type as its catalogue line wants it."""
    kind = KINDS[canonical]
    data = dict(given)
    if any(field.name == fields.PERSON for field in kind.fields):
        who = fields.taken(data, Field(fields.PERSON))
        if who is None:
            who = fields.gathered(data, kind.fields)
        if who is not None:
            data[fields.PERSON] = who
    found = fields.checked(data, kind.fields, "data", violations)
    for name, most in kind.most.items():
        count = len(found.get(name, ()))
        if not 1 <= count <= most:
            violations.append(Violation(f"data.{name}", f"must have 1 to {most} items"))
    _check_links(found, violations)
    return found


def _check_links(data: Mapping[str, Any], violations: list[Violation]) -> None:
    """Refuses links to pay by whose only secret is an id that the event names (EVT-63)."""
    for index, one in enumerate(data.get("members") or ()):
        link = one.get("pay_url")
        if not isinstance(link, str) or not link:
            continue
        secrets = values.tokens(link) if "//" in link else set()
        ids = {
            str(known).replace("-", "").lower()
            for known in (data.get("group_id"), data.get("event_ref"), *one.values())
        }
        if secrets and all(word.replace("-", "").lower() in ids for word in secrets):
            violations.append(Violation(f"data.members[{index}].pay_url", values.BARE_LINK))


def people_in(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Returns what in data names somebody, each once."""
    found = {
        ({"user_id": "id", "phone": "phone"}.get(key, "email"), one[key])
        for one, key in fields.addresses_in(data)
    }
    return tuple(sorted(found))


def _type(value: Any) -> str:
    found = value.strip().lower() if isinstance(value, str) else ""
    if not _TYPE.fullmatch(found):
        raise ValueError("must be a type such as order.paid")
    return found


def _source(value: Any) -> str:
    if not isinstance(value, str) or not _SOURCE.fullmatch(value):
        raise ValueError("must be the name of a system, such as orders")
    return value


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError):
        raise ValueError("must be a UUID") from None


def _version(value: Any) -> int:
    if value != 1 or isinstance(value, bool):
        raise ValueError("must be 1")
    return 1
