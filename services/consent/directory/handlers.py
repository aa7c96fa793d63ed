"""Keeping the directory: from events as they come, and by asking when they are late."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import failed, not_found
from services.consent.directory import store
from services.consent.directory.domain import KnownContact
from services.consent.directory.lookup import ContactLookup

T = TypeVar("T")


class MissingContactsError(Exception):
    """Raised inside a unit of work when the directory does not know contacts the work is about."""

    def __init__(self, contact_ids: Sequence[UUID]) -> None:
        super().__init__(f"{len(contact_ids)} contacts are not in the directory")
        self.contact_ids = contact_ids


class Directory:
    """The contact directory of all tenants."""

    def __init__(self, database: Database, lookup: ContactLookup) -> None:
        self._database = database
        self._lookup = lookup

    async def learn(self, tenant_id: UUID, contact_ids: Sequence[UUID]) -> set[UUID]:
        """Asks for contacts, stores those that exist and returns their ids; runs outside of any transaction."""
        asked_at = self._database.clock.now()
        found = await self._lookup.resolve(tenant_id, contact_ids)
        if found:
            async with self._database.tenant(tenant_id) as uow:
                await store.upsert(uow, found, asked_at)
        return {contact.contact_id for contact in found}

    async def registry_hashes(self, tenant_id: UUID, contact_id: UUID) -> tuple[bytes, ...]:
        """Returns how registries know a contact's number, asked of its owner; runs outside of any transaction."""
        found = await self._lookup.resolve(tenant_id, [contact_id])
        return found[0].registry_hashes if found else ()

    async def with_contacts(self, tenant_id: UUID, work: Callable[[], Awaitable[T]]) -> T:
        """Does work that raises MissingContactsError once more after asking for those it missed.

        Raises:
            ServiceError: NOT_FOUND when one of them exists nowhere.
        """
        try:
            return await work()
        except MissingContactsError as missing:
            known = await self.learn(tenant_id, missing.contact_ids)
            for contact_id in missing.contact_ids:
                if contact_id not in known:
                    raise not_found("contact", str(contact_id)) from None
        return await work()


async def require_contact(uow: UnitOfWork, contact_id: UUID) -> None:
    """Returns when the directory knows a contact that was not erased.

    Raises:
        MissingContactsError: The directory does not know it.
        ServiceError: CONTACT_ERASED.
    """
    state = (await store.states(uow, [contact_id])).get(contact_id)
    if state is None:
        raise MissingContactsError([contact_id])
    if state == "erased":
        raise failed("CONTACT_ERASED", "the contact was erased", contact_id=str(contact_id))


async def see_contacts(uow: UnitOfWork, contacts: Sequence[KnownContact], seen_at: datetime) -> None:
    """Stores what an event tells of contacts."""
    await store.upsert(uow, contacts, seen_at)
