"""A service's part in export and erasure, as ContactDataService asks for it."""

from collections.abc import AsyncGenerator
from uuid import UUID

from angarium.common.v1 import contact_data_pb2 as pb
from services.common import audit
from services.common.contact_data import merged
from services.common.contact_data.erasing import ContactData, Eraser
from services.common.db.database import Database
from services.common.rpc.context import tenant
from services.common.security.keys import KeySet


class ContactDataCases:
    """What one service knows of people, given out and forgotten."""

    def __init__(self, database: Database, hash_keys: KeySet, data: ContactData) -> None:
        self._database = database
        self._data = data
        self._eraser = Eraser(database, hash_keys, data)

    async def export(
        self, request: pb.ExportContactDataRequest
    ) -> AsyncGenerator[pb.ExportContactDataResponse, None]:
        """Streams all collections, one after the other, of all contacts the person was; each is named at least once."""
        async with self._database.tenant(tenant()) as uow:
            person = await merged.person(uow, UUID(request.contact_id))
        for collection in self._data.collections:
            yield pb.ExportContactDataResponse(collection=collection.name)
            for contact_id in person:
                async with self._database.tenant(tenant()) as uow:
                    async for records in collection.read(uow, contact_id):
                        yield pb.ExportContactDataResponse(collection=collection.name, records=records)

    async def erase(self, request: pb.EraseContactDataRequest) -> pb.EraseContactDataResponse:
        """Forgets a person."""
        done, remaining = await self._eraser.erase(
            tenant(), UUID(request.contact_id), UUID(request.tombstone_id)
        )
        async with self._database.tenant(tenant()) as uow:
            await audit.record(
                uow,
                action="contact.erase",
                resource_type="privacy_request",
                resource_id=request.privacy_request_id,
                before=None,
                after={"remaining": remaining},
            )
        return pb.EraseContactDataResponse(
            stores=[
                pb.ErasedStore(
                    store=one.store,
                    deleted_count=one.deleted,
                    anonymized_count=one.anonymized,
                    shredded_key_count=one.shredded,
                )
                for one in done
            ],
            remaining_count=remaining,
        )
