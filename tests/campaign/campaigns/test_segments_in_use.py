"""A segment stays while a campaign needs it; what a holdout names, no campaign reaches."""

from __future__ import annotations

import pytest

from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1 import segment_service_pb2 as segments_pb
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from services.campaign.segments.domain import bucket
from services.common.errors import ServiceError
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.segments.asking import EQ, rule, segment


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
