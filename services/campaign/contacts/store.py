"""SQL of contacts and staff."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from services.campaign.contacts.domain import (
    Contact,
    ContactState,
    Filter,
    PartialDate,
    Reference,
    StaffMember,
)
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7s

# Column of the table -> type of its array parameter; the block form of a contact.
_BLOCK: dict[str, str] = {
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
}
_COUNTS = ("visit_count", "purchase_count", "total_spend_minor", "loyalty_points")
_DATES = ("birth", "anniversary")
_CHANGEABLE = tuple(name for name in _BLOCK if name not in ("contact_id", "external_id"))
_WISHED = ("language_code", "time_zone")
"""Fields that contacts themselves may set in consent; the later change wins (CAM-5)."""
_READ = (*_BLOCK, "engagement_score", "state", "version", "created_at", "updated_at")
_REFERENCE = "contact_id, state, branch_id, language_code, time_zone, region_code, email_canonical, phone"


@dataclass(frozen=True, slots=True)
class Written:
    """What an upsert did to one contact."""

    reference: Reference
    created: bool
    address_changed: bool


async def upsert_block(uow: UnitOfWork, contacts: Sequence[Contact]) -> tuple[list[Written], dict[str, UUID]]:
    """Creates or changes contacts by external id, each of which stands once; only what is known changes.

    Returns what was written, and the id of every external id, unchanged ones included. Erased contacts stay as they
    are. Rows are locked in the order of their external ids, so that two imports cannot wait for each other.
    """
    ordered = sorted(contacts, key=lambda contact: contact.external_id or "")
    columns = _columns(ordered)
    before = await _lock(uow, columns["external_id"])
    rows = await uow.fetch_all(_UPSERT, {"tenant_id": uow.tenant_id, "now": uow.now(), **columns})
    written = []
    for external_id, created, *reference in rows:
        known = _reference(reference)
        was = before.get(external_id)
        changed = was is None or was != (known.email_canonical, known.phone)
        written.append(Written(known, created, changed and not created))
    ids = await _ids(uow, columns["external_id"])
    return written, ids


async def insert(uow: UnitOfWork, contact: Contact) -> None:
    """Adds one contact with its id."""
    names = ", ".join(_BLOCK)
    await uow.execute(
        f"INSERT INTO contact (tenant_id, {names}, state, version, created_at, updated_at) "
        f"SELECT %(tenant_id)s, {_selected('rows')}, 1, 1, %(now)s, %(now)s FROM {named_unnest(_BLOCK)}",
        {"tenant_id": uow.tenant_id, "now": uow.now(), **_columns([contact])},
    )


async def replace(uow: UnitOfWork, contact: Contact) -> None:
    """Writes all changeable fields of one contact whose row is locked."""
    assignments = ", ".join(
        [f"{name} = {_value('rows', name)}" for name in _CHANGEABLE]
        + [_changed_at(name, f"rows.{name}", "contact", "%(now)s") for name in _WISHED]
    )
    await uow.execute(
        f"UPDATE contact SET {assignments}, version = %(version)s, updated_at = %(now)s "
        f"FROM {named_unnest(_BLOCK)} WHERE contact.tenant_id = %(tenant_id)s "
        "AND contact.contact_id = rows.contact_id",
        {
            "tenant_id": uow.tenant_id,
            "now": uow.now(),
            "version": contact.version,
            **_columns([contact]),
        },
    )


async def wish(uow: UnitOfWork, contact_id: UUID, wanted: Mapping[str, str], said_at: datetime) -> bool:
    """Takes over fields that the contact itself set at an instant, where no later change stands; tells whether any."""
    # A contact's own word holds from when it was said, so that an older change arriving late does not undo it.
    applies = {name: f"coalesce({name}_changed_at, created_at) <= %(said_at)s" for name in wanted}
    assignments = ", ".join(
        f"{name} = CASE WHEN {when} THEN %({name})s ELSE {name} END,"
        f" {name}_changed_at = CASE WHEN {when} THEN %(said_at)s ELSE {name}_changed_at END"
        for name, when in applies.items()
    )
    differs = " OR ".join(
        f"({when} AND {name} IS DISTINCT FROM %({name})s)" for name, when in applies.items()
    )
    changed = await uow.execute(
        f"UPDATE contact SET {assignments}, version = version + 1, updated_at = %(now)s"
        f" WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND state <> 3 AND ({differs})",
        {
            "tenant_id": uow.tenant_id,
            "contact_id": contact_id,
            "now": uow.now(),
            "said_at": said_at,
            **wanted,
        },
    )
    return changed > 0


async def count_sharing(
    uow: UnitOfWork, contact_id: UUID, *, channel: str, email_canonical: str | None, phone: str | None
) -> int:
    """Returns how many other contacts have the address of a channel."""
    column, value = ("email_canonical", email_canonical) if channel == "email" else ("phone", phone)
    count: int = await uow.fetch_value(
        f"SELECT count(*) FROM contact WHERE tenant_id = %s AND {column} = %s AND contact_id <> %s AND state <> 3",
        (uow.tenant_id, value, contact_id),
    )
    return count


async def by_key(
    uow: UnitOfWork, *, contact_id: UUID | None = None, external_id: str | None = None, lock: bool = False
) -> Contact | None:
    """Returns a contact by id, else by external id; None when there is none."""
    rows = await uow.fetch_all(
        f"SELECT {', '.join(_READ)} FROM contact WHERE tenant_id = %s AND "
        f"{'contact_id' if contact_id else 'external_id'} = %s{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, contact_id or external_id),
    )
    return contact_of(rows[0]) if rows else None


async def page(uow: UnitOfWork, wanted: Filter, before: UUID | None, limit: int) -> list[Contact]:
    """Returns contacts, newest first, older than `before`."""
    rows = await uow.fetch_all(
        f"""
        SELECT {", ".join(_READ)} FROM contact
        WHERE tenant_id = %(tenant_id)s AND state <> 3
            AND (%(before)s::uuid IS NULL OR contact_id < %(before)s)
            AND (%(prefix)s = '' OR starts_with(lower(name), lower(%(prefix)s)))
            AND (%(email)s = '' OR email_canonical = %(email)s)
            AND (%(phone)s = '' OR phone = %(phone)s)
            AND (%(tag)s = '' OR tags @> ARRAY[%(tag)s::text])
            AND (%(branch_id)s::uuid IS NULL OR branch_id = %(branch_id)s)
        ORDER BY contact_id DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "before": before,
            "prefix": wanted.name_prefix,
            "email": wanted.email_canonical,
            "phone": wanted.phone,
            "tag": wanted.tag,
            "branch_id": wanted.branch_id,
            "limit": limit,
        },
        prepare=False,
    )
    return [contact_of(row) for row in rows]


async def references(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> list[Reference]:
    """Returns what other services may know of contacts; unknown ids are left out."""
    rows = await uow.fetch_all(
        f"SELECT {_REFERENCE} FROM contact WHERE tenant_id = %s AND contact_id = ANY(%b::uuid[])",
        (uow.tenant_id, list(contact_ids)),
    )
    return [_reference(row) for row in rows]


async def reachable(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> list[Contact]:
    """Returns contacts by their ids, erased and unknown ones left out."""
    rows = await uow.fetch_all(
        f"SELECT {', '.join(_READ)} FROM contact"
        " WHERE tenant_id = %s AND contact_id = ANY(%b::uuid[]) AND state <> 3",
        (uow.tenant_id, list(contact_ids)),
    )
    return [contact_of(row) for row in rows]


async def upsert_staff(uow: UnitOfWork, member: StaffMember) -> None:
    """Adds or replaces a staff member."""
    now = uow.now()
    await uow.execute(
        """
        INSERT INTO staff_member
            (tenant_id, staff_id, name, roles, email, is_email_verified, language_code, time_zone, created_at, updated_at)
        VALUES (%s, %s, %s, %s::text[], %s, %s, %s, %s, %s, %s)
        ON CONFLICT (tenant_id, staff_id) DO UPDATE SET name = EXCLUDED.name, roles = EXCLUDED.roles,
            email = EXCLUDED.email, is_email_verified = EXCLUDED.is_email_verified,
            language_code = EXCLUDED.language_code, time_zone = EXCLUDED.time_zone, updated_at = EXCLUDED.updated_at
        """,
        (
            uow.tenant_id,
            member.staff_id,
            member.name,
            list(member.roles),
            member.email,
            member.is_email_verified,
            member.language_code,
            member.time_zone,
            now,
            now,
        ),
    )


async def staff(uow: UnitOfWork, *, after: str = "", limit: int = 200) -> list[StaffMember]:
    """Returns staff members by id."""
    rows = await uow.fetch_all(
        f"SELECT {_STAFF} FROM staff_member WHERE tenant_id = %s AND staff_id > %s ORDER BY staff_id LIMIT %s",
        (uow.tenant_id, after, limit),
    )
    return [_staff(row) for row in rows]


async def staff_by_ids(uow: UnitOfWork, staff_ids: Sequence[str]) -> dict[str, StaffMember]:
    """Returns staff members by their ids; unknown ones are left out."""
    rows = await uow.fetch_all(
        f"SELECT {_STAFF} FROM staff_member WHERE tenant_id = %s AND staff_id = ANY(%s::text[])",
        (uow.tenant_id, list(staff_ids)),
    )
    return {row[0]: _staff(row) for row in rows}


def contact_of(row: Sequence[Any]) -> Contact:
    """Returns the contact of a row in the order of `READ_COLUMNS`."""
    values = dict(zip(_READ, row, strict=True))
    dates: dict[str, Any] = {}
    for kind in _DATES:
        month, day, year = (values.pop(f"{kind}_{part}") for part in ("month", "day", "year"))
        dates[f"{kind}_date"] = PartialDate(month, day, year) if month else None
    values["tags"] = tuple(values["tags"])
    values["state"] = ContactState(values["state"])
    return Contact(**values, **dates)


READ_COLUMNS = _READ
_STAFF = "staff_id, name, roles, email, is_email_verified, language_code, time_zone"


def _staff(row: Sequence[Any]) -> StaffMember:
    staff_id, name, roles, *rest = row
    return StaffMember(staff_id, name, tuple(roles), *rest)


def _columns(contacts: Sequence[Contact]) -> dict[str, list[Any]]:
    """Returns one array per column of the block."""
    columns: dict[str, list[Any]] = {
        name: [getattr(contact, name) for contact in contacts]
        for name in _BLOCK
        if not name.startswith(_DATES) and name not in ("contact_id", "tags", "attributes")
    }
    fresh = iter(uuid7s(len(contacts)))
    columns["contact_id"] = [contact.contact_id or next(fresh) for contact in contacts]
    columns["tags"] = [orjson.dumps(contact.tags).decode() for contact in contacts]
    columns["attributes"] = [orjson.dumps(contact.attributes).decode() for contact in contacts]
    for kind in _DATES:
        found: Iterable[PartialDate | None] = [getattr(contact, f"{kind}_date") for contact in contacts]
        for part in ("month", "day", "year"):
            columns[f"{kind}_{part}"] = [getattr(one, part) if one else None for one in found]
    return {name: columns[name] for name in _BLOCK}


def _value(alias: str, name: str) -> str:
    """Returns the SQL of a block's column, unpacking what travels as text."""
    if name == "tags":
        return f"ARRAY(SELECT jsonb_array_elements_text({alias}.tags::jsonb))"
    return f"{alias}.{name}::jsonb" if name == "attributes" else f"{alias}.{name}"


def _selected(alias: str) -> str:
    return ", ".join(_value(alias, name) for name in _BLOCK)


def _merged(name: str) -> str:
    """Returns the SQL of an upserted column: the new value where one is known, else what was there."""
    if name == "attributes":
        return "c.attributes || EXCLUDED.attributes"
    if name == "tags":
        return "CASE WHEN EXCLUDED.tags = '{}' THEN c.tags ELSE EXCLUDED.tags END"
    if name in _COUNTS:
        return f"CASE WHEN EXCLUDED.{name} = 0 THEN c.{name} ELSE EXCLUDED.{name} END"
    return f"COALESCE(EXCLUDED.{name}, c.{name})"


def _changed_at(name: str, value: str, alias: str, now: str) -> str:
    """Returns the assignment that notes when a field changed last; one that never did was as when the row came."""
    stands = f"{alias}.{name}_changed_at"
    return (
        f"{name}_changed_at = CASE WHEN {value} IS DISTINCT FROM {alias}.{name} THEN {now} ELSE {stands} END"
    )


_UPSERT = f"""
INSERT INTO contact AS c (tenant_id, {", ".join(_BLOCK)}, state, version, created_at, updated_at)
SELECT %(tenant_id)s, {_selected("rows")}, 1, 1, %(now)s, %(now)s FROM {named_unnest(_BLOCK)}
ON CONFLICT (tenant_id, external_id) WHERE external_id IS NOT NULL DO UPDATE SET
    {", ".join(f"{name} = {_merged(name)}" for name in _CHANGEABLE)},
    {", ".join(_changed_at(name, _merged(name), "c", "EXCLUDED.updated_at") for name in _WISHED)},
    version = c.version + 1, updated_at = EXCLUDED.updated_at
WHERE c.state <> 3 AND ({", ".join(f"c.{name}" for name in _CHANGEABLE)})
    IS DISTINCT FROM ({", ".join(_merged(name) for name in _CHANGEABLE)})
RETURNING external_id, xmax = 0, {_REFERENCE}
"""


async def _lock(uow: UnitOfWork, external_ids: Sequence[str]) -> Mapping[str, tuple[str | None, str | None]]:
    rows = await uow.fetch_all(
        "SELECT external_id, email_canonical, phone FROM contact "
        "WHERE tenant_id = %s AND external_id = ANY(%b::text[]) ORDER BY external_id FOR UPDATE",
        (uow.tenant_id, list(external_ids)),
    )
    return {external_id: (email, phone) for external_id, email, phone in rows}


async def _ids(uow: UnitOfWork, external_ids: Sequence[str]) -> dict[str, UUID]:
    rows = await uow.fetch_all(
        "SELECT external_id, contact_id FROM contact WHERE tenant_id = %s AND external_id = ANY(%b::text[])",
        (uow.tenant_id, list(external_ids)),
    )
    return {str(external_id): contact_id for external_id, contact_id in rows}


def _reference(row: Sequence[Any]) -> Reference:
    contact_id, state, *rest = row
    return Reference(contact_id, ContactState(state), *rest)
