"""SQL of blocks of contacts: up to 1,000 are created or changed by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from services.campaign.contacts.domain import Contact, Reference
from services.campaign.contacts.rows import (
    COUNTS,
    DOCUMENTS,
    KEYS,
    REFERENCE,
    TEXT_ARRAYS,
    WISHED,
    WRITTEN,
    changed_at,
    columns,
    packages_of,
    reference_of,
    said,
    value,
)
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Written:
    """What was done to one contact."""

    reference: Reference
    created: bool = False
    changed: tuple[str, ...] = ()
    """Columns that changed; empty when it was created."""

    @property
    def address_changed(self) -> bool:
        """Returns whether the contact is reached elsewhere now."""
        return "email_canonical" in self.changed or "phone" in self.changed


@dataclass(frozen=True, slots=True)
class Known:
    """What stands of a contact that a block names, in the columns that the block speaks of."""

    contact_id: UUID
    branch_id: UUID | None
    merged_into: UUID | None
    values: Mapping[str, Any]


async def known(uow: UnitOfWork, contacts: Sequence[Contact]) -> dict[str, Known]:
    """Returns what stands of the contacts a block names, by external id, and locks their rows.

    They are locked in the order of their external ids, so that two imports cannot wait for each other.
    """
    rows = await uow.fetch_all(
        "SELECT external_id, contact_id, branch_id, merged_into FROM contact"
        " WHERE tenant_id = %s AND external_id = ANY(%b::text[]) ORDER BY external_id FOR UPDATE",
        (uow.tenant_id, [one.external_id for one in contacts]),
    )
    if not rows:
        return {}
    values = await _standing(uow, contacts, [external_id for external_id, *_ in rows])
    return {
        external_id: Known(contact_id, branch_id, merged_into, values[external_id])
        for external_id, contact_id, branch_id, merged_into in rows
    }


async def _standing(
    uow: UnitOfWork, contacts: Sequence[Contact], external: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Returns what stands in the columns that a block speaks of."""
    names = tuple(name for name in said(columns(contacts)) if name not in KEYS)
    rows = await uow.fetch_all(
        f"SELECT {', '.join(('external_id', *names))} FROM contact"  # noqa: S608 - names of columns
        " WHERE tenant_id = %s AND external_id = ANY(%b::text[])",
        (uow.tenant_id, list(external)),
    )
    return {external_id: dict(zip(names, values, strict=True)) for external_id, *values in rows}


async def upsert(
    uow: UnitOfWork, contacts: Sequence[Contact], before: Mapping[str, Known]
) -> tuple[list[Written], dict[str, UUID]]:
    """Creates or changes contacts by external id, each of which stands once; only what is known changes.

    Returns what was written, and the id of every external id, unchanged ones included. Erased contacts stay as they
    are. `before` is what `known` found of them.
    """
    ordered = {one.external_id or "": one for one in sorted(contacts, key=lambda one: one.external_id or "")}
    values = columns(list(ordered.values()))
    names = said(values)
    rows = await uow.fetch_all(
        _upsert(names),
        {"tenant_id": uow.tenant_id, "now": uow.now(), **{name: values[name] for name in names}},
    )
    ids = {external_id: one.contact_id for external_id, one in before.items()}
    written = []
    for external_id, created, *rest in rows:
        reference = reference_of(rest)
        ids[external_id] = reference.contact_id
        if created:
            written.append(Written(reference, created=True))
        elif was := before.get(external_id):
            written.append(Written(reference, changed=_changed(ordered[external_id], was)))
        else:
            # Another import made it in between; whatever was said counts as changed.
            written.append(Written(reference, changed=tuple(name for name in names if name not in KEYS)))
    return written, ids | await _ids(uow, [one for one in ordered if one not in ids])


async def external_ids(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Returns the external ids of contacts; those without one are left out."""
    rows = await uow.fetch_all(
        "SELECT contact_id, external_id FROM contact WHERE tenant_id = %s AND contact_id = ANY(%b::uuid[])"
        " AND external_id IS NOT NULL",
        (uow.tenant_id, list(contact_ids)),
    )
    return dict(rows)


async def _ids(uow: UnitOfWork, external: Sequence[str]) -> dict[str, UUID]:
    if not external:
        return {}
    rows = await uow.fetch_all(
        "SELECT external_id, contact_id FROM contact WHERE tenant_id = %s AND external_id = ANY(%b::text[])",
        (uow.tenant_id, list(external)),
    )
    return dict(rows)


def _changed(contact: Contact, was: Known) -> tuple[str, ...]:
    """Returns the columns in which a contact said something else than what stood."""
    (new,) = zip(*columns([contact]).values(), strict=True)
    said_now = dict(zip(WRITTEN, new, strict=True))
    return tuple(name for name, old in was.values.items() if _differs(name, old, said_now[name], contact))


def _differs(name: str, old: Any, new: Any, contact: Contact) -> bool:
    if name == "attributes":
        return bool(old | contact.attributes != old)
    if name == "packages":
        return bool(contact.packages) and contact.packages != packages_of(old)
    if name in TEXT_ARRAYS:
        found = getattr(contact, name)
        return bool(found) and list(found) != old
    return bool(new) and new != old if name in COUNTS else new is not None and new != old


@lru_cache(maxsize=256)
def _upsert(names: tuple[str, ...]) -> str:
    """Returns the statement for blocks that speak of these columns; the others keep or get what is nothing."""
    changeable = [name for name in names if name not in KEYS]
    types = {name: WRITTEN[name] for name in names}
    absent = {name: _NOTHING[name] for name in _NOTHING if name not in names}
    selected = ", ".join([*(value("rows", name) for name in names), *absent.values()])
    assigned = [f"{name} = {_merged(name)}" for name in changeable]
    assigned += [
        changed_at(name, _merged(name), "c", "EXCLUDED.updated_at") for name in WISHED if name in names
    ]
    differs = (
        f"({', '.join(f'c.{name}' for name in changeable)}) IS DISTINCT FROM "
        f"({', '.join(map(_merged, changeable))})"
        if changeable
        else "false"
    )
    return f"""
INSERT INTO contact AS c (tenant_id, {", ".join([*names, *absent])}, state, version, created_at, updated_at)
SELECT %(tenant_id)s, {selected}, 1, 1, %(now)s, %(now)s FROM {named_unnest(types)}
ON CONFLICT (tenant_id, external_id) WHERE external_id IS NOT NULL DO UPDATE SET
    {", ".join([*assigned, "version = c.version + 1", "updated_at = EXCLUDED.updated_at"])}
WHERE c.state < 3 AND {differs}
RETURNING external_id, xmax = 0, {REFERENCE}
"""  # noqa: S608 - names of columns


_NOTHING: Mapping[str, str] = {
    **dict.fromkeys(COUNTS, "0"),
    **dict.fromkeys(sorted(TEXT_ARRAYS), "'{}'"),
    "attributes": "'{}'",
    "packages": "'[]'",
}
assert _NOTHING.keys() >= DOCUMENTS  # noqa: S101 - columns that may not be null


def _merged(name: str) -> str:
    """Returns the SQL of an upserted column: the new value where one is known, else what was there."""
    if name == "attributes":
        return "c.attributes || EXCLUDED.attributes"
    if name in COUNTS or name in _NOTHING:
        return f"CASE WHEN EXCLUDED.{name} = {_NOTHING[name]} THEN c.{name} ELSE EXCLUDED.{name} END"
    return f"COALESCE(EXCLUDED.{name}, c.{name})"
