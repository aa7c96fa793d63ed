"""One run, campaign or tenant in trouble holds up no other (JOB-4)."""

from datetime import timedelta
from uuid import UUID

import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from services.campaign.experiments.deciding import decide_due
from services.campaign.runs import brakes, completion
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_drafts import stamp
from tests.campaign.runs.test_recurring import go_to
from tests.campaign.segments.asking import GT, rule, segment

C = campaign_pb2.Campaign


async def segment_of_all(stage: Stage) -> str:
    made = await stage.served.person(SegmentServiceStub).CreateSegment(
        segment("Everybody", rule("visit_count", GT, -1))
    )
    return made.segment.segment_id


async def spoil_segment(stage: Stage, segment_id: str) -> None:
    """Makes a rule one that this release cannot read."""
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        await uow.execute("UPDATE segment SET rule = '{}' WHERE segment_id = %s", (UUID(segment_id),))


async def spoil_campaign(stage: Stage, campaign_id: str) -> None:
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        await uow.execute(
            "UPDATE campaign SET variants = '[{}]' WHERE campaign_id = %s", (UUID(campaign_id),)
        )


@pytest.mark.req("JOB-4", "JOB-12", "JOB-13")
async def test_a_campaign_that_cannot_be_read_keeps_no_other_from_leaving_at_its_time(stage: Stage) -> None:
    await stage.contacts(2)
    spoiled = await segment_of_all(stage)
    when = stage.clock.now() + timedelta(hours=1)
    planned = []
    for more in ({"segment_id": spoiled}, {}):
        campaign = await stage.approved(**more)
        request = pb.ScheduleCampaignRequest(campaign_id=campaign.campaign_id, schedule_time=stamp(when))
        planned.append((await stage.stub.ScheduleCampaign(request)).campaign.campaign_id)
        when += timedelta(seconds=1)
    await spoil_segment(stage, spoiled)
    await go_to(stage, when)
    assert await stage.job("scheduled-campaigns") == (2, 1, 0, 1)
    assert [(await stage.get(one)).state for one in planned] == [C.STATE_SCHEDULED, C.STATE_SENDING]


@pytest.mark.req("JOB-4", "JOB-14")
async def test_a_run_that_cannot_be_written_down_keeps_no_other_from_being_sent(stage: Stage) -> None:
    await stage.contacts(2)
    spoiled = await segment_of_all(stage)
    stuck = (await stage.send(segment_id=spoiled)).campaign
    sent = (await stage.send()).campaign
    await spoil_segment(stage, spoiled)
    await stage.worker().run_until_idle()
    assert len(stage.delivery.messages) == 2
    for campaign, count in ((stuck, 0), (sent, 2)):
        assert len(await stage.recipients(campaign.campaign_id)) == count


@pytest.mark.req("JOB-4", "JOB-14", "CAM-105", "CAM-106")
async def test_a_run_that_cannot_be_read_keeps_no_other_from_ending(stage: Stage) -> None:
    await stage.contacts(2)
    stuck, sent = await stage.send(), await stage.send()
    await stage.worker().run_until_idle()
    for one in (stuck, sent):
        await stage.deliver(one.campaign.campaign_id, one.run_id)
    # Both ended; bring them back to where their end is looked for.
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        await uow.execute("UPDATE campaign_run SET state = 1")
        await uow.execute("UPDATE campaign SET state = 5")
    await spoil_campaign(stage, stuck.campaign.campaign_id)
    assert await brakes.hold_failing(stage.database) == 0
    assert await decide_due(stage.database) == 0
    assert await completion.complete_settled(stage.database) == 1
    assert (await stage.get(sent.campaign.campaign_id)).state == C.STATE_SENT
