"""Use cases of contacts and staff."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.contacts import convert, store
from services.campaign.contacts.domain import (
    Contact,
    ContactState,
    Filter,
    Reference,
    StaffMember,
    derived_name,
)
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, already_exists, invalid, not_found
from services.common.events.event import Event
from services.common.ids import uuid7
from services.common.security.keys import KeySet


class ContactErasedError(Exception):
    """An erased contact cannot be changed."""

    reason = "CONTACT_ERASED"


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was not taken."""

    index: int
    violations: list[Violation]


@dataclass(slots=True)
class BlockResult:
    """What became of one block of contacts."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    contact_ids: list[UUID | None] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


async def upsert_block(
    uow: UnitOfWork, rows: Sequence[tuple[Contact, list[Violation]]], keys: KeySet
) -> BlockResult:
    """Takes the good rows of a block and reports the bad ones; a repeat changes nothing."""
    result = BlockResult(contact_ids=[None] * len(rows))
    good: list[tuple[int, Contact]] = []
    for index, (contact, violations) in enumerate(rows):
        if not contact.external_id and not any(v.field == "contact.external_id" for v in violations):
            violations = [
                *violations,
                Violation("contact.external_id", "is needed, so that a repeat finds the row"),
            ]
        if violations:
            result.errors.append(RowError(index, violations))
        else:
            good.append((index, contact))
    changed: dict[UUID, store.Written] = {}
    for turn in _turns(good):
        written, ids = await store.upsert_block(uow, [contact for _, contact in turn])
        created = sum(one.created for one in written)
        result.created += created
        result.updated += len(written) - created
        result.unchanged += len(turn) - len(written)
        for index, contact in turn:
            result.contact_ids[index] = ids[contact.external_id or ""]
        changed.update((one.reference.contact_id, one) for one in written)
    announce(uow, list(changed.values()), keys)
    return result


async def upsert(
    uow: UnitOfWork, contact: Contact, paths: Sequence[str] | None, keys: KeySet
) -> tuple[Contact, bool]:
    """Creates a contact, or changes what `paths` name on the one that is matched by id, else by external id."""
    known = None
    if contact.contact_id or contact.external_id:
        known = await store.by_key(
            uow, contact_id=contact.contact_id, external_id=contact.external_id, lock=True
        )
    if known is None:
        if contact.contact_id:
            raise not_found("contact", contact.contact_id)
        return await _create(uow, contact, keys), True
    if known.state is ContactState.ERASED:
        raise ContactErasedError("contact was erased")
    if paths is None:
        raise invalid("update_mask", "must name the fields to change on an existing contact")
    names = [name for path in paths for name in convert.MASKABLE[path]]
    changed = replace(known, **{name: getattr(contact, name) for name in names})
    if {"first_name", "last_name"} & set(paths) and "name" not in paths:
        changed = replace(changed, name=derived_name(changed.first_name, changed.last_name, None))
    if changed == known:
        return known, False
    changed = replace(changed, version=known.version + 1, updated_at=uow.now())
    await store.replace(uow, changed)
    moved = (known.email_canonical, known.phone) != (changed.email_canonical, changed.phone)
    announce(uow, [store.Written(reference(changed), created=False, address_changed=moved)], keys)
    return changed, False


async def get(uow: UnitOfWork, contact_id: UUID | None, external_id: str | None) -> Contact:
    """Returns a contact; NOT_FOUND when there is none, CONTACT_ERASED when only its id is left."""
    found = await store.by_key(uow, contact_id=contact_id, external_id=external_id)
    if found is None:
        raise not_found("contact", contact_id or external_id)
    if found.state is ContactState.ERASED:
        raise ContactErasedError("contact was erased")
    return found


async def page(uow: UnitOfWork, wanted: Filter, before: UUID | None, limit: int) -> list[Contact]:
    """Returns contacts, newest first, older than `before`."""
    return await store.page(uow, wanted, before, limit)


async def references(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> list[Reference]:
    """Returns what other services may know of contacts; unknown ids are left out."""
    return await store.references(uow, contact_ids)


async def reachable(
    uow: UnitOfWork, contact_ids: Sequence[UUID], staff_ids: Sequence[str]
) -> tuple[list[Contact], list[StaffMember]]:
    """Returns contacts and staff members with their addresses; unknown and erased ones are left out."""
    contacts = await store.reachable(uow, contact_ids) if contact_ids else []
    members = await store.staff_by_ids(uow, staff_ids) if staff_ids else {}
    return contacts, list(members.values())


async def staff(uow: UnitOfWork, *, after: str, limit: int) -> list[StaffMember]:
    """Returns staff members by id, after one."""
    return await store.staff(uow, after=after, limit=limit)


async def save_staff(uow: UnitOfWork, member: StaffMember) -> None:
    """Creates or replaces a staff member."""
    await store.upsert_staff(uow, member)
    await audit.record(
        uow,
        action="staff.save",
        resource_type="staff_member",
        resource_id=member.staff_id,
        before=None,
        after={"roles": list(member.roles), "is_email_verified": member.is_email_verified},
    )


async def _create(uow: UnitOfWork, contact: Contact, keys: KeySet) -> Contact:
    now = uow.now()
    created = replace(contact, contact_id=uuid7(), created_at=now, updated_at=now)
    if created.external_id and await store.by_key(uow, external_id=created.external_id):
        raise already_exists("contact", created.external_id)
    await store.insert(uow, created)
    announce(uow, [store.Written(reference(created), created=True, address_changed=False)], keys)
    return created


def announce(uow: UnitOfWork, written: Sequence[store.Written], keys: KeySet) -> None:
    """Emits one event per kind: what was created, what changed its address, what else changed."""
    assert uow.tenant_id is not None  # noqa: S101 - contacts belong to a tenant's unit of work
    kinds: dict[str, list[Reference]] = {}
    for one in written:
        kind = "created" if one.created else "address_changed" if one.address_changed else "updated"
        kinds.setdefault(f"contact.{kind}", []).append(one.reference)
    for kind, references in kinds.items():
        payload = events_pb2.ContactsChanged(
            contacts=convert.references_to_proto(references, keys, uow.tenant_id)
        )
        # Events of contacts keep their order per tenant: two blocks may hold the same contact.
        uow.emit(Event(kind, "contacts", str(uow.tenant_id), payload, count=len(references)))


def reference(contact: Contact) -> Reference:
    assert contact.contact_id is not None  # noqa: S101 - a stored contact has its id
    return Reference(
        contact.contact_id,
        contact.state,
        contact.branch_id,
        contact.language_code,
        contact.time_zone,
        contact.region_code,
        contact.email_canonical,
        contact.phone,
    )


def _turns(rows: list[tuple[int, Contact]]) -> list[list[tuple[int, Contact]]]:
    """Returns the rows in turns in which each external id stands once; later rows change what earlier ones made."""
    turns: list[list[tuple[int, Contact]]] = []
    seen: dict[str, int] = {}
    for row in rows:
        turn = seen.get(row[1].external_id or "", 0)
        seen[row[1].external_id or ""] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(row)
    return turns
