"""SQL of lists of contacts."""

from typing import Any, Final
from uuid import UUID

from services.campaign.contacts.domain import Contact, Filter
from services.campaign.contacts.rows import READ, contact_of
from services.common.db.uow import UnitOfWork

# Each filter with its parameter; those that are empty are left out, so that the planner sees what is asked.
_CONDITIONS: Final = {
    # A range, because an index that policies stand before finds no prefix; U+10FFFF comes after everything.
    "prefix": "name_folded >= lower(%(prefix)s::text) AND name_folded < lower(%(prefix)s::text) || chr(1114111)",
    "email": "email_canonical = %(email)s",
    "phone": "phone = %(phone)s",
    "tag": "tags @> ARRAY[%(tag)s::text]",
    "branch_id": "branch_id = %(branch_id)s",
    "staff": "assigned_staff_id = %(staff)s",
    "within": "branch_id = ANY(%(within)s::uuid[])",
    "before": "contact_id < %(before)s",
    "after": "contact_id > %(after)s",
}


async def page(uow: UnitOfWork, wanted: Filter, before: UUID | None, limit: int) -> list[Contact]:
    """Returns contacts, newest first, older than `before`."""
    query, params = _listed(uow, wanted, before=before)
    rows = await uow.fetch_all(
        f"{query} ORDER BY contact_id DESC LIMIT %(limit)s", {**params, "limit": limit}, prepare=False
    )
    return list(map(contact_of, rows))


async def after(uow: UnitOfWork, wanted: Filter, last: UUID | None, limit: int) -> list[Contact]:
    """Returns contacts, oldest first, newer than `last`."""
    query, params = _listed(uow, wanted, after=last)
    rows = await uow.fetch_all(
        f"{query} ORDER BY contact_id LIMIT %(limit)s", {**params, "limit": limit}, prepare=False
    )
    return list(map(contact_of, rows))


def _listed(uow: UnitOfWork, wanted: Filter, **places: UUID | None) -> tuple[str, dict[str, Any]]:
    asked = {
        "prefix": wanted.name_prefix,
        "email": wanted.email_canonical,
        "phone": wanted.phone,
        "tag": wanted.tag,
        "branch_id": wanted.branch_id,
        "staff": wanted.assigned_staff_id,
        "within": list(wanted.within),
        **places,
    }
    params = {name: value for name, value in asked.items() if value}
    conditions = "".join(f" AND {_CONDITIONS[name]}" for name in params)
    query = f"SELECT {', '.join(READ)} FROM contact WHERE tenant_id = %(tenant_id)s AND state < 3{conditions}"  # noqa: S608
    return query, {"tenant_id": uow.tenant_id, **params}
