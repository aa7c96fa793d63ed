"""SQL of single contacts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.campaign.contacts.domain import Contact, Reach, Reference
from services.campaign.contacts.rows import (
    CHANGEABLE,
    REACH,
    READ,
    REFERENCE,
    WISHED,
    WRITTEN,
    changed_at,
    columns,
    contact_of,
    reach_of,
    reference_of,
    value,
)
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

READ_COLUMNS = READ

_SELECT = f"SELECT {', '.join(READ)} FROM contact WHERE tenant_id = %s AND"
_INSERT = f"""
INSERT INTO contact (tenant_id, {", ".join(WRITTEN)}, state, version, created_at, updated_at)
SELECT %(tenant_id)s, {", ".join(value("rows", name) for name in WRITTEN)}, 1, 1, %(now)s, %(now)s
FROM {named_unnest(WRITTEN)}
ON CONFLICT (tenant_id, external_id) WHERE external_id IS NOT NULL DO NOTHING
"""
_ASSIGNED = ", ".join(
    [f"{name} = {value('rows', name)}" for name in CHANGEABLE]
    + [changed_at(name, f"rows.{name}", "contact", "%(now)s") for name in WISHED]
)
_REPLACE = f"""
UPDATE contact SET {_ASSIGNED}, version = %(version)s, updated_at = %(now)s
FROM {named_unnest(WRITTEN)}
WHERE contact.tenant_id = %(tenant_id)s AND contact.contact_id = rows.contact_id
"""


async def insert(uow: UnitOfWork, contact: Contact) -> bool:
    """Adds one contact with its id; False when its external id is taken."""
    added = await uow.execute(_INSERT, {"tenant_id": uow.tenant_id, "now": uow.now(), **columns([contact])})
    return added > 0


async def replace(uow: UnitOfWork, contact: Contact) -> None:
    """Writes all changeable fields of one contact whose row is locked."""
    values = {"tenant_id": uow.tenant_id, "now": uow.now(), "version": contact.version, **columns([contact])}
    await uow.execute(_REPLACE, values)


async def wish(
    uow: UnitOfWork, contact_id: UUID, wanted: Mapping[str, str], said_at: datetime, *, fill: bool = False
) -> bool:
    """Takes over fields that were set elsewhere at an instant, where no later change stands; tells whether any.

    With `fill`, a field that is empty is filled, whenever it was said.
    """
    # What was said holds from when it was said, so that an older change arriving late does not undo it.
    empty = " OR {name} IS NULL" if fill else ""
    applies = {
        name: f"(coalesce({name}_changed_at, created_at) <= %(said_at)s{empty.format(name=name)})"
        for name in wanted
    }
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
        f" WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND state < 3 AND ({differs})",
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
        f"SELECT count(*) FROM contact WHERE tenant_id = %s AND {column} = %s AND contact_id <> %s AND state < 3",
        (uow.tenant_id, value, contact_id),
    )
    return count


async def by_key(
    uow: UnitOfWork, *, contact_id: UUID | None = None, external_id: str | None = None, lock: bool = False
) -> Contact | None:
    """Returns a contact by id, else by external id, or the one it became part of; None when there is none."""
    found = await row(uow, contact_id=contact_id, external_id=external_id, lock=lock)
    while found and found.merged_into:
        found = await row(uow, contact_id=found.merged_into, lock=lock)
    return found


async def row(
    uow: UnitOfWork, *, contact_id: UUID | None = None, external_id: str | None = None, lock: bool = False
) -> Contact | None:
    """Returns the row of a contact as it stands, that of one that became part of another too."""
    key = "contact_id" if contact_id else "external_id"
    rows = await uow.fetch_all(
        f"{_SELECT} {key} = %s{' FOR UPDATE' if lock else ''}", (uow.tenant_id, contact_id or external_id)
    )
    return contact_of(rows[0]) if rows else None


async def reaches(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> dict[UUID, Reach]:
    """Returns what devices and consents say of contacts; those of whom nothing was said are left out."""
    rows = await uow.fetch_all(
        f"SELECT contact_id, {REACH} FROM contact_reach WHERE tenant_id = %s AND contact_id = ANY(%b::uuid[])",
        (uow.tenant_id, list(contact_ids)),
    )
    return {contact_id: reach_of(rest) for contact_id, *rest in rows}


async def references(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> list[Reference]:
    """Returns what other services may know of contacts; unknown ids are left out."""
    rows = await uow.fetch_all(
        f"SELECT {REFERENCE} FROM contact WHERE tenant_id = %s AND contact_id = ANY(%b::uuid[])",
        (uow.tenant_id, list(contact_ids)),
    )
    return list(map(reference_of, rows))


async def reachable(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> list[Contact]:
    """Returns contacts by their ids; erased, merged and unknown ones are left out."""
    rows = await uow.fetch_all(
        f"{_SELECT} contact_id = ANY(%b::uuid[]) AND state < 3", (uow.tenant_id, list(contact_ids))
    )
    return list(map(contact_of, rows))
