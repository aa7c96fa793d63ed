"""Calling the service of contacts as an owner of their tenant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.campaign.v1 import contact_pb2

_OWNER = "super_owner"


@asynccontextmanager
async def contacts(folder: StateFolder, tenant_id: UUID | None) -> AsyncIterator[Any]:
    """Yields the stub of contacts."""
    from angarium.campaign.v1 import contact_service_pb2_grpc
    from cli.client import PersonChannels, client_settings

    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=_OWNER) as channels:
        yield channels.stub(contact_service_pb2_grpc.ContactServiceStub, "campaign")


async def found(service: Any, key: str) -> "contact_pb2.Contact":
    """Returns a contact by its id, or by the id in the tenant's own system."""
    from angarium.campaign.v1 import contact_service_pb2 as pb
    from services.common.errors import ServiceError

    if _is_id(key):
        try:
            by_id: pb.GetContactResponse = await service.GetContact(pb.GetContactRequest(contact_id=key))
            return by_id.contact
        except ServiceError as error:
            # Ids of the tenant's own system may look like ours.
            if error.reason != "NOT_FOUND":
                raise
    answer: pb.GetContactResponse = await service.GetContact(pb.GetContactRequest(external_id=key))
    return answer.contact


async def every(service: Any, **filters: str) -> AsyncIterator["contact_pb2.Contact"]:
    """Yields contacts, oldest first; a connection that breaks off is taken up behind the last one."""
    from angarium.campaign.v1 import contact_service_pb2 as pb
    from services.common.errors import ServiceError

    request = pb.ExportContactsRequest(**filters)
    while True:
        got = 0
        try:
            async for block in service.ExportContacts(request):
                for contact in block.contacts:
                    got += 1
                    yield contact
                    request.after_contact_id = contact.contact_id
        except ServiceError as error:
            if error.reason != "DEPENDENCY_UNAVAILABLE" or not got:
                raise
        else:
            return


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
