"""Making one contact part of another (CAM-79)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.campaign.contacts import announce, handlers, merge_store, store
from services.campaign.contacts.blocks import Written
from services.campaign.contacts.domain import Contact, ContactState, united
from services.campaign.contacts.references import reference
from services.common import audit
from services.common.contact_data import merged as merged_contacts
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import denied, invalid
from services.common.jobs import Job, JobContext, JobCounts, apart
from services.common.rpc.context import Caller, current_caller
from services.common.security import permissions
from services.common.security.keys import KeySet

Move = Callable[[UnitOfWork, UUID, UUID], Awaitable[None]]
"""Moves what an area keeps of the first contact to the second, in the transaction of the merge."""

ROLES: Final = frozenset(
    {
        permissions.BRANCH_MANAGER,
        permissions.REGIONAL_MANAGER,
        permissions.SUPER_OWNER,
        permissions.SERVICE,
    }
)


async def merge(
    uow: UnitOfWork, keep_id: UUID, merge_id: UUID, moves: Sequence[Move], keys: KeySet
) -> Contact:
    """Makes a contact part of another, with all its history; a repeat changes nothing.

    Consent learns of it by `contact.merged` and lets the stricter wish of the two hold.

    Raises:
        ServiceError: PERMISSION_DENIED below branch managers; VALIDATION_FAILED when both are one contact; NOT_FOUND.
        ContactErasedError: One of them was erased.
    """
    _ensure_role(current_caller())
    # Always in one order, so that two merges of the same people cannot wait for each other.
    for contact_id in sorted((keep_id, merge_id)):
        await store.row(uow, contact_id=contact_id, lock=True)
    kept = await handlers.get(uow, keep_id, None, lock=True)
    if keep_id == merge_id:
        raise invalid("merge_contact_id", "is the contact to keep")
    merged = await handlers.get(uow, merge_id, None, lock=True)
    if kept.contact_id == merged.contact_id:
        return kept
    found = await _unite(uow, kept, merged, keys)
    for move in moves:
        await move(uow, *_ids(merged, kept))
    await audit.record(
        uow,
        action="contact.merge",
        resource_type="contact",
        resource_id=kept.contact_id,
        before=None,
        after={"merged_contact_id": str(merged.contact_id)},
    )
    return found


async def _unite(uow: UnitOfWork, kept: Contact, merged: Contact, keys: KeySet) -> Contact:
    merged_id, kept_id = _ids(merged, kept)
    changed = united(kept, merged)
    # The redirect keeps its external id, unless the kept contact had none and takes it over.
    await merge_store.redirect(uow, merged_id, kept_id, keep_external_id=kept.external_id is not None)
    changed = replace(changed, version=kept.version + 1, updated_at=uow.now())
    await store.replace(uow, changed)
    await merge_store.write_keys(uow, changed)
    await merge_store.note(uow, merged_id, kept_id, current_caller().subject)
    await merged_contacts.record(uow, merged_id, kept_id)
    fields = tuple(name for name in Contact.__slots__ if getattr(kept, name) != getattr(changed, name))
    gone = Contact(contact_id=merged_id, state=ContactState.MERGED)
    announce.written(
        uow,
        [Written(reference(changed), changed=fields), Written(reference(gone), changed=("email_canonical",))],
        keys,
    )
    announce.merged(uow, changed, merged_id, keys)
    return changed


def _ids(merged: Contact, kept: Contact) -> tuple[UUID, UUID]:
    assert merged.contact_id  # noqa: S101 - stored contacts have their ids
    assert kept.contact_id  # noqa: S101
    return merged.contact_id, kept.contact_id


def _ensure_role(caller: Caller) -> None:
    if not caller.roles & ROLES:
        raise denied("contacts are merged by branch managers and above")


def job(database: Database) -> Job:
    """Returns the job that lets lines of campaigns follow merged contacts, a piece at a time."""

    async def run(context: JobContext) -> JobCounts:
        async with database.system() as uow:
            tenants = await merge_store.waiting_tenants(uow)
        counts = JobCounts(seen=len(tenants))
        for tenant_id in tenants:
            counts = counts.plus(await apart(tenant_id, 0, follow(context, tenant_id)))
        return counts

    async def follow(context: JobContext, tenant_id: UUID) -> JobCounts:
        moved = 0
        found: int | None = 0
        while found is not None and not context.stopping:
            async with database.tenant(tenant_id) as uow:
                found = await merge_store.move_piece(uow)
            moved += found or 0
        return JobCounts(done=moved)

    return Job("contact_merges", timedelta(hours=1), run)
