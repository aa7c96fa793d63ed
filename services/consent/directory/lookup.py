"""Contacts the directory does not know yet, asked of the service that owns them (CON-14)."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from angarium.campaign.v1 import contact_service_pb2, contact_service_pb2_grpc
from services.common.rpc.client import Channels, as_tenant
from services.consent.directory.convert import known_contact
from services.consent.directory.domain import KnownContact


class ContactLookup(Protocol):
    """Who can be asked about contacts that events have not told of yet."""

    async def resolve(self, tenant_id: UUID, contact_ids: Sequence[UUID]) -> list[KnownContact]:
        """Returns those of up to 1,000 contacts that exist."""


class CampaignLookup:
    """Asks campaign, which owns contacts."""

    def __init__(self, channels: Channels) -> None:
        self._contacts = channels.stub(contact_service_pb2_grpc.ContactServiceStub, "campaign")

    async def resolve(self, tenant_id: UUID, contact_ids: Sequence[UUID]) -> list[KnownContact]:
        """Returns those of up to 1,000 contacts that exist."""
        request = contact_service_pb2.ResolveContactsRequest(contact_ids=map(str, contact_ids))
        with as_tenant(tenant_id):
            response = await self._contacts.ResolveContacts(request)
        return [known_contact(reference) for reference in response.contacts]
