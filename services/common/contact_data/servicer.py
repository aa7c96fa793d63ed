"""ContactDataService: the same in every service, over what each knows of a person."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc

from angarium.common.v1 import contact_data_pb2 as pb
from angarium.common.v1 import contact_data_pb2_grpc
from services.common.contact_data.cases import ContactDataCases
from services.common.contact_data.erasing import ContactData
from services.common.db.database import Database
from services.common.security.keys import KeySet
from services.common.service import Registration

Context = grpc.aio.ServicerContext[object, object]


class ContactDataServicer(contact_data_pb2_grpc.ContactDataServiceServicer):
    """A service's part in export and erasure."""

    def __init__(self, people: ContactDataCases) -> None:
        self._people = people

    async def ExportContactData(
        self, request: pb.ExportContactDataRequest, context: Context
    ) -> AsyncIterator[pb.ExportContactDataResponse]:
        async with aclosing(self._people.export(request)) as responses:
            async for response in responses:
                yield response

    async def EraseContactData(
        self, request: pb.EraseContactDataRequest, context: Context
    ) -> pb.EraseContactDataResponse:
        return await self._people.erase(request)


def registration(database: Database, hash_keys: KeySet, data: ContactData) -> Registration:
    """Returns the service as it is served beside the others of its process."""
    return Registration(
        pb.DESCRIPTOR.services_by_name["ContactDataService"],
        contact_data_pb2_grpc.add_ContactDataServiceServicer_to_server,
        ContactDataServicer(ContactDataCases(database, hash_keys, data)),
    )
