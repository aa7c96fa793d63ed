"""Segments as somebody limited to branches meets them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import contact_service_pb2 as contacts_pb
from angarium.campaign.v1 import segment_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from services.common.errors import ServiceError
from services.common.security.jwt import issue_person
from tests.campaign.segments.asking import EQ, rule, segment
from tests.campaign.segments.given import BRANCHES, person, put
from tests.house import Served

HERE, THERE = BRANCHES
EVERYBODY = rule("language", EQ, "en")


@pytest.fixture
async def people(campaign: Served) -> dict[UUID, list[str]]:
    """Two contacts here, three there."""
    made = [person(language_code="en", branch_id=str(one)) for one in (HERE, HERE, THERE, THERE, THERE)]
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await put(uow, made)
    found: dict[UUID, list[str]] = {HERE: [], THERE: []}
    for one in made:
        found[UUID(one.columns["branch_id"])].append(str(one.contact_id))
    return found


def manager(campaign: Served, stub: Any = SegmentServiceStub, *branches: UUID) -> Any:
    own = [str(one) for one in branches or (HERE,)]
    token = issue_person(campaign.settings, campaign.tenant_id, "bea", ["branch_manager"], own)
    return campaign._stub(stub, token, None)


async def refusal(call: Awaitable[Any]) -> str:
    with pytest.raises(ServiceError) as found:
        await call
    return found.value.reason


@pytest.mark.req("CAM-33", "SEC-5", "SEC-6")
async def test_segments_of_other_branches_are_not_there_and_those_of_all_count_own_contacts_only(
    campaign: Served, people: dict[UUID, list[str]]
) -> None:
    owner, bea = campaign.person(SegmentServiceStub), manager(campaign)
    shared = (await owner.CreateSegment(segment("Everybody", EVERYBODY))).segment
    mine = (await owner.CreateSegment(segment("Here", EVERYBODY, branch_ids=[str(HERE)]))).segment
    others = (await owner.CreateSegment(segment("There", EVERYBODY, branch_ids=[str(THERE)]))).segment
    both = (await owner.CreateSegment(segment("Both", EVERYBODY, branch_ids=map(str, BRANCHES)))).segment
    custom = pb.ListSegmentsRequest(kind=pb.Segment.KIND_CUSTOM)
    listed = {one.name: one.contact_count for one in (await bea.ListSegments(custom)).segments}
    assert listed == {"Everybody": 2, "Here": 2}
    assert len((await owner.ListSegments(custom)).segments) == 4
    got = await bea.GetSegment(pb.GetSegmentRequest(segment_id=shared.segment_id))
    assert got.segment.contact_count == 2
    assert (await bea.GetSegment(pb.GetSegmentRequest(segment_id=mine.segment_id))).segment.contact_count == 2
    for other in (others.segment_id, both.segment_id):
        for call in (
            bea.GetSegment(pb.GetSegmentRequest(segment_id=other)),
            bea.ListSegmentContacts(pb.ListSegmentContactsRequest(segment_id=other)),
            bea.ExplainSegment(pb.ExplainSegmentRequest(segment_id=other)),
            bea.RefreshSegment(pb.RefreshSegmentRequest(segment_id=other)),
            bea.DeleteSegment(pb.DeleteSegmentRequest(segment_id=other)),
            bea.GetHoldout(pb.GetHoldoutRequest(segment_id=other)),
        ):
            assert await refusal(call) == "NOT_FOUND"


@pytest.mark.req("CAM-39", "SEC-5")
async def test_an_explanation_counts_contacts_of_the_callers_branches_only(
    campaign: Served, people: dict[UUID, list[str]]
) -> None:
    shared = (await campaign.person(SegmentServiceStub).CreateSegment(segment("All", EVERYBODY))).segment
    bea = manager(campaign)
    for request in (
        pb.ExplainSegmentRequest(rule=EVERYBODY),
        pb.ExplainSegmentRequest(segment_id=shared.segment_id),
    ):
        assert (await bea.ExplainSegment(request)).contact_count == 2


@pytest.mark.req("CAM-35", "CAM-36", "CAM-38", "CAM-40", "SEC-5")
async def test_segments_that_reach_beyond_the_callers_branches_are_not_changed(
    campaign: Served, people: dict[UUID, list[str]]
) -> None:
    owner, bea = campaign.person(SegmentServiceStub), manager(campaign)
    shared = (await owner.CreateSegment(segment("Everybody", EVERYBODY))).segment
    listed = (await owner.CreateSegment(segment("List", is_dynamic=False))).segment
    renamed = pb.Segment(segment_id=shared.segment_id, name="Hers", etag=shared.etag)
    only_name = FieldMask(paths=["name"])
    for call in (
        bea.UpdateSegment(pb.UpdateSegmentRequest(segment=renamed, update_mask=only_name)),
        bea.RefreshSegment(pb.RefreshSegmentRequest(segment_id=shared.segment_id)),
        bea.DeleteSegment(pb.DeleteSegmentRequest(segment_id=shared.segment_id)),
        bea.AddSegmentMembers(
            pb.AddSegmentMembersRequest(segment_id=listed.segment_id, contact_ids=people[HERE])
        ),
        bea.RemoveSegmentMembers(
            pb.RemoveSegmentMembersRequest(segment_id=listed.segment_id, contact_ids=people[HERE])
        ),
        bea.SetHoldout(pb.SetHoldoutRequest(holdout=pb.Holdout(basis_points=5_000))),
        bea.SetHoldout(
            pb.SetHoldoutRequest(holdout=pb.Holdout(segment_id=shared.segment_id, basis_points=5_000))
        ),
        bea.CreateSegment(segment("Theirs", EVERYBODY, branch_ids=[str(THERE)])),
    ):
        assert await refusal(call) == "PERMISSION_DENIED"


@pytest.mark.req("CAM-34", "CAM-35", "CAM-40", "SEC-5")
async def test_a_branch_manager_keeps_segments_of_their_own_branch_with_its_contacts(
    campaign: Served, people: dict[UUID, list[str]]
) -> None:
    bea = manager(campaign)
    made = (await bea.CreateSegment(segment("Hers", EVERYBODY))).segment
    assert (list(made.branch_ids), made.contact_count) == ([str(HERE)], 2)
    wider = pb.Segment(segment_id=made.segment_id, etag=made.etag)
    only_branches = FieldMask(paths=["branch_ids"])
    widened = bea.UpdateSegment(pb.UpdateSegmentRequest(segment=wider, update_mask=only_branches))
    assert await refusal(widened) == "PERMISSION_DENIED"
    listed = (await bea.CreateSegment(segment("List", is_dynamic=False))).segment
    added = await bea.AddSegmentMembers(
        pb.AddSegmentMembersRequest(
            segment_id=listed.segment_id, contact_ids=[*people[HERE], people[THERE][0]]
        )
    )
    assert (added.added_count, list(added.unknown_contact_ids)) == (2, [people[THERE][0]])
    kept = await bea.RefreshSegment(pb.RefreshSegmentRequest(segment_id=made.segment_id))
    assert kept.segment.contact_count == 2


@pytest.mark.req("CAM-31", "CAM-41", "SEC-5")
async def test_memberships_name_no_contact_and_no_segment_of_another_branch(
    campaign: Served, people: dict[UUID, list[str]]
) -> None:
    owner, bea = campaign.person(SegmentServiceStub), manager(campaign)
    shared = (await owner.CreateSegment(segment("Everybody", EVERYBODY))).segment
    both = (await owner.CreateSegment(segment("Both", EVERYBODY, branch_ids=map(str, BRANCHES)))).segment

    def asked(contact: str, of: str) -> pb.CheckSegmentMembershipRequest:
        return pb.CheckSegmentMembershipRequest(contact_id=contact, segment_ids=[of])

    mine, other = people[HERE][0], people[THERE][0]
    assert (await bea.CheckSegmentMembership(asked(mine, shared.segment_id))).is_member[shared.segment_id]
    assert await refusal(bea.CheckSegmentMembership(asked(other, shared.segment_id))) == "NOT_FOUND"
    assert await refusal(bea.CheckSegmentMembership(asked(mine, both.segment_id))) == "NOT_FOUND"
    request = contacts_pb.ListContactSegmentsRequest(contact_id=mine)
    seen = await manager(campaign, ContactServiceStub).ListContactSegments(request)
    assert [(one.name, one.contact_count) for one in seen.segments] == [("Everybody", 2)]
