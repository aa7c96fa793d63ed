"""Campaigns need something to leave by: without an account that carries their channel they are not launched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.delivery.v1.provider_service_pb2 import GetChannelRouteResponse
from services.common.errors import ServiceError
from tests.campaign.campaigns.conftest import Stage

OPEN = GetChannelRouteResponse.ROUTE_OPEN
NO_ACCOUNT = GetChannelRouteResponse.ROUTE_NO_ACCOUNT
DISABLED = GetChannelRouteResponse.ROUTE_CHANNEL_DISABLED
STATE = campaign_pb2.Campaign


async def warnings(stage: Stage, campaign_id: str) -> list[str]:
    """What a dry run warns of, and so an estimate."""
    request = pb.DryRunCampaignRequest(campaign_id=campaign_id)
    steps = [step async for step in stage.stub.DryRunCampaign(request)]
    return list(steps[-1].report.warnings)


@pytest.mark.req("CAM-99", "SEC-54")
async def test_a_channel_without_an_account_is_named_at_every_step_to_a_launch(stage: Stage) -> None:
    await stage.contacts(2)
    approved = await stage.approved()
    stage.delivery.route = NO_ACCOUNT
    drafted = await stage.create()
    assert "provider_not_configured" in drafted.warnings
    draft = drafted.campaign
    for refused in (
        stage.stub.SubmitCampaign(pb.SubmitCampaignRequest(campaign_id=draft.campaign_id)),
        stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=approved.campaign_id)),
    ):
        with pytest.raises(ServiceError) as found:
            await refused
        assert (found.value.reason, found.value.code) == ("PROVIDER_NOT_CONFIGURED", "MARKETING_003")
        assert found.value.metadata["channel"] == "email"
        assert "email" in found.value.message
    assert await warnings(stage, draft.campaign_id) == ["provider_not_configured"]
    assert (await stage.get(approved.campaign_id)).state == STATE.STATE_APPROVED
    stage.delivery.route = OPEN
    assert await warnings(stage, draft.campaign_id) == []
    await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=approved.campaign_id))


@pytest.mark.req("CAM-64", "CAM-99")
async def test_a_held_campaign_does_not_go_on_without_an_account(stage: Stage) -> None:
    await stage.contacts(2)
    campaign = await stage.approved()
    await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=campaign.campaign_id))
    await stage.stub.PauseCampaign(pb.PauseCampaignRequest(campaign_id=campaign.campaign_id))
    stage.delivery.route = NO_ACCOUNT
    with pytest.raises(ServiceError) as found:
        await stage.stub.ResumeCampaign(pb.ResumeCampaignRequest(campaign_id=campaign.campaign_id))
    assert found.value.reason == "PROVIDER_NOT_CONFIGURED"
    assert (await stage.get(campaign.campaign_id)).state == STATE.STATE_PAUSED


@pytest.mark.req("CAM-97")
async def test_a_channel_that_the_deployment_switched_off_is_refused_as_such(stage: Stage) -> None:
    await stage.contacts(2)
    stage.delivery.route = DISABLED
    drafted = await stage.create()
    assert "channel_disabled" in drafted.warnings
    with pytest.raises(ServiceError) as found:
        await stage.stub.SubmitCampaign(pb.SubmitCampaignRequest(campaign_id=drafted.campaign.campaign_id))
    assert (found.value.reason, found.value.metadata["channel"]) == ("CHANNEL_DISABLED", "email")


@pytest.mark.req("GEN-5", "CAM-99")
async def test_while_delivery_cannot_say_a_launch_waits_and_a_draft_is_made_all_the_same(
    stage: Stage,
) -> None:
    await stage.contacts(2)
    approved = await stage.approved()
    stage.delivery.is_silent_about_routes = True
    drafted = await stage.create()
    assert list(drafted.warnings) == ["provider_unknown"]
    assert await warnings(stage, drafted.campaign.campaign_id) == ["provider_unknown"]
    with pytest.raises(ServiceError) as found:
        await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=approved.campaign_id))
    assert found.value.reason == "DEPENDENCY_UNAVAILABLE"
    assert (await stage.get(approved.campaign_id)).state == STATE.STATE_APPROVED


@pytest.mark.req("JOB-12", "GEN-5")
async def test_a_scheduled_campaign_waits_while_nobody_can_say_and_is_given_up_without_an_account(
    stage: Stage,
) -> None:
    await stage.contacts(2)
    campaign = await stage.approved()
    request = pb.ScheduleCampaignRequest(campaign_id=campaign.campaign_id)
    request.schedule_time.FromDatetime(stage.clock.now() + timedelta(hours=1))
    await stage.stub.ScheduleCampaign(request)
    stage.clock.advance(timedelta(hours=1, minutes=1))
    stage.delivery.is_silent_about_routes = True
    await stage.job("scheduled-campaigns")
    assert (await stage.get(campaign.campaign_id)).state == STATE.STATE_SCHEDULED
    stage.delivery.is_silent_about_routes = False
    stage.delivery.route = NO_ACCOUNT
    stage.clock.advance(timedelta(minutes=1))
    await stage.job("scheduled-campaigns")
    assert (await stage.get(campaign.campaign_id)).state == STATE.STATE_APPROVED
