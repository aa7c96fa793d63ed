"""ContactService."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc

from angarium.campaign.v1 import contact_service_pb2 as pb
from services.campaign.contacts.cases import ContactCases
from services.campaign.staff.cases import StaffCases
from services.campaign.staff.servicer import StaffServicer

Context = grpc.aio.ServicerContext[object, object]


class ContactServicer(StaffServicer):
    """Contacts and staff of a tenant."""

    def __init__(self, contacts: ContactCases, staff: StaffCases) -> None:
        super().__init__(staff)
        self._contacts = contacts

    async def UpsertContact(
        self, request: pb.UpsertContactRequest, context: Context
    ) -> pb.UpsertContactResponse:
        return await self._contacts.upsert(request)

    async def BatchUpsertContacts(
        self, requests: AsyncIterator[pb.BatchUpsertContactsRequest], context: Context
    ) -> AsyncIterator[pb.BatchUpsertContactsResponse]:
        async with aclosing(self._contacts.upsert_blocks(requests)) as responses:
            async for response in responses:
                yield response

    async def GetContact(self, request: pb.GetContactRequest, context: Context) -> pb.GetContactResponse:
        return await self._contacts.get(request)

    async def ListContacts(
        self, request: pb.ListContactsRequest, context: Context
    ) -> pb.ListContactsResponse:
        return await self._contacts.page(request)

    async def ExportContacts(
        self, request: pb.ExportContactsRequest, context: Context
    ) -> AsyncIterator[pb.ExportContactsResponse]:
        async with aclosing(self._contacts.export(request)) as responses:
            async for response in responses:
                yield response

    async def UpdateContactTags(
        self, request: pb.UpdateContactTagsRequest, context: Context
    ) -> pb.UpdateContactTagsResponse:
        return await self._contacts.update_tags(request)

    async def UpdateContactAttributes(
        self, request: pb.UpdateContactAttributesRequest, context: Context
    ) -> pb.UpdateContactAttributesResponse:
        return await self._contacts.update_attributes(request)

    async def MergeContacts(
        self, request: pb.MergeContactsRequest, context: Context
    ) -> pb.MergeContactsResponse:
        return await self._contacts.merge(request)

    async def ListContactSegments(
        self, request: pb.ListContactSegmentsRequest, context: Context
    ) -> pb.ListContactSegmentsResponse:
        return await self._contacts.segments(request)

    async def ResolveContacts(
        self, request: pb.ResolveContactsRequest, context: Context
    ) -> pb.ResolveContactsResponse:
        return await self._contacts.resolve(request)

    async def ResolveRecipients(
        self, request: pb.ResolveRecipientsRequest, context: Context
    ) -> pb.ResolveRecipientsResponse:
        return await self._contacts.resolve_recipients(request)
