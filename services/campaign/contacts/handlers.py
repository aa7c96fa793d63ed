"""Use cases of contacts: one by one, and what others ask."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from services.campaign.contacts import announce, convert, homes, listing, scope, store
from services.campaign.contacts.blocks import Written
from services.campaign.contacts.domain import (
    Contact,
    ContactErasedError,
    ContactState,
    Filter,
    Reach,
    Reference,
    TooManyError,
    attributed,
    derived_name,
    tagged,
)
from services.campaign.contacts.references import reference
from services.campaign.segments import scope as segment_scope
from services.campaign.segments import store as segment_store
from services.campaign.segments.domain import Segment
from services.campaign.segments.handlers import memberships
from services.campaign.staff import store as staff
from services.campaign.staff.domain import StaffMember
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, already_exists, invalid, not_found
from services.common.ids import uuid7
from services.common.rpc.context import current_caller
from services.common.security.keys import KeySet

SOURCE: Final = "api"
EXPORT_BLOCK: Final = 500


async def upsert(
    uow: UnitOfWork, contact: Contact, paths: Sequence[str] | None, etag: str, keys: KeySet
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
    known = _living(known, contact.contact_id or contact.external_id)
    if paths is None:
        raise invalid("update_mask", "must name the fields to change on an existing contact")
    if etag and etag != str(known.version):
        raise aborted("the contact changed meanwhile; read it again")
    names = [name for path in paths for name in convert.MASKABLE[path]]
    changed = replace(known, **{name: getattr(contact, name) for name in names})
    if {"first_name", "last_name"} & set(paths) and "name" not in paths:
        changed = replace(changed, name=derived_name(changed.first_name, changed.last_name, None))
    scope.ensure(changed.branch_id)
    if changed.branch_id != known.branch_id:
        await homes.ensure(uow, changed.branch_id)
    return await save(uow, known, changed, keys), False


async def save(uow: UnitOfWork, known: Contact, changed: Contact, keys: KeySet) -> Contact:
    """Writes a contact whose row is locked and tells of it, unless nothing changed."""
    fields = tuple(name for name in Contact.__slots__ if getattr(known, name) != getattr(changed, name))
    if not fields:
        return known
    changed = replace(changed, version=known.version + 1, updated_at=uow.now())
    await store.replace(uow, changed)
    announce.written(uow, [Written(reference(changed), changed=fields)], keys)
    return changed


async def update_tags(
    uow: UnitOfWork, contact_id: UUID, add: Sequence[str], remove: Sequence[str], keys: KeySet
) -> Contact:
    """Adds and removes tags (CAM-29)."""
    known = await get(uow, contact_id, None, lock=True)
    try:
        return await save(uow, known, tagged(known, add, remove), keys)
    except TooManyError as error:
        raise invalid("add_tags", str(error)) from None


async def update_attributes(
    uow: UnitOfWork, contact_id: UUID, values: dict[str, object], remove: Sequence[str], keys: KeySet
) -> Contact:
    """Sets and removes attributes (CAM-29)."""
    known = await get(uow, contact_id, None, lock=True)
    try:
        return await save(uow, known, attributed(known, values, remove), keys)
    except TooManyError as error:
        raise invalid("set_attributes", str(error)) from None


async def get(
    uow: UnitOfWork, contact_id: UUID | None, external_id: str | None, *, lock: bool = False
) -> Contact:
    """Returns a contact, or the one it became part of; NOT_FOUND when there is none for the caller.

    Raises:
        ContactErasedError: Only its id is left.
    """
    found = await store.by_key(uow, contact_id=contact_id, external_id=external_id, lock=lock)
    return _living(found, contact_id or external_id)


async def page(uow: UnitOfWork, wanted: Filter, before: UUID | None, limit: int) -> list[Contact]:
    """Returns contacts that the caller sees, newest first, older than `before`."""
    return await listing.page(uow, _within(wanted), before, limit)


async def every(
    database: Database, tenant_id: UUID, wanted: Filter, after: UUID | None
) -> AsyncIterator[list[tuple[Contact, Reach | None]]]:
    """Yields contacts that the caller sees in blocks, oldest first, each with what devices and consents say.

    Each block is a transaction of its own: whoever reads slowly holds nothing back.
    """
    block: list[Contact] | None = None
    while block is None or len(block) == EXPORT_BLOCK:
        async with database.tenant(tenant_id) as uow:
            block = await listing.after(uow, _within(wanted), after, EXPORT_BLOCK)
            found = await reaches(uow, block)
        if block:
            after = block[-1].contact_id
            yield [(one, found.get(one.contact_id)) for one in block]  # type: ignore[arg-type]


async def reaches(uow: UnitOfWork, contacts: Sequence[Contact]) -> dict[UUID, Reach]:
    """Returns what devices and consents say of contacts."""
    return await store.reaches(uow, [one.contact_id for one in contacts if one.contact_id])


async def segments(uow: UnitOfWork, contact_id: UUID, after: UUID | None) -> list[Segment]:
    """Returns the segments a contact is in at this moment, by id, from the one after `after` (CAM-31)."""
    found = await get(uow, contact_id, None)
    assert found.contact_id is not None  # noqa: S101 - a stored contact has its id
    live = [
        one
        for one in await segment_store.live(uow)
        if (after is None or one.segment_id > after) and segment_scope.is_visible(one)
    ]
    holds = await memberships(uow, found.contact_id, live) if live else []
    members = [one for one, is_member in zip(live, holds or [], strict=False) if is_member]
    return await segment_scope.counted(uow, members)


async def references(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> list[Reference]:
    """Returns what other services may know of contacts; unknown ids are left out."""
    return await store.references(uow, contact_ids)


async def reachable(
    uow: UnitOfWork, contact_ids: Sequence[UUID], staff_ids: Sequence[str]
) -> tuple[list[Contact], list[StaffMember]]:
    """Returns contacts and staff members with their addresses; unknown and erased ones are left out."""
    contacts = await store.reachable(uow, contact_ids) if contact_ids else []
    members = await staff.by_ids(uow, staff_ids) if staff_ids else {}
    return contacts, list(members.values())


async def _create(uow: UnitOfWork, contact: Contact, keys: KeySet) -> Contact:
    now = uow.now()
    created = replace(
        scope.placed(contact),
        contact_id=uuid7(),
        source=contact.source or SOURCE,
        created_at=now,
        updated_at=now,
    )
    await homes.ensure(uow, created.branch_id)
    if not await store.insert(uow, created):
        raise already_exists("contact", created.external_id)
    announce.written(uow, [Written(reference(created), created=True)], keys)
    return created


def _within(wanted: Filter) -> Filter:
    return replace(wanted, within=current_caller().own_branches())


def _living(found: Contact | None, key: object) -> Contact:
    if found and found.state is ContactState.ERASED:
        raise ContactErasedError("contact was erased")
    return scope.seen(found, key)
