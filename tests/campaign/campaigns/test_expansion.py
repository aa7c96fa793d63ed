"""The audience as it is written down: who, in which arm, under which id."""

from uuid import UUID

import pytest
from google.protobuf.struct_pb2 import Value

from angarium.campaign.v1 import campaign_pb2, segment_service_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from services.campaign.ledger.domain import recipient_id_of, variant_of
from services.campaign.runs.expansion import expand_once
from services.campaign.runs.store import RunKey
from tests.campaign.campaigns.conftest import Stage

ARMS = [("control", 1), ("a", 4999), ("b", 3333), ("c", 1667)]


@pytest.mark.req("CAM-102", "CAM-16", "CAM-123")
async def test_sql_draws_the_variants_and_ids_that_python_does(stage: Stage) -> None:
    contacts = await stage.contacts(3000)
    variants = [campaign_pb2.CampaignVariant(key=key, share_basis_points=share) for key, share in ARMS]
    sent = await stage.send(variants=variants)
    key = RunKey(stage.served.tenant_id, UUID(sent.run_id), UUID(sent.campaign.campaign_id))
    while await expand_once(stage.database, key, size=700):
        pass
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT recipient_id, contact_id, variant, block_no FROM campaign_recipient"
        )
        sizes = await uow.fetch_all("SELECT block_no, variant, size FROM campaign_block")
    bounds = [1, 5000, 8333, 10_000]
    assert sorted(str(contact) for _, contact, _, _ in rows) == sorted(contacts)
    found: dict[tuple[int, int], int] = {}
    for recipient_id, contact_id, variant, block in rows:
        assert variant == variant_of(key.campaign_id, contact_id, bounds) + 1
        assert recipient_id == recipient_id_of(key.run_id, contact_id)
        found[block, variant] = found.get((block, variant), 0) + 1
    assert {(block, variant): size for block, variant, size in sizes} == found


async def test_a_contact_stands_in_a_run_once_whatever_happens(stage: Stage) -> None:
    """The primary key holds it: writing a contact down again is an error, not a second line."""
    await stage.contacts(5)
    sent = await stage.send()
    key = RunKey(stage.served.tenant_id, UUID(sent.run_id), UUID(sent.campaign.campaign_id))
    await expand_once(stage.database, key)
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        await uow.execute("UPDATE campaign_run SET phase = 1, after_contact_id = NULL")
    with pytest.raises(Exception, match="pk"):
        await expand_once(stage.database, key)
    assert (await stage.assert_tally_equals_lines(sent.run_id))["pending"] == 5


@pytest.mark.req("CAM-87")
async def test_a_segment_is_asked_at_launch_and_who_comes_later_is_not_in_it(stage: Stage) -> None:
    await stage.contacts(4, customer_type="vip")
    await stage.contacts(3, tag="other", customer_type="guest")
    segments = stage.served.person(SegmentServiceStub)
    made = await segments.CreateSegment(
        segment_service_pb2.CreateSegmentRequest(
            segment=segment_service_pb2.Segment(
                name="vips",
                rule=segment_service_pb2.SegmentRule(
                    operator=segment_service_pb2.SEGMENT_OPERATOR_AND,
                    conditions=[
                        segment_service_pb2.SegmentCondition(
                            field="customer_type",
                            operator=segment_service_pb2.CONDITION_OPERATOR_EQ,
                            value=Value(string_value="vip"),
                        )
                    ],
                ),
            )
        )
    )
    campaign = await stage.approved(segment_id=made.segment.segment_id)
    await stage.contacts(2, tag="late", customer_type="vip")
    sent = await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=campaign.campaign_id))
    await stage.contacts(1, tag="later", customer_type="vip")
    await stage.worker().run_until_idle()
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 6}
