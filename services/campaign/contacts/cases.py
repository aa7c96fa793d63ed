"""Use cases of contacts as ContactService asks for them: read from the request, done in one transaction, shown."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from uuid import UUID

from google.rpc import status_pb2

from angarium.campaign.v1 import contact_pb2
from angarium.campaign.v1 import contact_service_pb2 as pb
from services.campaign.contacts import convert, handlers, importing, merging, reading
from services.campaign.contacts.convert import contact_to_proto
from services.campaign.contacts.domain import Contact, Filter
from services.campaign.contacts.references import references_to_proto, registry_hashes
from services.campaign.segments.convert import segment_to_proto
from services.campaign.staff import convert as staff
from services.campaign.tenants import handlers as tenants
from services.common.addresses import canonical_email, parse_phone
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid, invalid_many
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.paging import cut, page_size, position
from services.common.rpc.context import tenant
from services.common.rpc.status import item_status
from services.common.security.keys import KeySet

_UNSAVED = UUID(int=0)
"""Stands for the id of a contact that has none yet; those of a list have theirs."""


class ContactCases:
    """Contacts of a tenant."""

    def __init__(self, database: Database, hash_keys: KeySet, moves: Sequence[merging.Move] = ()) -> None:
        self._database = database
        self._keys = hash_keys
        self._moves = moves

    async def upsert(self, request: pb.UpsertContactRequest) -> pb.UpsertContactResponse:
        """Creates or changes a contact."""
        paths = apply_mask(request.update_mask, convert.MASKABLE) if request.update_mask.paths else None

        async def effect(uow: UnitOfWork) -> pb.UpsertContactResponse:
            owner = await tenants.open_tenant(uow)
            contact, violations = reading.contact_from_proto(request.contact, owner.region_code)
            if violations:
                raise invalid_many(violations)
            saved, created = await handlers.upsert(uow, contact, paths, request.contact.etag, self._keys)
            [shown] = await self._shown(uow, [saved])
            return pb.UpsertContactResponse(contact=shown, created=created)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, "ContactService.UpsertContact", request, pb.UpsertContactResponse, effect)

    async def upsert_blocks(
        self, requests: AsyncIterator[pb.BatchUpsertContactsRequest]
    ) -> AsyncGenerator[pb.BatchUpsertContactsResponse, None]:
        """Takes blocks of contacts, one transaction each."""
        async with self._database.tenant(tenant()) as uow:
            region = (await tenants.open_tenant(uow)).region_code
        async for block in requests:
            rows = [reading.contact_from_proto(contact, region) for contact in block.contacts]
            async with self._database.tenant(tenant()) as uow:
                result = await importing.upsert_block(uow, rows, self._keys)
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

    async def get(self, request: pb.GetContactRequest) -> pb.GetContactResponse:
        """Returns a contact."""
        contact_id = UUID(request.contact_id) if request.contact_id else None
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.get(uow, contact_id, request.external_id or None)
            [shown] = await self._shown(uow, [found])
        return pb.GetContactResponse(contact=shown)

    async def page(self, request: pb.ListContactsRequest) -> pb.ListContactsResponse:
        """Lists contacts."""
        size, before = page_size(request.page_size), position(request, request.page_token)
        async with self._database.tenant(tenant()) as uow:
            region = (await tenants.tenant(uow, tenant())).region_code
            found = await handlers.page(uow, _filter(request, region), before, size + 1)
            page, token = cut(request, found, size, lambda one: one.contact_id or _UNSAVED)
            shown = await self._shown(uow, page)
        return pb.ListContactsResponse(contacts=shown, next_page_token=token)

    async def export(
        self, request: pb.ExportContactsRequest
    ) -> AsyncGenerator[pb.ExportContactsResponse, None]:
        """Writes out contacts, oldest first."""
        wanted = Filter(
            tag=request.tag,
            branch_id=UUID(request.branch_id) if request.branch_id else None,
            assigned_staff_id=request.assigned_staff_id,
        )
        after = UUID(request.after_contact_id) if request.after_contact_id else None
        async for block in handlers.every(self._database, tenant(), wanted, after):
            yield pb.ExportContactsResponse(
                contacts=[contact_to_proto(contact, reach) for contact, reach in block]
            )

    async def update_tags(self, request: pb.UpdateContactTagsRequest) -> pb.UpdateContactTagsResponse:
        """Adds and removes tags."""
        added, violations = reading.tags(request.add_tags, "add_tags")
        if violations:
            raise invalid_many(violations)
        removed = [tag.strip() for tag in request.remove_tags]

        async def effect(uow: UnitOfWork) -> pb.UpdateContactTagsResponse:
            await tenants.open_tenant(uow)
            saved = await handlers.update_tags(uow, UUID(request.contact_id), added, removed, self._keys)
            [shown] = await self._shown(uow, [saved])
            return pb.UpdateContactTagsResponse(contact=shown)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "ContactService.UpdateContactTags", request, pb.UpdateContactTagsResponse, effect
            )

    async def update_attributes(
        self, request: pb.UpdateContactAttributesRequest
    ) -> pb.UpdateContactAttributesResponse:
        """Sets and removes attributes."""
        values, violations = reading.attributes(request.set_attributes, "set_attributes")
        if violations:
            raise invalid_many(violations)

        async def effect(uow: UnitOfWork) -> pb.UpdateContactAttributesResponse:
            await tenants.open_tenant(uow)
            saved = await handlers.update_attributes(
                uow, UUID(request.contact_id), values, request.remove_keys, self._keys
            )
            [shown] = await self._shown(uow, [saved])
            return pb.UpdateContactAttributesResponse(contact=shown)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow,
                "ContactService.UpdateContactAttributes",
                request,
                pb.UpdateContactAttributesResponse,
                effect,
            )

    async def merge(self, request: pb.MergeContactsRequest) -> pb.MergeContactsResponse:
        """Makes one contact part of another."""

        async def effect(uow: UnitOfWork) -> pb.MergeContactsResponse:
            await tenants.open_tenant(uow)
            keep, merge = UUID(request.keep_contact_id), UUID(request.merge_contact_id)
            saved = await merging.merge(uow, keep, merge, self._moves, self._keys)
            [shown] = await self._shown(uow, [saved])
            return pb.MergeContactsResponse(contact=shown)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, "ContactService.MergeContacts", request, pb.MergeContactsResponse, effect)

    async def segments(self, request: pb.ListContactSegmentsRequest) -> pb.ListContactSegmentsResponse:
        """Lists the segments a contact is in."""
        size, after = page_size(request.page_size), position(request, request.page_token)
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.segments(uow, UUID(request.contact_id), after)
        shown, token = cut(request, found, size, lambda one: one.segment_id)
        return pb.ListContactSegmentsResponse(
            segments=[segment_to_proto(one) for one in shown], next_page_token=token
        )

    async def resolve(self, request: pb.ResolveContactsRequest) -> pb.ResolveContactsResponse:
        """Tells other services what they may know of contacts."""
        ids = _ids(request.contact_ids)
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.references(uow, ids)
        references = references_to_proto(found, self._keys, tenant())
        for reference, known in zip(references, found, strict=True):
            reference.registry_hashes.extend(registry_hashes(known, self._keys))
        return pb.ResolveContactsResponse(contacts=references)

    async def resolve_recipients(self, request: pb.ResolveRecipientsRequest) -> pb.ResolveRecipientsResponse:
        """Returns where contacts and staff can be reached."""
        ids = _ids(request.contact_ids)
        async with self._database.tenant(tenant()) as uow:
            contacts, members = await handlers.reachable(uow, ids, list(request.staff_ids))
        return pb.ResolveRecipientsResponse(
            contacts=[convert.reachable_to_proto(one) for one in contacts],
            staff_members=[staff.member_to_proto(one) for one in members],
        )

    async def _shown(self, uow: UnitOfWork, contacts: Sequence[Contact]) -> list[contact_pb2.Contact]:
        reaches = await handlers.reaches(uow, contacts)
        return [contact_to_proto(one, reaches.get(one.contact_id)) for one in contacts]  # type: ignore[arg-type]


def _ids(given: Sequence[str]) -> list[UUID]:
    try:
        return [UUID(contact_id) for contact_id in given]
    except ValueError:
        raise invalid("contact_ids", "must be UUIDs") from None


def _filter(request: pb.ListContactsRequest, region: str) -> Filter:
    try:
        email = canonical_email(request.email) if request.email else ""
    except ValueError as error:
        raise invalid("email", str(error)) from None
    try:
        phone = parse_phone(request.phone, region) if request.phone else ""
    except ValueError as error:
        raise invalid("phone", str(error)) from None
    return Filter(
        name_prefix=request.name_prefix,
        email_canonical=email,
        phone=phone,
        tag=request.tag,
        branch_id=UUID(request.branch_id) if request.branch_id else None,
        assigned_staff_id=request.assigned_staff_id,
    )


def _row_status(error: importing.RowError) -> status_pb2.Status:
    return item_status(invalid_many(error.violations), "campaign")
