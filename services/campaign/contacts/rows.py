"""How a contact stands in its row: one table of columns for reading, writing one, and writing blocks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from services.campaign.contacts.domain import Contact, ContactState, Package, PartialDate, Reach, Reference
from services.common.ids import uuid7s

# Column of the table -> type of its array parameter; the block form of a contact.
WRITTEN: Final[Mapping[str, str]] = {
    "contact_id": "uuid",
    "external_id": "text",
    "branch_id": "uuid",
    "first_name": "text",
    "last_name": "text",
    "name": "text",
    "email": "text",
    "email_canonical": "text",
    "phone": "text",
    "language_code": "text",
    "time_zone": "text",
    "region_code": "text",
    "source": "text",
    "customer_type": "text",
    "tags": "text",
    "attributes": "text",
    "birth_month": "int2",
    "birth_day": "int2",
    "birth_year": "int2",
    "anniversary_month": "int2",
    "anniversary_day": "int2",
    "anniversary_year": "int2",
    "first_visit_at": "timestamptz",
    "last_visit_at": "timestamptz",
    "visit_count": "int4",
    "last_purchase_at": "timestamptz",
    "purchase_count": "int4",
    "total_spend_minor": "int8",
    "last_activity_at": "timestamptz",
    "membership_status": "text",
    "membership_expires_at": "timestamptz",
    "loyalty_points": "int4",
    "points_expiring": "int4",
    "points_expire_on": "date",
    "assigned_staff_id": "text",
    "packages": "text",
    "attended_event_refs": "text",
}
COUNTS: Final = (
    "visit_count",
    "purchase_count",
    "total_spend_minor",
    "loyalty_points",
    "points_expiring",
)
TEXT_ARRAYS: Final = frozenset({"tags", "attended_event_refs"})
DOCUMENTS: Final = frozenset({"attributes", "packages"})
KEYS: Final = ("contact_id", "external_id")
CHANGEABLE: Final = tuple(name for name in WRITTEN if name not in KEYS)
WISHED: Final = ("language_code", "time_zone")
"""Fields that contacts themselves may set in consent; the later change wins (CAM-5)."""
READ: Final = (*WRITTEN, "engagement_score", "merged_into", "state", "version", "created_at", "updated_at")
REFERENCE: Final = (
    "contact_id, state, branch_id, language_code, time_zone, region_code, email_canonical, phone"
)
REACH: Final = (
    "email_consented, sms_consented, whatsapp_consented, push_consented, push_reachable, has_whatsapp"
)
_CHANNELS: Final = ("email", "sms", "whatsapp", "push")
_DATES: Final = ("birth", "anniversary")
_EMPTY: Final[Mapping[str, object]] = {
    **dict.fromkeys(COUNTS, 0),
    "tags": "[]",
    "attended_event_refs": "[]",
    "attributes": "{}",
    "packages": "[]",
}


def contact_of(row: Sequence[Any]) -> Contact:
    """Returns the contact of a row in the order of `READ`."""
    values = dict(zip(READ, row, strict=True))
    dates: dict[str, Any] = {}
    for kind in _DATES:
        month, day, year = (values.pop(f"{kind}_{part}") for part in ("month", "day", "year"))
        dates[f"{kind}_date"] = PartialDate(month, day, year) if month else None
    for name in TEXT_ARRAYS:
        values[name] = tuple(values[name])
    values["packages"] = packages_of(values["packages"])
    values["state"] = ContactState(values["state"])
    return Contact(**values, **dates)


def packages_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Package, ...]:
    """Returns packages as they are stored."""
    return tuple(map(_package, stored))


def reference_of(row: Sequence[Any]) -> Reference:
    """Returns the reference of a row in the order of `REFERENCE`."""
    contact_id, state, *rest = row
    return Reference(contact_id, ContactState(state), *rest)


def reach_of(row: Sequence[Any]) -> Reach:
    """Returns the copies of a row in the order of `REACH`."""
    *consented, push_reachable, has_whatsapp = row
    channels = tuple(name for name, yes in zip(_CHANNELS, consented, strict=True) if yes)
    return Reach(channels, push_reachable, has_whatsapp)


def columns(contacts: Sequence[Contact]) -> dict[str, list[Any]]:
    """Returns one array per written column; contacts without an id get one."""
    found: dict[str, list[Any]] = {}
    for name in WRITTEN:
        if name.startswith(_DATES):
            kind, _, part = name.partition("_")
            days: list[PartialDate | None] = [getattr(one, f"{kind}_date") for one in contacts]
            found[name] = [getattr(day, part) if day else None for day in days]
        elif name in TEXT_ARRAYS or name in DOCUMENTS:
            found[name] = [_document(getattr(one, name)) for one in contacts]
        elif name != "contact_id":
            found[name] = [getattr(one, name) for one in contacts]
    fresh = iter(uuid7s(sum(one.contact_id is None for one in contacts)))
    found["contact_id"] = [one.contact_id or next(fresh) for one in contacts]
    return {name: found[name] for name in WRITTEN}


def said(values: Mapping[str, Sequence[Any]]) -> tuple[str, ...]:
    """Returns the columns in which at least one contact has something to say, keys included."""
    return tuple(
        name
        for name, column in values.items()
        if name in KEYS or column.count(_EMPTY.get(name)) != len(column)
    )


def value(alias: str, name: str) -> str:
    """Returns the SQL of a block's column, unpacking what travels as text."""
    if name in TEXT_ARRAYS:
        return f"ARRAY(SELECT jsonb_array_elements_text({alias}.{name}::jsonb))"
    return f"{alias}.{name}::jsonb" if name in DOCUMENTS else f"{alias}.{name}"


def changed_at(name: str, new: str, alias: str, now: str) -> str:
    """Returns the assignment that notes when a field changed last; one that never did was as when the row came."""
    stands = f"{alias}.{name}_changed_at"
    return f"{name}_changed_at = CASE WHEN {new} IS DISTINCT FROM {alias}.{name} THEN {now} ELSE {stands} END"


def _document(found: Any) -> str:
    # Most contacts have no tags, no packages and no attributes.
    if not found:
        return "{}" if isinstance(found, dict) else "[]"
    return orjson.dumps(found).decode()


def _package(stored: Mapping[str, Any]) -> Package:
    ends = stored.get("expires_at")
    return Package(
        stored["package_ref"],
        stored["name"],
        stored["remaining"],
        datetime.fromisoformat(ends) if ends else None,
    )
