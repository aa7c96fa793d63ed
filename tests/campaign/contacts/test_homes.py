"""Contacts belong to branches that there are; any other is named as what is wrong."""

from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import contact_pb2, settings_service_pb2
from angarium.campaign.v1 import contact_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from services.common.errors import ServiceError
from services.common.rpc.status import from_status
from tests.campaign.conftest import create_tenant
from tests.campaign.contacts.given import batch, branch, get, names, of_branches, upsert
from tests.campaign.orders.given import event, told
from tests.house import Served


def contact(external_id: str, **fields: object) -> contact_pb2.Contact:
    return contact_pb2.Contact(external_id=external_id, **fields)


@pytest.mark.req("CAM-116", "CAM-26")
async def test_a_contact_of_a_branch_that_is_not_there_is_refused_by_its_field(campaign: Served) -> None:
    stub = campaign.person(ContactServiceStub)
    absent = str(uuid4())
    with pytest.raises(ServiceError) as refused:
        await upsert(campaign, "a", branch_id=absent)
    assert (refused.value.reason, refused.value.metadata["resource_id"]) == ("NOT_FOUND", absent)
    assert [one.field for one in refused.value.violations] == ["contact.branch_id"]
    assert await names(stub) == []
    await upsert(campaign, "b")
    moved = pb.UpsertContactRequest(
        contact=contact("b", branch_id=absent), update_mask=FieldMask(paths=["branch_id"])
    )
    with pytest.raises(ServiceError) as refused:
        await stub.UpsertContact(moved)
    assert refused.value.reason == "NOT_FOUND"
    assert (await get(campaign, external_id="b")).branch_id == ""


@pytest.mark.req("CAM-116", "GEN-31")
async def test_rows_of_branches_that_are_not_there_are_named_and_the_others_are_taken(
    campaign: Served,
) -> None:
    here = await branch(campaign)
    rows = [
        contact("a", branch_id=here),
        contact("b", branch_id=str(uuid4())),
        contact("c"),
        contact("d", branch_id=str(uuid4())),
        contact("d"),
    ]
    [answer] = await batch(campaign, rows)
    assert (answer.created_count, [one.index for one in answer.errors]) == (3, [1, 3])
    for error in answer.errors:
        [violation] = from_status(error.status, "campaign").violations
        assert violation.field == "contact.branch_id"
        assert "no branch" in violation.description
    assert (await get(campaign, external_id="a")).branch_id == here
    [again] = await batch(campaign, [contact("a", branch_id=str(uuid4()))])
    assert ([one.index for one in again.errors], again.updated_count) == ([0], 0)


@pytest.mark.req("CAM-116", "SEC-6")
async def test_another_tenants_branch_is_as_absent_as_one_that_never_was(campaign: Served) -> None:
    other = Served(campaign.service, campaign.settings, campaign.port)
    await create_tenant(other)
    theirs = await branch(other)
    [answer] = await batch(campaign, [contact("a", branch_id=theirs)])
    assert [one.index for one in answer.errors] == [0]
    with pytest.raises(ServiceError) as refused:
        await upsert(campaign, "a", branch_id=theirs)
    assert refused.value.reason == "NOT_FOUND"


@pytest.mark.req("CAM-20")
async def test_contacts_may_belong_to_an_archived_branch_which_sends_nothing(campaign: Served) -> None:
    old = await branch(campaign)
    archive = settings_service_pb2.ArchiveBranchRequest(branch_id=old)
    await campaign.person(SettingsServiceStub).ArchiveBranch(archive)
    assert (await upsert(campaign, "a", branch_id=old)).branch_id == old
    [answer] = await batch(campaign, [contact("b", branch_id=old)])
    assert (answer.created_count, list(answer.errors)) == (1, [])


@pytest.mark.req("GEN-11", "CAM-116")
async def test_who_is_limited_to_a_branch_that_is_not_there_keeps_no_contacts_in_it(campaign: Served) -> None:
    stub = of_branches(campaign, str(uuid4()))
    with pytest.raises(ServiceError) as refused:
        await stub.UpsertContact(pb.UpsertContactRequest(contact=contact("a")))
    assert refused.value.reason == "NOT_FOUND"
    [answer] = await batch(campaign, [contact("a")], stub=stub)
    assert [one.index for one in answer.errors] == [0]


@pytest.mark.req("EVT-46", "CAM-116")
async def test_an_event_of_a_branch_that_is_not_there_is_taken_without_the_branch(campaign: Served) -> None:
    here = await branch(campaign)
    ada, bob = {"user_id": "ada"}, {"user_id": "bob"}
    absent = str(uuid4())
    await told(
        campaign,
        [
            event(
                campaign, "contact.upserted", minutes=1, branch=absent, person=ada, customer_type="regular"
            ),
            event(campaign, "contact.upserted", minutes=1, person=bob, branch_id=absent, tags=["vip"]),
        ],
    )
    first, second = await get(campaign, external_id="ada"), await get(campaign, external_id="bob")
    assert (first.branch_id, first.customer_type) == ("", "regular")
    assert (second.branch_id, list(second.tags)) == ("", ["vip"])
    await told(
        campaign,
        [
            event(campaign, "contact.upserted", minutes=2, branch=here, person=ada),
            event(campaign, "contact.upserted", minutes=2, person=bob, branch_id=here),
        ],
    )
    for name in ("ada", "bob"):
        assert (await get(campaign, external_id=name)).branch_id == here
