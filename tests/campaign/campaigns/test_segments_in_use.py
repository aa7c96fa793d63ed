"""A segment stays while a campaign needs it; what a holdout names, no campaign reaches."""

from __future__ import annotations

from uuid import UUID

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1 import segment_service_pb2 as segments_pb
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from services.campaign.campaigns import store
from services.campaign.campaigns.checks import Checks
from services.campaign.campaigns.launch import launch
from services.campaign.runs import store as runs
from services.campaign.runs.expansion import expand_once
from services.campaign.runs.store import RunKey
from services.campaign.segments.domain import bucket
from services.common.errors import ServiceError
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.segments.asking import EQ, GT, rule, segment


async def key_of(stage: Stage, run_id: str) -> RunKey:
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        run = await runs.by_id(uow, UUID(run_id))
    assert run is not None
    return RunKey(stage.served.tenant_id, run.run_id, run.campaign_id)


@pytest.mark.req("CAM-36", "SEC-113")
async def test_a_segment_can_be_deleted_once_no_unfinished_campaign_uses_it(stage: Stage) -> None:
    await stage.contacts(2, customer_type="vip")
    stub = stage.served.person(SegmentServiceStub)
    made = (await stub.CreateSegment(segment("vips", rule("customer_type", EQ, "vip")))).segment
    draft = await stage.draft(segment_id=made.segment_id)
    deleting = segments_pb.DeleteSegmentRequest(segment_id=made.segment_id)
    with pytest.raises(ServiceError) as refused:
        await stub.DeleteSegment(deleting)
    assert refused.value.reason == "SEGMENT_IN_USE"
    await stage.stub.CancelCampaign(pb.CancelCampaignRequest(campaign_id=draft.campaign_id, reason="over"))
    await stub.DeleteSegment(deleting)


@pytest.mark.req("CAM-35", "CAM-87", "CAM-99")
async def test_whom_a_run_reaches_stays_while_it_is_written_down(stage: Stage) -> None:
    await stage.contacts(4, customer_type="vip")
    others = await stage.contacts(4, customer_type="new", tag="n")
    stub = stage.served.person(SegmentServiceStub)
    made = (await stub.CreateSegment(segment("vips", rule("customer_type", EQ, "vip")))).segment
    listed = (await stub.CreateSegment(segment("list", is_dynamic=False))).segment
    adding = segments_pb.AddSegmentMembersRequest(segment_id=listed.segment_id, contact_ids=others[:1])
    await stub.AddSegmentMembers(adding)
    adding.contact_ids[:] = others
    everybody = segments_pb.Segment(
        segment_id=made.segment_id, etag=made.etag, rule=rule("visit_count", GT, -1)
    )
    widening = segments_pb.UpdateSegmentRequest(segment=everybody, update_mask=FieldMask(paths=["rule"]))
    sent = [await stage.send(segment_id=one.segment_id) for one in (made, listed)]
    await expand_once(stage.database, await key_of(stage, sent[0].run_id), size=2)
    for call in (stub.UpdateSegment(widening), stub.AddSegmentMembers(adding)):
        with pytest.raises(ServiceError) as refused:
            await call
        assert refused.value.reason == "SEGMENT_IN_USE"
    # Its name says nothing of whom it reaches.
    renamed = segments_pb.Segment(segment_id=made.segment_id, etag=made.etag, name="Regulars")
    mask = FieldMask(paths=["name"])
    named = await stub.UpdateSegment(segments_pb.UpdateSegmentRequest(segment=renamed, update_mask=mask))
    await stage.worker().run_until_idle()
    for one, count in zip(sent, (4, 1), strict=True):
        assert await stage.assert_tally_equals_lines(one.run_id) == {"handed_over": count}
    widening.segment.etag = named.segment.etag
    assert (await stub.UpdateSegment(widening)).segment.contact_count == 8
    assert (await stub.AddSegmentMembers(adding)).added_count == 3


@pytest.mark.req("CAM-99")
async def test_a_segment_that_was_changed_since_it_was_counted_is_not_launched_to(stage: Stage) -> None:
    await stage.contacts(3, customer_type="vip")
    stub = stage.served.person(SegmentServiceStub)
    made = (await stub.CreateSegment(segment("vips", rule("customer_type", EQ, "vip")))).segment
    approved = await stage.approved(segment_id=made.segment_id)
    checks = Checks(stage.database, stage.channels)
    tenant_id = stage.served.tenant_id
    async with stage.database.tenant(tenant_id) as uow:
        known = await store.by_id(uow, UUID(approved.campaign_id))
    assert known is not None
    found = await checks.launchable(tenant_id, known)
    wider = segments_pb.Segment(segment_id=made.segment_id, etag=made.etag, rule=rule("visit_count", GT, -1))
    mask = FieldMask(paths=["rule"])
    await stub.UpdateSegment(segments_pb.UpdateSegmentRequest(segment=wider, update_mask=mask))
    with pytest.raises(ServiceError) as refused:
        async with stage.database.tenant(tenant_id) as uow:
            await launch(uow, known, found)
    assert refused.value.reason == "VERSION_CONFLICT"
    sent = await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=approved.campaign_id))
    assert sent.recipient_count == 3


@pytest.mark.req("CAM-87", "CAM-99")
async def test_a_launch_leaves_out_who_is_held_out(stage: Stage) -> None:
    await stage.contacts(400, customer_type="vip")
    stub = stage.served.person(SegmentServiceStub)
    made = (await stub.CreateSegment(segment("vips", rule("customer_type", EQ, "vip")))).segment
    held = segments_pb.Holdout(segment_id=made.segment_id, basis_points=2_500)
    holdout = (await stub.SetHoldout(segments_pb.SetHoldoutRequest(holdout=held))).holdout
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT contact_id FROM contact")
    reached = sum(bucket(holdout.salt, contact_id) >= 2_500 for (contact_id,) in rows)
    assert 260 < reached < 340
    campaign = await stage.approved(segment_id=made.segment_id)
    sent = await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=campaign.campaign_id))
    await stage.worker().run_until_idle()
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": reached}
