"""ContactService."""

from collections.abc import AsyncIterator
from uuid import UUID

import grpc
from google.rpc import status_pb2

from angarium.campaign.v1 import contact_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceServicer
from services.campaign.contacts import convert, handlers
from services.campaign.contacts.domain import Filter
from services.campaign.tenants import handlers as tenants
from services.common.addresses import canonical_email, parse_phone
from services.common.db.database import Database
from services.common.errors import invalid, invalid_many
from services.common.idempotency import once
from services.common.masks import apply_mask
from services.common.paging import PageToken, page_size, parameters_hash
from services.common.rpc.context import tenant
from services.common.rpc.status import item_status
from services.common.security.keys import KeySet

Context = grpc.aio.ServicerContext[object, object]


class ContactServicer(ContactServiceServicer):
    """Contacts and staff of a tenant."""

    def __init__(self, database: Database, hash_keys: KeySet) -> None:
        self._database = database
        self._keys = hash_keys

    async def UpsertContact(
        self, request: pb.UpsertContactRequest, context: Context
    ) -> pb.UpsertContactResponse:
        """Creates or changes a contact."""
        paths = apply_mask(request.update_mask, convert.MASKABLE) if request.update_mask.paths else None
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.UpsertContactResponse:
                owner = await tenants.tenant(uow, tenant())
                contact, violations = convert.contact_from_proto(request.contact, owner.region_code)
                if violations:
                    raise invalid_many(violations)
                saved, created = await handlers.upsert(uow, contact, paths, self._keys)
                return pb.UpsertContactResponse(contact=convert.contact_to_proto(saved), created=created)

            response, repeated = await once(
                uow,
                method="ContactService.UpsertContact",
                key=request.idempotency_key,
                request=request,
                response_type=pb.UpsertContactResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def BatchUpsertContacts(
        self, requests: AsyncIterator[pb.BatchUpsertContactsRequest], context: Context
    ) -> AsyncIterator[pb.BatchUpsertContactsResponse]:
        """Takes blocks of contacts, one transaction each."""
        async with self._database.tenant(tenant()) as uow:
            region = (await tenants.tenant(uow, tenant())).region_code
        async for block in requests:
            rows = [convert.contact_from_proto(contact, region) for contact in block.contacts]
            async with self._database.tenant(tenant()) as uow:
                result = await handlers.upsert_block(uow, rows, self._keys)
            yield pb.BatchUpsertContactsResponse(
                block_number=block.block_number,
                created_count=result.created,
                updated_count=result.updated,
                unchanged_count=result.unchanged,
                contact_ids=[str(contact_id or "") for contact_id in result.contact_ids],
                errors=[
                    pb.ContactRowError(index=error.index, status=_row_status(error))
                    for error in result.errors
                ],
            )

    async def GetContact(self, request: pb.GetContactRequest, context: Context) -> pb.GetContactResponse:
        """Returns a contact."""
        contact_id = UUID(request.contact_id) if request.contact_id else None
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.get(uow, contact_id, request.external_id or None)
        return pb.GetContactResponse(contact=convert.contact_to_proto(found))

    async def ListContacts(
        self, request: pb.ListContactsRequest, context: Context
    ) -> pb.ListContactsResponse:
        """Lists contacts."""
        size = page_size(request.page_size)
        parameters = parameters_hash(request)
        last = PageToken.decode(request.page_token, parameters, length=1)
        async with self._database.tenant(tenant()) as uow:
            region = (await tenants.tenant(uow, tenant())).region_code
            wanted = _filter(request, region)
            found = await handlers.page(uow, wanted, UUID(last[0]) if last else None, size + 1)
        token = PageToken.encode([found[size - 1].contact_id], parameters) if len(found) > size else ""
        return pb.ListContactsResponse(
            contacts=[convert.contact_to_proto(contact) for contact in found[:size]], next_page_token=token
        )

    async def ResolveContacts(
        self, request: pb.ResolveContactsRequest, context: Context
    ) -> pb.ResolveContactsResponse:
        """Tells other services what they may know of contacts."""
        try:
            ids = [UUID(contact_id) for contact_id in request.contact_ids]
        except ValueError:
            raise invalid("contact_ids", "must be UUIDs") from None
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.references(uow, ids)
        references = convert.references_to_proto(found, self._keys, tenant())
        for reference, known in zip(references, found, strict=True):
            reference.registry_hashes.extend(convert.registry_hashes(known, self._keys))
        return pb.ResolveContactsResponse(contacts=references)

    async def ResolveRecipients(
        self, request: pb.ResolveRecipientsRequest, context: Context
    ) -> pb.ResolveRecipientsResponse:
        """Returns where contacts and staff can be reached."""
        try:
            ids = [UUID(contact_id) for contact_id in request.contact_ids]
        except ValueError:
            raise invalid("contact_ids", "must be UUIDs") from None
        async with self._database.tenant(tenant()) as uow:
            contacts, members = await handlers.reachable(uow, ids, list(request.staff_ids))
        return pb.ResolveRecipientsResponse(
            contacts=[convert.reachable_to_proto(one) for one in contacts],
            staff_members=[convert.staff_to_proto(one) for one in members],
        )

    async def UpsertStaffMember(
        self, request: pb.UpsertStaffMemberRequest, context: Context
    ) -> pb.UpsertStaffMemberResponse:
        """Creates or replaces a staff member."""
        member, violations = convert.staff_from_proto(request.staff_member)
        if violations:
            raise invalid_many(violations)
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.UpsertStaffMemberResponse:
                await handlers.save_staff(uow, member)
                return pb.UpsertStaffMemberResponse(staff_member=convert.staff_to_proto(member))

            response, repeated = await once(
                uow,
                method="ContactService.UpsertStaffMember",
                key=request.idempotency_key,
                request=request,
                response_type=pb.UpsertStaffMemberResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def ListStaffMembers(
        self, request: pb.ListStaffMembersRequest, context: Context
    ) -> pb.ListStaffMembersResponse:
        """Lists staff members."""
        size = page_size(request.page_size)
        parameters = parameters_hash(request)
        last = PageToken.decode(request.page_token, parameters, length=1)
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.staff(uow, after=last[0] if last else "", limit=size + 1)
        token = PageToken.encode([found[size - 1].staff_id], parameters) if len(found) > size else ""
        return pb.ListStaffMembersResponse(
            staff_members=[convert.staff_to_proto(member) for member in found[:size]], next_page_token=token
        )


def _filter(request: pb.ListContactsRequest, region: str) -> Filter:
    try:
        email = canonical_email(request.email) if request.email else ""
    except ValueError as error:
        raise invalid("email", str(error)) from None
    try:
        phone = parse_phone(request.phone, region) if request.phone else ""
    except ValueError as error:
        raise invalid("phone", str(error)) from None
    branch_id = UUID(request.branch_id) if request.branch_id else None
    return Filter(request.name_prefix, email, phone, request.tag, branch_id)


def _row_status(error: handlers.RowError) -> status_pb2.Status:
    return item_status(invalid_many(error.violations), "campaign")
