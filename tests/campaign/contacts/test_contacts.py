"""Contacts come in one by one or in blocks, are matched by id only, and leave as hashes."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import campaign_events_pb2, contact_pb2, contact_service_pb2
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.contacts import listing
from services.campaign.contacts.domain import Filter
from services.common.errors import ServiceError
from services.common.security.hashing import address_hash
from tests.house import Served


def contact(external_id: str, **fields: object) -> contact_pb2.Contact:
    return contact_pb2.Contact(external_id=external_id, **fields)


async def batch(
    served: Served, *blocks: Sequence[contact_pb2.Contact]
) -> list[contact_service_pb2.BatchUpsertContactsResponse]:
    stub = served.person(ContactServiceStub)

    async def requests() -> AsyncIterator[contact_service_pb2.BatchUpsertContactsRequest]:
        for number, block in enumerate(blocks, 1):
            yield contact_service_pb2.BatchUpsertContactsRequest(block_number=number, contacts=block)

    return [response async for response in stub.BatchUpsertContacts(requests())]


async def events(served: Served) -> list[EventEnvelope]:
    async with served.service.database.tenant(served.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT envelope FROM outbox WHERE type LIKE 'contact.%%' AND tenant_id = %s ORDER BY id",
            (served.tenant_id,),
        )
    return [EventEnvelope.FromString(envelope) for (envelope,) in rows]


@pytest.mark.req("CAM-26", "CAM-79")
async def test_a_block_creates_changes_and_leaves_alone_and_a_repeat_changes_nothing(
    campaign: Served,
) -> None:
    first = [
        contact("a", email="Anna@Example.com", first_name="Anna", tags=["vip"]),
        contact("b", phone="030 1234567"),
    ]
    [created] = await batch(campaign, first)
    assert (created.created_count, created.updated_count, created.unchanged_count) == (2, 0, 0)
    [again] = await batch(campaign, first)
    assert (again.created_count, again.updated_count, again.unchanged_count) == (0, 0, 2)
    assert again.contact_ids == created.contact_ids
    [changed] = await batch(campaign, [contact("a", last_name="Ott"), contact("b", phone="+49301234567")])
    assert (changed.created_count, changed.updated_count, changed.unchanged_count) == (0, 1, 1)
    stub = campaign.person(ContactServiceStub)
    found = await stub.GetContact(contact_service_pb2.GetContactRequest(external_id="a"))
    assert (found.contact.first_name, found.contact.last_name, list(found.contact.tags)) == (
        "Anna",
        "Ott",
        ["vip"],
    )


@pytest.mark.req("GEN-31")
async def test_bad_rows_are_named_with_their_field_and_good_rows_are_taken(campaign: Served) -> None:
    [response] = await batch(
        campaign,
        [
            contact("ok", email="ok@example.com"),
            contact("bad-mail", email="not an address"),
            contact("", email="nobody@example.com"),
            contact("bad-zone", time_zone="Mars/Olympus", birth_date="1999-02-30"),
            contact("bad-phone", phone="12"),
        ],
    )
    assert response.created_count == 1
    assert [bool(contact_id) for contact_id in response.contact_ids] == [True, False, False, False, False]
    assert [error.index for error in response.errors] == [1, 2, 3, 4]
    assert {error.status.message != "" for error in response.errors} == {True}


async def test_the_same_person_twice_in_one_block_is_one_contact_and_the_later_row_wins(
    campaign: Served,
) -> None:
    [response] = await batch(campaign, [contact("a", first_name="Ann"), contact("a", first_name="Anna")])
    assert (response.created_count, response.updated_count) == (1, 1)
    assert response.contact_ids[0] == response.contact_ids[1]
    stub = campaign.person(ContactServiceStub)
    found = await stub.GetContact(contact_service_pb2.GetContactRequest(external_id="a"))
    assert found.contact.first_name == "Anna"


async def test_two_imports_of_the_same_file_at_once_make_each_contact_once(campaign: Served) -> None:
    blocks = [
        [contact(f"{number}", email=f"p{number}@example.com") for number in range(start, start + 200)]
        for start in range(0, 1000, 200)
    ]
    one, other = await asyncio.gather(batch(campaign, *blocks), batch(campaign, *reversed(blocks)))
    assert sum(response.created_count for response in (*one, *other)) == 1000
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM contact") == 1000


@pytest.mark.req("EVT-12", "GEN-37", "EVT-115")
async def test_events_tell_of_contacts_by_keyed_hash_and_never_by_address(campaign: Served) -> None:
    await batch(campaign, [contact("a", email="Anna@Example.com")])
    await batch(campaign, [contact("a", email="new@example.com")])
    created, moved = await events(campaign)
    assert (created.type, moved.type) == ("contact.created", "contact.address_changed")
    payload = campaign_events_pb2.ContactsChanged()
    assert created.payload.Unpack(payload)
    [hashed] = payload.contacts[0].address_hashes
    keys = campaign.settings.hash_keys
    assert hashed.channel == enums_pb2.CHANNEL_EMAIL
    assert hashed.hash == address_hash(keys, campaign.tenant_id, "email", "anna@example.com")
    assert b"anna@example.com" not in created.SerializeToString().lower()


@pytest.mark.req("GEN-27")
async def test_an_update_changes_what_its_mask_names_and_clears_what_is_empty(campaign: Served) -> None:
    stub = campaign.person(ContactServiceStub)
    made = await stub.UpsertContact(
        contact_service_pb2.UpsertContactRequest(
            contact=contact("a", first_name="Anna", last_name="Ott", email="a@example.com")
        )
    )
    assert made.created
    changed = await stub.UpsertContact(
        contact_service_pb2.UpsertContactRequest(
            contact=contact_pb2.Contact(contact_id=made.contact.contact_id, last_name="", first_name="Ann"),
            update_mask=FieldMask(paths=["last_name"]),
        )
    )
    assert (changed.contact.first_name, changed.contact.last_name) == ("Anna", "")
    with pytest.raises(ServiceError) as refused:
        await stub.UpsertContact(contact_service_pb2.UpsertContactRequest(contact=contact("a")))
    assert refused.value.reason == "VALIDATION_FAILED"


@pytest.mark.req("GEN-26")
async def test_lists_go_page_by_page_and_a_token_is_worth_nothing_with_another_filter(
    campaign: Served,
) -> None:
    await batch(campaign, [contact(f"{number}", tags=["vip"]) for number in range(5)])
    stub = campaign.person(ContactServiceStub)
    seen: list[str] = []
    token = ""
    for _ in range(3):
        page = await stub.ListContacts(
            contact_service_pb2.ListContactsRequest(tag="vip", page_size=2, page_token=token)
        )
        seen += [one.external_id for one in page.contacts]
        token = page.next_page_token or token
    assert sorted(seen) == ["0", "1", "2", "3", "4"]
    with pytest.raises(ServiceError) as refused:
        await stub.ListContacts(
            contact_service_pb2.ListContactsRequest(tag="other", page_size=2, page_token=token)
        )
    assert refused.value.reason == "VALIDATION_FAILED"


@pytest.mark.req("SEC-6")
async def test_another_tenants_contact_is_not_found(campaign: Served) -> None:
    [made] = await batch(campaign, [contact("a")])
    other = uuid4()
    foreign = campaign.person(ContactServiceStub, tenant_id=other)
    with pytest.raises(ServiceError) as refused:
        await foreign.GetContact(contact_service_pb2.GetContactRequest(contact_id=made.contact_ids[0]))
    assert refused.value.reason == "NOT_FOUND"
    service = campaign.caller(ContactServiceStub, "consent", tenant_id=other)
    answer = await service.ResolveContacts(
        contact_service_pb2.ResolveContactsRequest(contact_ids=made.contact_ids)
    )
    assert not answer.contacts


@pytest.mark.req("SEC-1", "SEC-5")
async def test_a_receptionist_may_keep_contacts_and_a_stranger_may_not(campaign: Served) -> None:
    request = contact_service_pb2.UpsertContactRequest(contact=contact("a"))
    await campaign.person(ContactServiceStub, "receptionist").UpsertContact(request)
    with pytest.raises(ServiceError) as refused:
        await campaign.stranger(ContactServiceStub).UpsertContact(request)
    assert refused.value.reason == "UNAUTHENTICATED"


@pytest.mark.req("CAM-28", "DEL-57", "SEC-6")
async def test_delivery_learns_where_contacts_and_staff_can_be_reached_and_nobody_else_does(
    campaign: Served,
) -> None:
    [made] = await batch(
        campaign,
        [contact("a", email="Anna@Example.com", phone="030 1234567", language_code="de", name="Anna Ott")],
    )
    member = contact_pb2.StaffMember(staff_id="ada", name="Ada", email="ada@bazaar.example")
    await campaign.person(ContactServiceStub).UpsertStaffMember(
        contact_service_pb2.UpsertStaffMemberRequest(staff_member=member)
    )
    request = contact_service_pb2.ResolveRecipientsRequest(
        contact_ids=[made.contact_ids[0], str(uuid4())], staff_ids=["ada", "nobody"]
    )
    answer = await campaign.caller(ContactServiceStub, "delivery").ResolveRecipients(request)
    [anna] = answer.contacts
    assert (anna.contact_id, anna.name, anna.email) == (made.contact_ids[0], "Anna Ott", "Anna@Example.com")
    assert (anna.phone, anna.language_code) == ("+49301234567", "de")
    assert [one.email for one in answer.staff_members] == ["ada@bazaar.example"]
    other = campaign.caller(ContactServiceStub, "delivery", tenant_id=uuid4())
    assert not (await other.ResolveRecipients(request)).contacts
    for stub in (campaign.caller(ContactServiceStub, "consent"), campaign.person(ContactServiceStub)):
        with pytest.raises(ServiceError) as refused:
            await stub.ResolveRecipients(request)
        assert refused.value.reason == "PERMISSION_DENIED"


async def test_a_name_is_found_by_how_it_begins_without_looking_at_all_others(campaign: Served) -> None:
    found = ("ärmel Ott", "ÄRGER", "ärger", "Arno", "ärz😀", "zoe")
    await batch(campaign, [contact(f"p-{number}", name=name) for number, name in enumerate(found)])
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        wanted = Filter(name_prefix="ARN")
        assert [one.name for one in await listing.page(uow, wanted, None, 9)] == ["Arno"]
        wanted = Filter(name_prefix="ärZ")
        assert [one.name for one in await listing.page(uow, wanted, None, 9)] == ["ärz😀"]
        names = {one.name for one in await listing.page(uow, Filter(name_prefix="ärM"), None, 9)}
        assert names == {"ärmel Ott"}
        query, params = listing._listed(uow, Filter(name_prefix="Ada"))
        await uow.execute("SELECT set_config('enable_seqscan', 'off', true)")
        rows = await uow.fetch_all(f"EXPLAIN {query}", params, prepare=False)
    plan = "\n".join(line for (line,) in rows)
    assert "ix_contact_name" in plan, plan
    assert re.search(r"Index Cond: .*name_folded >= 'ada'", plan), plan
