"""Use cases of DndService."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from uuid import UUID

from angarium.consent.v1 import dnd_service_pb2 as pb
from services.common import paging
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.paging import page_size
from services.common.rpc.context import current_caller, tenant
from services.consent.addresses import EVERYBODY, Hasher
from services.consent.consents import changes
from services.consent.consents import convert as consent_convert
from services.consent.directory.handlers import Directory, require_contact
from services.consent.dnd import convert, store
from services.consent.dnd.importing import Block, Importer
from services.consent.keyed import keyed_about
from services.consent.people import Subject
from services.consent.policy import store as policy_store
from services.consent.subjects import canonical_or_invalid


class Dnd:
    """The registries, and what staff asserts."""

    def __init__(self, database: Database, hasher: Hasher, directory: Directory) -> None:
        self._database = database
        self._hasher = hasher
        self._directory = directory
        self._importer = Importer(database, hasher)

    async def take(
        self, requests: AsyncIterator[pb.ImportDndRegistryRequest]
    ) -> AsyncGenerator[pb.ImportDndRegistryResponse, None]:
        """Imports a list."""
        first = await anext(aiter(requests), None)
        if first is None or not first.HasField("header"):
            raise invalid("header", "must come first")
        async with aclosing(self._importer.run(convert.header(first.header), _blocks(requests))) as progress:
            async for one in progress:
                yield convert.import_response(one)

    async def check(self, request: pb.CheckDndRequest) -> pb.CheckDndResponse:
        """Tells whether a number is listed."""
        async with self._database.tenant(tenant()) as uow:
            region = (await policy_store.load(uow)).region_code
            number = canonical_or_invalid("phone", "sms", request.phone, region)
            hashes = self._hasher.every(EVERYBODY, "sms", number)
            found = await store.listings(uow, hashes, request.registry or None)
        return pb.CheckDndResponse(is_listed=bool(found), listings=map(convert.listing, found))

    async def page(self, request: pb.ListDndImportsRequest) -> pb.ListDndImportsResponse:
        """Lists imports, newest first."""
        size = page_size(request.page_size)
        async with self._database.system() as uow:
            rows = await store.page(
                uow, request.registry or None, paging.position(request, request.page_token), size + 1
            )
        shown, token = paging.cut(request, rows, size, lambda one: one.import_id)
        return pb.ListDndImportsResponse(dnd_imports=map(convert.dnd_import, shown), next_page_token=token)

    async def set_contact(self, request: pb.SetContactDndRequest) -> pb.SetContactDndResponse:
        """Asserts do-not-disturb for a contact, or takes it back."""
        contact_id = UUID(request.contact_id)

        async def effect(uow: UnitOfWork) -> pb.SetContactDndResponse:
            await require_contact(uow, contact_id)
            await changes.set_dnd(
                uow,
                contact_id,
                is_dnd=request.is_dnd,
                change_source="staff" if current_caller().kind == "person" else "system",
                reason=request.reason,
            )
            found = await changes.summary(uow, Subject(contact_id), uow.now())
            return pb.SetContactDndResponse(summary=consent_convert.summary(found))

        return await keyed_about(
            self._database,
            self._directory,
            "DndService.SetContactDnd",
            request,
            pb.SetContactDndResponse,
            effect,
        )


async def _blocks(requests: AsyncIterator[pb.ImportDndRegistryRequest]) -> AsyncIterator[Block]:
    async for request in requests:
        if not request.HasField("rows"):
            raise invalid("header", "may come once only")
        yield convert.block(request.rows)
