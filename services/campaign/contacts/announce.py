"""The events of contacts (EVT-115)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.contacts import store
from services.campaign.contacts.blocks import Written
from services.campaign.contacts.convert import PATHS
from services.campaign.contacts.domain import Contact
from services.campaign.contacts.references import reference, references_to_proto
from services.common.db.uow import UnitOfWork
from services.common.events.event import MAX_ITEMS, Event
from services.common.security.keys import KeySet


def written(uow: UnitOfWork, contacts: Sequence[Written], keys: KeySet) -> None:
    """Emits one event per kind: what was created, what changed its address, what else changed."""
    kinds: dict[str, list[Written]] = {}
    for one in contacts:
        kind = "created" if one.created else "address_changed" if one.address_changed else "updated"
        kinds.setdefault(f"contact.{kind}", []).append(one)
    for kind, found in kinds.items():
        for start in range(0, len(found), MAX_ITEMS):
            _emit(uow, kind, found[start : start + MAX_ITEMS], keys)


async def touched(
    uow: UnitOfWork, contact_ids: Collection[UUID | None], changed: tuple[str, ...], keys: KeySet
) -> None:
    """Emits that fields of contacts changed by what events said."""
    known = await store.references(uow, sorted(one for one in contact_ids if one)) if contact_ids else []
    written(uow, [Written(one, changed=changed) for one in known], keys)


def merged(uow: UnitOfWork, kept: Contact, merged_id: UUID, keys: KeySet) -> None:
    """Emits that a contact became part of another."""
    [told] = references_to_proto([reference(kept)], keys, _tenant(uow))
    payload = events_pb2.ContactMerged(kept=told, merged_contact_id=str(merged_id))
    uow.emit(Event("contact.merged", "contacts", str(uow.tenant_id), payload))


def _emit(uow: UnitOfWork, kind: str, contacts: Sequence[Written], keys: KeySet) -> None:
    references = references_to_proto([one.reference for one in contacts], keys, _tenant(uow))
    for told, one in zip(references, contacts, strict=True):
        if one.changed:
            told.changed_fields.extend(dict.fromkeys(PATHS[name] for name in one.changed if name in PATHS))
    payload = events_pb2.ContactsChanged(contacts=references)
    # Events of contacts keep their order per tenant: two blocks may hold the same contact.
    uow.emit(Event(kind, "contacts", str(uow.tenant_id), payload, count=len(contacts)))


def _tenant(uow: UnitOfWork) -> UUID:
    assert uow.tenant_id is not None  # noqa: S101 - contacts belong to a tenant's unit of work
    return uow.tenant_id
