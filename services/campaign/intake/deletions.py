"""Accounts that neighbours deleted: consent is told, and has the person forgotten everywhere (EVT-49)."""

from typing import Final

from angarium.campaign.v1 import campaign_events_pb2 as pb
from services.campaign.contacts import store as contacts
from services.campaign.contacts.domain import ContactState
from services.campaign.intake.steps import InboundEvent
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event


class DeletionStep:
    """Tells that the account of a contact is gone; of people nobody here knows there is nothing to forget."""

    name: Final = "deletions"
    types: Final = frozenset({"user.deleted"})

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Emits `contact.account_deleted`, from which consent makes the erasure request."""
        if event.person is None:
            return
        found = await contacts.by_key(uow, external_id=event.person.user_id)
        if found is None or found.state is ContactState.ERASED:
            return
        payload = pb.ContactAccountDeleted(
            contact_id=str(found.contact_id), inbound_event_id=str(event.event_id), source=event.source
        )
        # Among the tenant's other events about contacts, so that it comes after the one that told of the contact.
        uow.emit(Event("contact.account_deleted", "contacts", str(event.tenant_id), payload))
