"""What can be kept of a contact, who may see and change it, and how it is found."""

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import campaign_events_pb2, contact_pb2
from angarium.campaign.v1 import contact_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from services.common.errors import ServiceError
from tests.campaign.contacts.given import batch, branch, events, get, names, of_branches, upsert
from tests.house import Served

ENDS = Timestamp(seconds=1_800_000_000)


def struct(**values: object) -> Struct:
    found = Struct()
    found.update(values)
    return found


def contact(external_id: str, **fields: object) -> contact_pb2.Contact:
    return contact_pb2.Contact(external_id=external_id, **fields)


@pytest.mark.req("CAM-5", "CAM-27")
async def test_every_field_that_is_kept_comes_back_as_it_was_given(campaign: Served) -> None:
    given = contact(
        "a",
        branch_id=await branch(campaign),
        first_name="Anna",
        last_name="Ott",
        email="Anna@Example.com",
        phone="+49301234567",
        language_code="de",
        time_zone="Europe/Berlin",
        region_code="DE",
        source="walk_in",
        customer_type="regular",
        tags=["vip", "gold"],
        attributes=struct(plan="pro", size=4, ratio=0.5, active=True, since="2026-01-31"),
        birth_date="--02-29",
        anniversary_date="2010-06-01",
        visit_count=3,
        purchase_count=2,
        total_spend_minor=10**12,
        membership_status="active",
        membership_expire_time=ENDS,
        loyalty_points=120,
        points_expiring=20,
        points_expire_date="2026-12-31",
        assigned_staff_id="ada",
        packages=[
            contact_pb2.ContactPackage(package_ref="p", name="Ten", remaining_count=9, expire_time=ENDS),
            contact_pb2.ContactPackage(package_ref="q", name="Endless", remaining_count=1),
        ],
        first_visit_time=Timestamp(seconds=1_700_000_000),
        last_visit_time=Timestamp(seconds=1_750_000_000),
    )
    [answer] = await batch(campaign, [given])
    found = await get(campaign, contact_id=answer.contact_ids[0])
    for name in ("contact_id", "name", "state", "etag", "create_time", "update_time"):
        found.ClearField(name)
    assert found == given
    [again] = await batch(campaign, [given])
    assert again.unchanged_count == 1


@pytest.mark.req("CAM-5")
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tags": [f"t{number}" for number in range(101)]}, "contact.tags"),
        ({"tags": ["x" * 51]}, "contact.tags"),
        ({"attributes": struct(**{f"k{number}": 1 for number in range(101)})}, "contact.attributes"),
        ({"attributes": struct(**{"k" * 51: 1})}, "contact.attributes"),
        ({"attributes": struct(nested={"a": 1})}, "contact.attributes.nested"),
        ({"birth_date": "2025-02-29"}, "contact.birth_date"),
        ({"membership_status": "golden"}, "contact.membership_status"),
        ({"points_expire_date": "soon"}, "contact.points_expire_date"),
        ({"packages": [{"package_ref": "p"}, {"package_ref": "p"}]}, "contact.packages[1].package_ref"),
        ({"packages": [{"name": "x"}]}, "contact.packages[0].package_ref"),
        ({"visit_count": -1}, "contact.visit_count"),
    ],
)
async def test_what_cannot_be_kept_is_named_by_its_field(
    campaign: Served, fields: dict[str, object], field: str
) -> None:
    [answer] = await batch(campaign, [contact("a", **fields)])
    [error] = answer.errors
    assert field in str(error.status)
    assert answer.created_count == 0


@pytest.mark.req("CAM-29")
async def test_tags_and_attributes_are_added_and_removed_and_stay_within_a_hundred(campaign: Served) -> None:
    made = await upsert(campaign, "a", tags=["old", "vip"], attributes=struct(plan="free", size=1))
    stub = campaign.person(ContactServiceStub)
    tagged = await stub.UpdateContactTags(
        pb.UpdateContactTagsRequest(
            contact_id=made.contact_id, add_tags=["new", "vip"], remove_tags=["old", "never"]
        )
    )
    assert list(tagged.contact.tags) == ["vip", "new"]
    said = await stub.UpdateContactAttributes(
        pb.UpdateContactAttributesRequest(
            contact_id=made.contact_id, set_attributes=struct(plan="pro"), remove_keys=["size"]
        )
    )
    assert dict(said.contact.attributes) == {"plan": "pro"}
    for request, call in (
        (
            pb.UpdateContactTagsRequest(contact_id=made.contact_id, add_tags=[f"t{n}" for n in range(99)]),
            stub.UpdateContactTags,
        ),
        (
            pb.UpdateContactAttributesRequest(
                contact_id=made.contact_id, set_attributes=struct(**{f"k{n}": n for n in range(100)})
            ),
            stub.UpdateContactAttributes,
        ),
    ):
        with pytest.raises(ServiceError) as refused:
            await call(request)
        assert refused.value.reason == "VALIDATION_FAILED"
    [answer] = await batch(campaign, [contact("a", attributes=struct(**{f"k{n}": n for n in range(100)}))])
    assert "at most 100" in answer.errors[0].status.message + str(answer.errors[0].status)


@pytest.mark.req("EVT-115")
async def test_events_name_the_fields_that_changed(campaign: Served) -> None:
    await batch(campaign, [contact("a", email="a@example.com", tags=["x"])])
    await batch(campaign, [contact("a", email="a@example.com", tags=["y"], birth_date="--05-01")])
    await batch(campaign, [contact("a", email="b@example.com", visit_count=2)])
    told = []
    for envelope in await events(campaign):
        payload = campaign_events_pb2.ContactsChanged()
        envelope.payload.Unpack(payload)
        told.append((envelope.type, sorted(payload.contacts[0].changed_fields)))
    assert told == [
        ("contact.created", []),
        ("contact.updated", ["birth_date", "tags"]),
        ("contact.address_changed", ["email", "visit_count"]),
    ]


@pytest.mark.req("GEN-28")
async def test_an_update_of_a_version_that_is_gone_is_refused(campaign: Served) -> None:
    made = await upsert(campaign, "a", first_name="Anna")
    stub = campaign.person(ContactServiceStub)

    def renamed(name: str) -> pb.UpsertContactRequest:
        return pb.UpsertContactRequest(
            contact=contact("a", first_name=name, etag=made.etag), update_mask=FieldMask(paths=["first_name"])
        )

    await stub.UpsertContact(renamed("Ann"))
    with pytest.raises(ServiceError) as refused:
        await stub.UpsertContact(renamed("Annie"))
    assert refused.value.reason == "VERSION_CONFLICT"


@pytest.mark.req("CAM-27", "GEN-22", "GEN-21")
async def test_contacts_are_found_by_name_tag_branch_staff_and_exactly_by_their_addresses(
    campaign: Served,
) -> None:
    here = await branch(campaign)
    await batch(
        campaign,
        [
            contact("a", name="Änne Ott", email="anna@example.com", tags=["vip"], branch_id=here),
            contact("b", name="Ben Ott", phone="030 1234567", assigned_staff_id="ada"),
            contact("c", name="änna Berg"),
        ],
    )
    stub = campaign.person(ContactServiceStub)
    assert await names(stub) == ["c", "b", "a"]
    assert await names(stub, name_prefix="ÄNN") == ["c", "a"]
    assert await names(stub, name_prefix="ott") == []
    assert await names(stub, email="ANNA@example.COM") == ["a"]
    assert await names(stub, phone="+49301234567") == ["b"]
    assert await names(stub, tag="vip") == ["a"]
    assert await names(stub, branch_id=here) == ["a"]
    assert await names(stub, assigned_staff_id="ada") == ["b"]
    assert await names(stub, assigned_staff_id="ada", tag="vip") == []


@pytest.mark.req("GEN-11", "SEC-6", "SEC-28")
async def test_who_is_limited_to_branches_sees_and_keeps_contacts_of_these_only(campaign: Served) -> None:
    own, other = [await branch(campaign) for _ in range(2)]
    mine, theirs, nobodys = [
        await upsert(campaign, name, branch_id=branch_id)
        for name, branch_id in (("mine", own), ("theirs", other), ("nobodys", ""))
    ]
    stub = of_branches(campaign, own)
    assert await names(stub) == ["mine"]
    assert (await stub.GetContact(pb.GetContactRequest(external_id="mine"))).contact == mine
    for hidden in (theirs, nobodys):
        for call, request in (
            (stub.GetContact, pb.GetContactRequest(contact_id=hidden.contact_id)),
            (
                stub.UpdateContactTags,
                pb.UpdateContactTagsRequest(contact_id=hidden.contact_id, add_tags=["x"]),
            ),
            (stub.ListContactSegments, pb.ListContactSegmentsRequest(contact_id=hidden.contact_id)),
        ):
            with pytest.raises(ServiceError) as refused:
                await call(request)
            assert refused.value.reason == "NOT_FOUND"
    made = await stub.UpsertContact(pb.UpsertContactRequest(contact=contact("new")))
    assert made.contact.branch_id == own
    with pytest.raises(ServiceError) as refused:
        await stub.UpsertContact(pb.UpsertContactRequest(contact=contact("far", branch_id=other)))
    assert refused.value.reason == "PERMISSION_DENIED"
    rows = [contact("mine", tags=["x"]), contact("theirs", tags=["x"]), contact("more")]
    [answer] = await batch(campaign, [*rows, contact("far", branch_id=other)], stub=stub)
    assert ([error.index for error in answer.errors], answer.created_count, answer.updated_count) == (
        [1, 3],
        1,
        1,
    )
    blocks = [block async for block in stub.ExportContacts(pb.ExportContactsRequest())]
    assert {one.external_id for block in blocks for one in block.contacts} == {"mine", "new", "more"}


async def test_an_export_writes_out_all_in_order_and_goes_on_where_it_broke_off(campaign: Served) -> None:
    await batch(campaign, [contact(f"{number:04d}", tags=["x"]) for number in range(700)])
    stub = campaign.person(ContactServiceStub)
    blocks = [block.contacts async for block in stub.ExportContacts(pb.ExportContactsRequest(tag="x"))]
    assert [len(block) for block in blocks] == [500, 200]
    ids = [one.external_id for block in blocks for one in block]
    assert sorted(ids) == [f"{number:04d}" for number in range(700)]
    rest = pb.ExportContactsRequest(tag="x", after_contact_id=blocks[0][-1].contact_id)
    more = [one.external_id async for block in stub.ExportContacts(rest) for one in block.contacts]
    assert more == ids[500:]
    stranger = campaign.person(ContactServiceStub, "platform_admin")
    with pytest.raises(ServiceError) as refused:
        await anext(stranger.ExportContacts(pb.ExportContactsRequest()))
    assert refused.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("CAM-31")
async def test_the_segments_of_a_contact_are_those_it_is_in_now(campaign: Served) -> None:
    made = await upsert(campaign, "a", visit_count=1)
    stub = campaign.person(ContactServiceStub)
    request = pb.ListContactSegmentsRequest(contact_id=made.contact_id)
    assert [one.name for one in (await stub.ListContactSegments(request)).segments] == ["New Customers"]
    await batch(campaign, [contact("a", visit_count=2, membership_status="active")])
    now = (await stub.ListContactSegments(request)).segments
    assert {one.name for one in now} == {"Repeat Customers", "Members"}
    request.page_size = 1
    first = await stub.ListContactSegments(request)
    request.page_token = first.next_page_token
    second = await stub.ListContactSegments(request)
    assert [one.name for one in (*first.segments, *second.segments)] == [one.name for one in now]
    assert not second.next_page_token
