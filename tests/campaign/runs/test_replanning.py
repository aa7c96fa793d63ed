"""What becomes of planned campaigns when their tenant moves to another zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import campaign_pb2, settings_service_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from services.campaign.campaigns.wiring import worker
from services.campaign.runs import expansion
from services.campaign.runs.store import RunKey
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_drafts import stamp
from tests.campaign.runs.test_recurring import at, scheduled, send_out
from tests.campaign.runs.test_recurring import go_to as wait_for
from tests.campaign.runs.test_zones import HOME, arrived, at_ten, go_to, people

C = campaign_pb2.Campaign
BERLIN, NEW_YORK = ZoneInfo(HOME), ZoneInfo("America/New_York")


async def move(stage: Stage, zone: str) -> None:
    admin = stage.served.person(SettingsServiceStub, "platform_admin")
    tenant_id = str(stage.served.tenant_id)
    known = (await admin.GetTenant(settings_service_pb2.GetTenantRequest(tenant_id=tenant_id))).tenant
    await admin.UpdateTenant(
        settings_service_pb2.UpdateTenantRequest(
            tenant=settings_service_pb2.Tenant(tenant_id=tenant_id, etag=known.etag, default_time_zone=zone),
            update_mask=FieldMask(paths=["default_time_zone"]),
        )
    )


def shown(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


async def plan(stage: Stage, planned: datetime, **changes: object) -> campaign_pb2.Campaign:
    campaign = await stage.approved(**changes)
    request = pb.ScheduleCampaignRequest(campaign_id=campaign.campaign_id, schedule_time=stamp(planned))
    return (await stage.stub.ScheduleCampaign(request)).campaign


@pytest.mark.req("CAM-103", "JOB-13")
async def test_the_next_occurrence_is_at_its_time_in_the_new_zone_and_comes_once_a_day(stage: Stage) -> None:
    await stage.contacts(2)
    campaign = await scheduled(stage)
    before = at(campaign, "next_run_time")
    await move(stage, "America/New_York")
    after = at(await stage.get(campaign.campaign_id), "next_run_time")
    assert shown(after, NEW_YORK) == shown(before, BERLIN)
    # What was the time in the old zone says nothing any more.
    await wait_for(stage, before)
    assert await stage.job("scheduled-campaigns") == (0, 0, 0, 0)
    await wait_for(stage, after)
    await send_out(stage, campaign.campaign_id)
    [run] = await stage.runs(campaign.campaign_id)
    assert (at(run, "plan_time"), run.counts.sent) == (after, 2)
    following = at(await stage.get(campaign.campaign_id), "next_run_time")
    assert shown(following, NEW_YORK) == shown(after, NEW_YORK) + timedelta(days=1)
    assert "campaign.replan" in await stage.audited()


@pytest.mark.req("CAM-62", "CAM-103")
async def test_everybody_gets_it_at_the_time_that_was_meant_after_the_tenant_moved(stage: Stage) -> None:
    of = await people(stage)
    planned = at_ten(stage, 3)
    campaign = await plan(stage, planned, schedule_zone=C.SCHEDULE_ZONE_RECIPIENT)
    await move(stage, "America/New_York")
    moved = at(await stage.get(campaign.campaign_id), "schedule_time")
    local = shown(planned, BERLIN)
    assert shown(moved, NEW_YORK) == local
    tokyo = local.replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    await go_to(stage, tokyo - timedelta(minutes=1))
    assert arrived(stage, of) == {}
    await go_to(stage, tokyo)
    assert arrived(stage, of) == {"Asia/Tokyo": 2}
    await go_to(stage, planned)
    # Those whose zone nobody knows are where the tenant is now.
    assert arrived(stage, of) == {"Asia/Tokyo": 2, HOME: 2}


@pytest.mark.req("CAM-100", "CAM-103")
async def test_a_run_that_is_half_written_down_keeps_the_times_that_were_meant(stage: Stage) -> None:
    of = await people(stage)
    planned = at_ten(stage, 3)
    await plan(stage, planned, schedule_zone=C.SCHEDULE_ZONE_RECIPIENT)
    stage.clock.advance(planned - timedelta(hours=12) - stage.clock.now())
    await stage.job("scheduled-campaigns")
    tenant_id = stage.served.tenant_id
    async with stage.database.tenant(tenant_id) as uow:
        [key] = await uow.fetch_all("SELECT tenant_id, run_id, campaign_id FROM campaign_run")
    assert await expansion.expand_once(stage.database, RunKey(*key), size=3)
    await move(stage, "America/New_York")
    await worker(stage.database, stage.channels, stage.settings).run_until_idle()
    tokyo = shown(planned, BERLIN).replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    await go_to(stage, tokyo - timedelta(minutes=1))
    assert arrived(stage, of) == {}
    await go_to(stage, tokyo)
    assert arrived(stage, of) == {"Asia/Tokyo": 2}


@pytest.mark.req("CAM-62")
async def test_the_time_of_any_other_campaign_is_an_instant_and_stays(stage: Stage) -> None:
    await stage.contacts(1)
    planned = at_ten(stage, 2)
    campaign = await plan(stage, planned)
    await move(stage, "Asia/Tokyo")
    stays = await stage.get(campaign.campaign_id)
    assert (at(stays, "schedule_time"), stays.etag) == (planned, campaign.etag)
