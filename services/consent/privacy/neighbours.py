"""What the other services are asked for: records, erasure, cancellation, and the addresses of a contact."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from angarium.common.v1 import contact_data_pb2, contact_data_pb2_grpc
from angarium.delivery.v1 import message_service_pb2, message_service_pb2_grpc
from services.common.rpc.client import Channels, as_tenant
from services.consent.directory.domain import KnownContact
from services.consent.directory.lookup import ContactLookup
from services.consent.privacy.domain import SERVICES, Erased, Request

CANCEL_REASON: Final = "contact_erased"


class Forgotten(NamedTuple):
    """What a service did to forget a person so far, and how many rows still name them."""

    stores: Sequence[Erased]
    remaining: int


class Neighbours:
    """The other three services; no call is made inside a transaction."""

    def __init__(self, channels: Channels, lookup: ContactLookup) -> None:
        self._data = {
            service: channels.stub(contact_data_pb2_grpc.ContactDataServiceStub, service)
            for service in SERVICES
        }
        self._messages = channels.stub(message_service_pb2_grpc.MessageServiceStub, "delivery")
        self._lookup = lookup

    async def records(self, service: str, request: Request) -> AsyncIterator[tuple[str, Sequence[str]]]:
        """Yields collections of a service with their records, in blocks."""
        asked = contact_data_pb2.ExportContactDataRequest(
            contact_id=str(request.contact_id), privacy_request_id=str(request.request_id)
        )
        with as_tenant(request.tenant_id):
            answers = self._data[service].ExportContactData(asked)
            async for answer in answers:
                yield answer.collection, answer.records

    async def erase(self, service: str, request: Request) -> Forgotten:
        """Lets a service forget the person; safe to repeat."""
        asked = contact_data_pb2.EraseContactDataRequest(
            contact_id=str(request.contact_id),
            privacy_request_id=str(request.request_id),
            tombstone_id=str(request.tombstone_id),
        )
        with as_tenant(request.tenant_id):
            answer = await self._data[service].EraseContactData(asked)
        stores = [
            Erased(one.store, one.deleted_count, one.anonymized_count, one.shredded_key_count)
            for one in answer.stores
        ]
        return Forgotten(stores, answer.remaining_count)

    async def cancel(self, request: Request) -> int:
        """Cancels what waits for the person; returns how many messages."""
        asked = message_service_pb2.CancelMessagesRequest(
            selector=message_service_pb2.MessageSelector(contact_id=str(request.contact_id)),
            reason=CANCEL_REASON,
            idempotency_key=f"erase-{request.request_id}",
        )
        with as_tenant(request.tenant_id):
            answer = await self._messages.CancelMessages(asked)
        return int(answer.cancelled_count)

    async def contact(self, request: Request) -> KnownContact | None:
        """Returns what campaign knows of the contact at this moment; None when it knows nothing."""
        found = await self._lookup.resolve(request.tenant_id, [request.contact_id])
        return found[0] if found else None
